// An attempt to bring a target back, as it is kept with its incident and told: a value that outlives the
// process. Who decides on it, exporter/recovery says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "probes/core/clock.h"

namespace lookout {

// What a decision to act must pass, in this order. The names are labels of lookout_recovery_refusals_total.
enum class RecoveryGate : std::uint8_t {
  mode,
  incident,
  conclusive,
  maintenance,
  dependency,
  flapping,
  plan,
  brake,
  leader,
  attempts,
  cooldown,
  budget,
  breaker,
  scope
};
inline constexpr std::size_t kGateCount = 14;
std::string_view name(RecoveryGate gate);

enum class AttemptState : std::uint8_t {
  waiting,      // for a person's approval
  reserved,     // about to be carried out, or being so
  settling,     // carried out; whether it helped, the target's probes will tell
  recovered,    // the incident ended after it
  ineffective,  // the target failed on, or failed again soon
  failed,       // not carried out
  ambiguous,    // may or may not have been carried out; never done a second time
  observed,     // would have been carried out
  expired,      // nobody approved in time
  withdrawn     // not begun after all
};
inline constexpr std::size_t kAttemptStateCount = 10;
std::string_view name(AttemptState state);
std::optional<AttemptState> parse_attempt_state(std::string_view text);

struct RecoveryAttempt {
  std::string id;        // its incident's, a point, and a number
  std::string incident;  // its id
  std::string target, plan, action;
  std::size_t step = 0;    // of the plan
  std::string failure;     // "connect/refused"
  bool fail_back = false;  // undoes an earlier one
  AttemptState state = AttemptState::waiting;
  WallTime decided;
  std::optional<WallTime> started, ended;
  std::optional<WallTime> settled;  // from then on failures show that it did not help
  Duration took{};
  std::string by;        // the person who approved it, or the alert that asked; empty: nobody
  std::string result;    // one line: "exit status 0"
  std::string output;    // what it printed or was answered
  std::string evidence;  // the probe before it, as JSON of exporter/report
  bool operator==(const RecoveryAttempt&) const = default;

  // It was done, or may have been: counts against every limit.
  bool acted() const;
  bool did_not_help() const;
  // Decided and not over yet: nothing else is done to the target meanwhile.
  bool pending() const;
};

}  // namespace lookout
