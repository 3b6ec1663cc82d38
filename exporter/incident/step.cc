#include "exporter/incident/step.h"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>
#include <utility>

#include "probes/core/enum_names.h"

namespace lookout {
namespace {

constexpr std::array<std::string_view, kStateCount> kStateNames{"unknown", "up", "degraded", "down"};
constexpr std::array<std::string_view, 5> kHoldNames{"none", "maintenance", "paused", "dependency",
                                                     "verifying"};
constexpr std::array<std::string_view, 7> kChangeNames{
    "opened", "closed", "held", "let_go", "failure_changed", "flapping_began", "flapping_ended"};

// A restart within so many intervals, or a minute, finds a row of failures still to be one.
constexpr int kIntervalsOfOnePiece = 10;
constexpr Duration kShortestOnePiece = std::chrono::minutes(1);

Moment end_of(const Judged& probe) {
  return {probe.started.wall + std::chrono::duration_cast<WallTime::duration>(probe.duration),
          probe.started.steady + probe.duration};
}

// Adds the probe to its row, which it begins if the last conclusive verdict was the other one.
void extend_row(Step& step, int TargetState::* row, int TargetState::* other, const Judged& probe) {
  TargetState& state = step.next;
  const bool first_of_all = state.*row == 0 && state.*other == 0;
  if (!first_of_all) {
    const bool flapped = state.flaps.flapping();
    state.flaps.enter(state.*row == 0);
    if (state.incident && state.flaps.flapping()) state.incident->flapped = true;
    if (state.flaps.flapping() != flapped)
      step.events.push_back(
          {flapped ? Change::flapping_ended : Change::flapping_began, end_of(probe), state.incident});
  }
  if (state.*row == 0) state.row_start = probe.started;
  if (state.*row < std::numeric_limits<int>::max()) ++(state.*row);
  state.*other = 0;
}

void open(Step& step, Outage outage, Moment at) {
  outage.detected = at;
  step.next.incident = outage;
  const HeldOutage held = std::exchange(step.next.held, std::nullopt).value_or(HeldOutage());
  step.events.push_back({Change::opened, at, std::move(outage), held.hold, held.by});
}

void succeed(Step& step, const Policy& policy, const Judged& probe) {
  TargetState& state = step.next;
  extend_row(step, &TargetState::successes_in_row, &TargetState::failures_in_row, probe);
  if (state.state == State::down && state.successes_in_row < policy.success_threshold) return;
  if (state.incident && state.flaps.flapping()) return;
  const bool slow = policy.degraded_above && probe.duration > *policy.degraded_above;
  state.state = slow ? State::degraded : State::up;
  if (auto incident = std::exchange(state.incident, std::nullopt))
    step.events.push_back({Change::closed, state.row_start, std::move(incident)});
  if (auto held = std::exchange(state.held, std::nullopt))
    step.events.push_back(
        {Change::let_go, state.row_start, std::move(held->outage), held->hold, std::move(held->by)});
}

void fail_again(Step& step, const Failure& failure, Moment at) {
  Outage& incident = *step.next.incident;
  const bool same = incident.latest.stage == failure.stage && incident.latest.cause == failure.cause;
  if (same) return;
  incident.latest = failure;
  step.events.push_back({Change::failure_changed, at, incident});
}

void hold(Step& step, Outage outage, const Circumstances& circumstances, Moment at) {
  const bool first = !step.next.held;
  step.next.held = HeldOutage{outage, circumstances.hold, circumstances.by};
  if (first)
    step.events.push_back({Change::held, at, std::move(outage), circumstances.hold, circumstances.by});
}

void fail(Step& step, const Policy& policy, const Judged& probe, const Circumstances& circumstances) {
  TargetState& state = step.next;
  extend_row(step, &TargetState::failures_in_row, &TargetState::successes_in_row, probe);
  const Failure failure = probe.failure != nullptr ? *probe.failure : Failure{};
  const Moment at = end_of(probe);
  if (state.incident) return fail_again(step, failure, at);
  if (!state.held && state.failures_in_row < policy.failure_threshold) return;
  state.state = State::down;
  Outage outage =
      state.held ? state.held->outage : Outage{state.row_start, at, failure, failure, state.flaps.flapping()};
  if (circumstances.hold == Hold::none) return open(step, std::move(outage), at);
  hold(step, std::move(outage), circumstances, at);
}

}  // namespace

std::string_view name(State state) { return kStateNames[static_cast<std::size_t>(state)]; }
std::optional<State> parse_state(std::string_view text) { return parse_name<State>(kStateNames, text); }
std::string_view name(Hold hold) { return kHoldNames[static_cast<std::size_t>(hold)]; }
std::optional<Hold> parse_hold(std::string_view text) { return parse_name<Hold>(kHoldNames, text); }
std::string_view name(Change change) { return kChangeNames[static_cast<std::size_t>(change)]; }

Step step(const TargetState& state, const Policy& policy, const Judged& probe,
          const Circumstances& circumstances) {
  Step result{state, {}};
  if (circumstances.isolated) return result;
  switch (probe.verdict) {
    case Verdict::up:
      succeed(result, policy, probe);
      break;
    case Verdict::down:
      fail(result, policy, probe, circumstances);
      break;
    case Verdict::inconclusive:
      break;
  }
  return result;
}

Step reconsider(const TargetState& state, const Circumstances& circumstances, Moment now) {
  Step result{state, {}};
  const bool failing = state.held && state.failures_in_row > 0;
  if (!failing || circumstances.isolated || circumstances.hold != Hold::none) return result;
  open(result, state.held->outage, now);
  return result;
}

bool differ_for_restart(const TargetState& one, const TargetState& other) {
  const auto lasting = [](const TargetState& state) {
    return std::tie(state.state, state.row_start, state.flaps, state.incident, state.held);
  };
  if (lasting(one) != lasting(other)) return true;
  // While it is down only successes count, otherwise only failures.
  return one.state == State::down ? one.successes_in_row != other.successes_in_row
                                  : one.failures_in_row != other.failures_in_row;
}

TargetState resumed(TargetState state, Duration gap, Duration interval) {
  if (gap <= std::max(kShortestOnePiece, kIntervalsOfOnePiece * interval)) return state;
  state.failures_in_row = state.successes_in_row = 0;
  state.flaps = FlapHistory();
  return state;
}

}  // namespace lookout
