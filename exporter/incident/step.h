// The judgement, pure: a target's state, one verdict and the circumstances in, the next state and what
// happened out. No clock, no I/O.
//
// Failures open an incident when `failure_threshold` of them stand in a row; its onset is the first of the
// row. Successes close it when `success_threshold` stand in a row; its end is the first of that row. An
// unknown target is up after its first success, having nothing to recover from. An inconclusive verdict moves
// nothing: it neither counts nor breaks a row.
//
// A target that has crossed the threshold is down. It has an open incident, or, under a hold (maintenance, a
// pause, something it depends on is down), an outage that is held: nobody is told until the hold ends. Ends
// it with the target still down, the incident opens with its true onset; recovers the target before, the
// outage is let go. A hold that begins later leaves an open incident open.
//
// While the verdicts flap (flapping.h) an open incident stays open: one long incident instead of forty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/incident/flapping.h"
#include "exporter/incident/moment.h"
#include "probes/core/failure.h"
#include "probes/core/probe.h"

namespace lookout {

enum class State : std::uint8_t { unknown, up, degraded, down };
inline constexpr std::size_t kStateCount = 4;
std::string_view name(State state);
std::optional<State> parse_state(std::string_view text);

struct Policy {
  int failure_threshold = 3;  // 1 and less: the first failure
  int success_threshold = 2;
  std::optional<Duration> degraded_above;
};

// Why nobody is told that a target is down.
enum class Hold : std::uint8_t { none, maintenance, paused, dependency, verifying };
std::string_view name(Hold hold);
std::optional<Hold> parse_hold(std::string_view text);

// What holds at the moment of a judgement.
struct Circumstances {
  bool isolated = false;  // this instance distrusts itself: every verdict is inconclusive
  Hold hold = Hold::none;
  std::string by;  // the dependency, the maintenance's reason
};

struct Outage {
  Moment onset;  // start of the first failing probe of the row
  Moment
      detected;  // end of the probe that crossed the threshold; of a held one that opened later: its opening
  Failure failure;  // of the probe that crossed it
  Failure latest;   // of the newest failing probe
  bool flapped = false;
  bool operator==(const Outage&) const = default;
};

struct HeldOutage {
  Outage outage;
  Hold hold = Hold::none;
  std::string by;  // as in Circumstances
  bool operator==(const HeldOutage&) const = default;
};

struct TargetState {
  State state = State::unknown;
  // At most one of the two rows is not empty; both are before the first conclusive probe.
  int failures_in_row = 0;
  int successes_in_row = 0;
  Moment row_start;  // start of the first probe of the current row
  FlapHistory flaps;
  std::optional<Outage> incident;  // down, and told
  std::optional<HeldOutage> held;  // down, and not told; never both
  bool operator==(const TargetState&) const = default;
};

enum class Change : std::uint8_t {
  opened,           // at: detected
  closed,           // at: start of the first succeeding probe of the closing row
  held,             // crossed the threshold under a hold; at: detected
  let_go,           // recovered while held; at: as closed
  failure_changed,  // of an open incident, another stage or cause
  flapping_began,
  flapping_ended,
};
std::string_view name(Change change);

struct IncidentEvent {
  Change change;
  Moment at;
  std::optional<Outage> outage;  // as it stands after this event, or stood before it was closed or let go
  Hold hold = Hold::none;        // of held, let_go, and opened after that: what holds or held it
  std::string by = {};
};

struct Step {
  TargetState next;
  std::vector<IncidentEvent> events;  // in order
};

// The parts of a probe's result that judgement may use.
struct Judged {
  Verdict verdict;
  Moment started;
  Duration duration;
  const Failure* failure = nullptr;  // when down
};

[[nodiscard]] Step step(const TargetState& state, const Policy& policy, const Judged& probe,
                        const Circumstances& circumstances = {});

// Without a probe, when circumstances have changed: opens the incident of an outage that nothing holds any
// more.
[[nodiscard]] Step reconsider(const TargetState& state, const Circumstances& circumstances, Moment now);

// Whether a restart would judge otherwise after the one than after the other.
bool differ_for_restart(const TargetState& one, const TargetState& other);

// The state in which a process takes up again what another left `gap` ago: rows of probes that are not of one
// piece any more begin anew, since nobody knows what was between; incidents and held outages stay.
TargetState resumed(TargetState state, Duration gap, Duration interval);

}  // namespace lookout
