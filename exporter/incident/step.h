// The judgement, pure: a target's state and one verdict in, the next state and what happened out. No clock,
// no I/O.
//
// Failures open an incident when `failure_threshold` of them stand in a row; its onset is the first of the
// row. Successes close it when `success_threshold` stand in a row; its end is the first of that row. An
// unknown target is up after its first success, having nothing to recover from. An inconclusive verdict moves
// nothing: it neither counts nor breaks a row. A target is down exactly while it has an open incident.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "probes/core/clock.h"
#include "probes/core/failure.h"
#include "probes/core/probe.h"

namespace lookout {

enum class State : std::uint8_t { unknown, up, degraded, down };
inline constexpr std::size_t kStateCount = 4;
std::string_view name(State state);

struct Policy {
  int failure_threshold = 3;  // 1 and less: the first failure
  int success_threshold = 2;
  std::optional<Duration> degraded_above;
};

struct OpenIncident {
  WallTime onset;     // start of the first failing probe of the row
  WallTime detected;  // end of the probe that crossed the threshold
  Failure failure;    // of the probe that crossed it
  bool operator==(const OpenIncident&) const = default;
};

struct TargetState {
  State state = State::unknown;
  int failures_in_row =
      0;  // at most one of the two rows is not empty; both are before the first conclusive probe
  int successes_in_row = 0;
  WallTime row_start;  // start of the first probe of the current row
  std::optional<OpenIncident> incident;
  bool operator==(const TargetState&) const = default;
};

// What one verdict caused, besides the state: at most one incident opened or closed.
struct IncidentOpened {
  OpenIncident incident;
};
struct IncidentClosed {
  OpenIncident incident;
  WallTime recovered;  // start of the first succeeding probe of the closing row
};
using IncidentEvent = std::variant<std::monostate, IncidentOpened, IncidentClosed>;

struct Step {
  TargetState next;
  IncidentEvent event;
};

// The parts of a probe's result that judgement may use.
struct Judged {
  Verdict verdict;
  WallTime started;
  Duration duration;
  const Failure* failure = nullptr;  // when down
};

[[nodiscard]] Step step(const TargetState& state, const Policy& policy, const Judged& probe);

}  // namespace lookout
