#include "exporter/incident/step.h"

#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace lookout {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr WallTime kEpoch{std::chrono::hours(500'000)};
constexpr Duration kTook = milliseconds(100);

Moment at(int probe) { return {kEpoch + seconds(10) * probe, SteadyTime(seconds(10) * probe)}; }

// One character per probe: . well, s well but slow, x failed, ? inconclusive.
Judged probe(char symbol, int index) {
  static const Failure kFailure{Stage::connect, Cause::refused, "no"};
  static const Failure kOwnFault{Stage::connect, Cause::internal, "no descriptors"};
  switch (symbol) {
    case 'x':
      return {Verdict::down, at(index), kTook, &kFailure};
    case '?':
      return {Verdict::inconclusive, at(index), kTook, &kOwnFault};
    case 's':
      return {Verdict::up, at(index), seconds(2), nullptr};
    default:
      return {Verdict::up, at(index), kTook, nullptr};
  }
}

// One character per step: the state u(nknown), -(up), d(egraded), D(own), but O where an incident opened, C
// where one closed.
std::string replay(std::string_view probes, const Policy& policy, TargetState state = {}) {
  std::string result;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const Step next = step(state, policy, probe(probes[i], static_cast<int>(i)));
    state = next.next;
    EXPECT_EQ(state.incident.has_value(), state.state == State::down);
    const char shown = "u-dD"[static_cast<std::size_t>(state.state)];
    const auto happened = [&](Change change) {
      return std::ranges::find(next.events, change, &IncidentEvent::change) != next.events.end();
    };
    result += happened(Change::opened) ? 'O' : happened(Change::closed) ? 'C' : shown;
  }
  return result;
}

struct Replay {
  int failures, successes;
  std::string_view probes, expected;
};

TEST(Step, Replays) {
  for (const Replay& r : {
           Replay{3, 2, "..xxx.x..", "----ODDDC"},
           Replay{3, 2, "..xx.xx.xx", "----------"},
           Replay{3, 2, "xx", "uu"},
           Replay{3, 2, "xxx", "uuO"},
           Replay{3, 2, "xx.", "uu-"},
           Replay{3, 2, ".", "-"},
           Replay{3, 2, "xxx..", "uuODC"},
           Replay{3, 2, "xxx.x.x..", "uuODDDDDC"},
           Replay{3, 2, "xxx..xxx..", "uuODC--ODC"},
           Replay{1, 1, ".x.x", "-OCO"},
           Replay{1, 1, "x", "O"},
           Replay{1, 3, "x..x...", "ODDDDDC"},
           Replay{3, 2, "????", "uuuu"},
           Replay{3, 2, "x?x?x?.?.?", "uuuuODDDC-"},
           Replay{3, 2, ".??xx??x", "-------O"},
           Replay{0, 0, ".x.", "-OC"},
           Replay{-5, -5, ".x.", "-OC"},
       }) {
    EXPECT_EQ(replay(r.probes, {r.failures, r.successes, std::nullopt}), r.expected) << r.probes;
  }
}

TEST(Step, SlownessDegradesAndIsNoIncident) {
  const Policy policy{2, 2, milliseconds(500)};
  EXPECT_EQ(replay("s.s", policy), "d-d");
  EXPECT_EQ(replay("sxxs.", policy), "ddODC");
  EXPECT_EQ(replay(".xx.s", policy), "--ODC");
  EXPECT_EQ(replay("s?x", policy), "ddd")
      << "neither our own fault nor a single failure takes the slowness back";
  EXPECT_EQ(replay("s", {2, 2, std::nullopt}), "-");
  EXPECT_EQ(replay("s", {2, 2, seconds(2)}), "-") << "slower than, not as slow as";
}

TEST(Step, TheIncidentBeginsWithTheFirstFailureOfItsRowAndEndsWithTheFirstSuccessOfTheClosingRow) {
  const Policy policy{3, 2, std::nullopt};
  TargetState state;
  const std::string_view probes = "x.xx?x.x.?.";
  std::vector<std::pair<int, IncidentEvent>> events;
  for (int i = 0; i < static_cast<int>(probes.size()); ++i) {
    const Step next = step(state, policy, probe(probes[static_cast<std::size_t>(i)], i));
    state = next.next;
    for (const IncidentEvent& event : next.events) events.emplace_back(i, event);
  }
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].first, 5);
  EXPECT_EQ(events[0].second.change, Change::opened);
  const Outage& opened = *events[0].second.outage;
  EXPECT_EQ(opened.onset, at(2));
  EXPECT_EQ(opened.detected, before(at(5), -kTook));
  EXPECT_EQ(events[0].second.at, opened.detected);
  EXPECT_EQ(opened.failure, (Failure{Stage::connect, Cause::refused, "no"}));
  EXPECT_EQ(events[1].first, 10);
  EXPECT_EQ(events[1].second.change, Change::closed);
  EXPECT_EQ(events[1].second.outage, opened);
  EXPECT_EQ(events[1].second.at, at(8));
}

TEST(Step, TheIncidentKeepsTheFailureThatOpenedIt) {
  const Policy policy{1, 1, std::nullopt};
  const Failure first{Stage::connect, Cause::refused, ""}, later{Stage::tls, Cause::timeout, ""};
  TargetState state = step({}, policy, {Verdict::down, at(0), kTook, &first}).next;
  state = step(state, policy, {Verdict::down, at(1), kTook, &later}).next;
  EXPECT_EQ(state.incident->failure, first);
  EXPECT_EQ(state.incident->latest, later);
}

TEST(Step, AFailureWithoutParticularsIsOurOwn) {
  const Step result = step({}, {1, 1, std::nullopt}, {Verdict::down, at(0), kTook, nullptr});
  EXPECT_EQ(result.next.incident->failure.cause, Cause::internal);
}

TEST(Step, InconclusiveLeavesEveryStateUntouched) {
  const Policy policy{2, 2, milliseconds(500)};
  for (const std::string_view history : {"", ".", "x", "xx", "xx.", "s", "sx", "xx.."}) {
    TargetState state;
    for (const char symbol : history) state = step(state, policy, probe(symbol, 1)).next;
    const Step result = step(state, policy, probe('?', 9));
    EXPECT_EQ(result.next, state) << history;
    EXPECT_TRUE(result.events.empty()) << history;
  }
}

TEST(Step, ThresholdsChangedByAReloadApplyFromTheNextProbe) {
  const Policy strict{1, 1, std::nullopt}, patient{5, 5, std::nullopt};
  TargetState state;
  for (int i = 0; i < 3; ++i) state = step(state, patient, probe('x', i)).next;
  EXPECT_EQ(state.state, State::unknown);
  const Step opened = step(state, strict, probe('x', 3));
  EXPECT_EQ(opened.events.at(0).outage->onset, at(0));
  const Step still = step(opened.next, patient, probe('.', 4));
  EXPECT_EQ(still.next.state, State::down);
  const Step closed = step(still.next, strict, probe('.', 5));
  EXPECT_EQ(closed.events.at(0).change, Change::closed);
  EXPECT_EQ(closed.events.at(0).at, at(4));
}

// Whatever the thresholds: one failure fewer is silent, and a whole row is told once, as is its end.
TEST(Step, EveryThresholdTellsOnceAndNotBefore) {
  for (int failures = 1; failures <= 5; ++failures) {
    for (int successes = 1; successes <= 5; ++successes) {
      const std::string too_few = "." + std::string(static_cast<std::size_t>(failures - 1), 'x') + ".";
      const std::string row = "." + std::string(static_cast<std::size_t>(failures + 3), 'x') +
                              std::string(static_cast<std::size_t>(successes + 3), '.');
      const Policy policy{failures, successes, std::nullopt};
      EXPECT_EQ(replay(too_few, policy), std::string(too_few.size(), '-')) << failures;
      const std::string told = replay(row, policy);
      EXPECT_EQ(told.find('O'), static_cast<std::size_t>(failures)) << told;
      EXPECT_EQ(std::ranges::count(told, 'O'), 1) << told;
      EXPECT_EQ(told.find('C'), static_cast<std::size_t>(failures + 3 + successes)) << told;
      EXPECT_EQ(std::ranges::count(told, 'C'), 1) << told;
    }
  }
}

// An incident stays one while its target flaps, and ends with it: what was told last is what is.
TEST(Step, FlappingSwallowsNoRecovery) {
  const std::string probes = "....x.x.x.x.x.x.x" + std::string(25, '.');
  std::vector<std::pair<int, IncidentEvent>> events;
  TargetState state;
  for (int i = 0; i < static_cast<int>(probes.size()); ++i) {
    const Step next = step(state, {1, 1, std::nullopt}, probe(probes[static_cast<std::size_t>(i)], i));
    state = next.next;
    for (const IncidentEvent& event : next.events) events.emplace_back(i, event);
  }
  EXPECT_FALSE(state.incident);
  EXPECT_EQ(state.state, State::up);
  const auto last = [&](Change change) {
    const auto found = std::ranges::find(events.rbegin(), events.rend(), change,
                                         [](const auto& event) { return event.second.change; });
    return found == events.rend() ? IncidentEvent{} : found->second;
  };
  const auto count = [&](Change change) {
    return std::ranges::count(events, change, [](const auto& event) { return event.second.change; });
  };
  EXPECT_EQ(count(Change::flapping_began), 1);
  EXPECT_EQ(count(Change::flapping_ended), 1);
  EXPECT_LT(count(Change::opened), 5) << "of seven outages";
  EXPECT_EQ(count(Change::opened), count(Change::closed));
  EXPECT_EQ(events.back().second.change, Change::closed);
  EXPECT_EQ(events.back().second.at, at(17)) << "when it was well for good, not when it was believed";
  EXPECT_TRUE(last(Change::closed).outage->flapped);
}

// However it goes, incidents open and close in turn, and none is left behind by a target that is well.
TEST(Step, NoHistoryLeavesAnIncidentOpenForEver) {
  std::mt19937 random(7);
  for (int history = 0; history < 500; ++history) {
    TargetState state;
    bool open = false;
    for (int i = 0; i < 120; ++i) {
      const char symbol = i >= 90 ? '.' : "..xx?"[random() % 5];
      const Step next = step(state, {1 + history % 3, 1 + history % 2, std::nullopt}, probe(symbol, i));
      state = next.next;
      for (const IncidentEvent& event : next.events) {
        if (event.change != Change::opened && event.change != Change::closed) continue;
        ASSERT_EQ(open, event.change == Change::closed) << history << ": told twice";
        open = event.change == Change::opened;
      }
      ASSERT_EQ(open, state.incident.has_value());
      if (symbol == '.') {
        ASSERT_EQ(std::ranges::count(next.events, Change::opened, &IncidentEvent::change), 0);
      }
    }
    ASSERT_FALSE(open) << history;
  }
}

TEST(Step, NamesOfStates) {
  EXPECT_EQ(name(State::unknown), "unknown");
  EXPECT_EQ(name(State::up), "up");
  EXPECT_EQ(name(State::degraded), "degraded");
  EXPECT_EQ(name(State::down), "down");
}

}  // namespace
}  // namespace lookout
