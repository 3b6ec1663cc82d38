// What recovery can do: one action, carried out once, on the loop of the services it is lent. Knows no
// target's state, no limit and no journal: whether and when something is done, exporter/recovery decides.
//
// The end says what is known of the outside, not whether the target is well again, which only its probes
// tell: an action that may have begun and whose end nobody saw is ambiguous, and is not done a second time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/actions/action_config.h"
#include "probes/core/probe.h"
#include "probes/core/task.h"

namespace lookout {

// What an action is told of the incident that it is for.
struct ActionCause {
  std::string target, address;
  std::string incident;      // its id
  std::string attempt;       // its id: unique over all attempts, for those who want to tell one from another
  std::string stage, cause;  // of the failure; empty: none
};

enum class ActionEnd : std::uint8_t {
  done,      // the one who carries it out said so: exit status 0, 2xx, job done
  failed,    // it said no, or nothing was begun
  ambiguous  // begun, and the end is not known
};
std::string_view name(ActionEnd end);

struct ActionResult {
  ActionEnd end = ActionEnd::failed;
  std::string summary;  // one line for people: "exit status 1", "HTTP 503", "not begun: ..."
  std::string output;   // what it printed or was answered; at most kMaximumOutput bytes, no secret, UTF-8

  static constexpr std::size_t kMaximumOutput = 4096;
};

// Lent to the kind that carries the action out. A kind sets `begun` before the first moment at which the
// outside may have been touched, so that whoever cuts it off knows what to make of it.
struct ActionRun {
  ProbeRun& net;  // for everything in probes/net
  bool begun = false;
  std::string output = {};                // so far; kept when the time is over
  std::vector<std::string> secrets = {};  // of the action's configuration: never in what is told of it
};

// Of one whose end nobody saw: failed where nothing was begun, otherwise ambiguous.
ActionResult without_end(const ActionRun& run, const std::string& why);

// Ends at the action's timeout, whatever the other side does. `action` is held until then.
Task<ActionResult> run_action(std::shared_ptr<const ActionConfig> action, ActionCause cause,
                              ProbeServices& services);

// With "<secret>" in place of each secret that is long enough to be one.
std::string masked(std::string_view text, std::span<const std::string> secrets);

// The end of it, bounded, UTF-8, without control characters but line feeds, secrets masked.
std::string shown_output(std::string_view output, std::span<const std::string> secrets);

}  // namespace lookout
