#include "exporter/incident/step.h"

#include <array>
#include <limits>
#include <utility>

namespace lookout {
namespace {

// Adds the probe to its row, which it begins if the last conclusive verdict was the other one.
void extend_row(TargetState& state, int TargetState::* row, int TargetState::* other, WallTime started) {
  if (state.*row == 0) state.row_start = started;
  if (state.*row < std::numeric_limits<int>::max()) ++(state.*row);
  state.*other = 0;
}

IncidentEvent succeed(TargetState& state, const Policy& policy, const Judged& probe) {
  extend_row(state, &TargetState::successes_in_row, &TargetState::failures_in_row, probe.started);
  if (state.incident && state.successes_in_row < policy.success_threshold) return {};
  const bool slow = policy.degraded_above && probe.duration > *policy.degraded_above;
  state.state = slow ? State::degraded : State::up;
  if (!state.incident) return {};
  return IncidentClosed{*std::exchange(state.incident, std::nullopt), state.row_start};
}

IncidentEvent fail(TargetState& state, const Policy& policy, const Judged& probe) {
  extend_row(state, &TargetState::failures_in_row, &TargetState::successes_in_row, probe.started);
  if (state.incident || state.failures_in_row < policy.failure_threshold) return {};
  const WallTime detected = probe.started + std::chrono::duration_cast<WallTime::duration>(probe.duration);
  state.state = State::down;
  state.incident =
      OpenIncident{state.row_start, detected, probe.failure != nullptr ? *probe.failure : Failure{}};
  return IncidentOpened{*state.incident};
}

}  // namespace

std::string_view name(State state) {
  static constexpr std::array<std::string_view, kStateCount> kNames{"unknown", "up", "degraded", "down"};
  return kNames[static_cast<std::size_t>(state)];
}

Step step(const TargetState& state, const Policy& policy, const Judged& probe) {
  Step result{state, {}};
  switch (probe.verdict) {
    case Verdict::up:
      result.event = succeed(result.next, policy, probe);
      break;
    case Verdict::down:
      result.event = fail(result.next, policy, probe);
      break;
    case Verdict::inconclusive:
      break;
  }
  return result;
}

}  // namespace lookout
