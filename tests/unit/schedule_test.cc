#include "exporter/schedule/schedule.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace lookout {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr SteadyTime kStart{std::chrono::hours(77)};

std::vector<Slot> slots(int count, Duration interval) {
  std::vector<Slot> result;
  for (int i = 0; i < count; ++i) result.push_back({"target-" + std::to_string(i), interval});
  return result;
}

Schedule one(Duration interval) { return Schedule::plan(slots(1, interval), kStart, 1); }

TEST(Schedule, WithoutSlotsNothingIsEverDue) {
  Schedule schedule = Schedule::plan({}, kStart, 1);
  EXPECT_EQ(schedule.next_due(), std::nullopt);
  EXPECT_TRUE(schedule.take_due(kStart + seconds(100)).empty());
  EXPECT_EQ(schedule.missed(), 0u);
}

TEST(Schedule, NothingIsDueBeforeItsTime) {
  Schedule schedule = one(seconds(10));
  const SteadyTime first = *schedule.next_due();
  EXPECT_TRUE(schedule.take_due(first - Duration(1)).empty());
  ASSERT_EQ(schedule.take_due(first).size(), 1u);
  EXPECT_EQ(schedule.missed(), 0u);
}

TEST(Schedule, DueTimesAreSteadyWhateverAProbeTook) {
  Schedule schedule = one(seconds(10));
  const SteadyTime first = *schedule.next_due();
  for (int n = 0; n < 50; ++n) {
    const SteadyTime due = first + n * seconds(10);
    ASSERT_EQ(schedule.next_due(), due);
    // Taken a little late, ended at some time before the next.
    const auto taken = schedule.take_due(due + milliseconds(n));
    ASSERT_EQ(taken.size(), 1u);
    EXPECT_EQ(taken[0].due, due);
    schedule.finished(taken[0].slot);
  }
  EXPECT_EQ(schedule.missed(), 0u);
}

TEST(Schedule, AnOverrunIsSkippedAndCountedNotQueued) {
  Schedule schedule = one(seconds(10));
  const SteadyTime first = *schedule.next_due();
  const auto taken = schedule.take_due(first);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_TRUE(schedule.take_due(first + seconds(10)).empty());
  EXPECT_TRUE(schedule.take_due(first + seconds(20)).empty());
  EXPECT_EQ(schedule.missed(), 2u);
  schedule.finished(taken[0].slot);
  EXPECT_TRUE(schedule.take_due(first + seconds(25)).empty()) << "a missed probe is not made up for";
  EXPECT_EQ(schedule.take_due(first + seconds(30)).size(), 1u);
  EXPECT_EQ(schedule.missed(), 2u);
}

TEST(Schedule, LatenessUpToTheToleranceIsStartedBeyondItIsMissed) {
  struct Case {
    Duration late;
    bool started;
    std::uint64_t missed;
  };
  const Duration tolerance = Schedule::tolerance(seconds(10));
  for (const Case& c :
       {Case{Duration(0), true, 0}, Case{tolerance, true, 0}, Case{tolerance + Duration(1), false, 1},
        Case{seconds(10), true, 1}, Case{seconds(10) + tolerance, true, 1}, Case{seconds(15), false, 2},
        Case{seconds(600), true, 60}}) {
    Schedule schedule = one(seconds(10));
    const SteadyTime first = *schedule.next_due();
    const auto taken = schedule.take_due(first + c.late);
    EXPECT_EQ(taken.size(), c.started ? 1u : 0u) << c.late.count();
    EXPECT_EQ(schedule.missed(), c.missed) << c.late.count();
    EXPECT_GT(*schedule.next_due(), first + c.late);
    if (c.started) EXPECT_LE(first + c.late - taken[0].due, tolerance);
  }
}

TEST(Schedule, ToleranceIsAQuarterOfShortIntervalsAndOneSecondOfLongOnes) {
  EXPECT_EQ(Schedule::tolerance(seconds(1)), milliseconds(250));
  EXPECT_EQ(Schedule::tolerance(seconds(4)), seconds(1));
  EXPECT_EQ(Schedule::tolerance(seconds(3600)), seconds(1));
}

TEST(Schedule, UnknownAndIdleSlotsMayFinish) {
  Schedule schedule = one(seconds(10));
  schedule.finished(0);
  schedule.finished(12345);
  EXPECT_EQ(schedule.take_due(*schedule.next_due()).size(), 1u);
}

TEST(Schedule, AnIntervalOfZeroDoesNotHang) {
  Schedule schedule = one(Duration::zero());
  EXPECT_LE(schedule.take_due(kStart + seconds(1)).size(), 1u);
  EXPECT_GT(*schedule.next_due(), kStart + seconds(1));
}

TEST(Schedule, TheFirstDueLiesWithinOneIntervalOfTheStart) {
  for (const SteadyTime start :
       {kStart, SteadyTime{}, SteadyTime{Duration(1)}, kStart + Duration(123'456'789)}) {
    for (const Duration interval :
         {Duration(seconds(1)), Duration(seconds(15)), Duration(std::chrono::hours(24))}) {
      for (const Slot& slot : slots(200, interval)) {
        const Schedule schedule = Schedule::plan({&slot, 1}, start, 7);
        EXPECT_GE(*schedule.next_due(), start);
        EXPECT_LT(*schedule.next_due(), start + interval);
      }
    }
  }
}

// Runs a plan to `end` in the steps of its own due times; every probe takes no time.
std::map<SlotIndex, std::vector<SteadyTime>> run(Schedule& schedule, SteadyTime end) {
  std::map<SlotIndex, std::vector<SteadyTime>> starts;
  while (schedule.next_due() && *schedule.next_due() < end) {
    for (const auto& [slot, due] : schedule.take_due(*schedule.next_due())) {
      starts[slot].push_back(due);
      schedule.finished(slot);
    }
  }
  return starts;
}

TEST(Schedule, AReloadKeepsThePhaseOfEverySlotThatStays) {
  auto before = slots(300, seconds(15));
  Schedule old_plan = Schedule::plan(before, kStart, 42);
  const auto old_starts = run(old_plan, kStart + seconds(15));
  // Another order, some gone, some new, and at an odd time.
  std::vector<Slot> after(before.rbegin(), before.rend() - 100);
  after.push_back({"new", seconds(15)});
  Schedule new_plan = Schedule::plan(after, kStart + milliseconds(98'765), 42);
  const auto new_starts = run(new_plan, kStart + milliseconds(98'765) + seconds(15));
  for (SlotIndex i = 0; i < 200; ++i) {
    const SteadyTime old_due = old_starts.at(299 - i)[0];
    EXPECT_EQ((new_starts.at(i)[0] - old_due) % seconds(15), Duration::zero()) << after[i].name;
  }
}

TEST(Schedule, AnotherSeedGivesAnotherPhase) {
  Schedule a = Schedule::plan(slots(1, seconds(15)), kStart, 1);
  Schedule b = Schedule::plan(slots(1, seconds(15)), kStart, 2);
  EXPECT_NE(a.next_due(), b.next_due());
}

TEST(Schedule, TenThousandSlotsAreSpreadEvenly) {
  constexpr int kParts = 100;
  for (const std::uint64_t seed : {0ULL, 1ULL, 0xffff'ffff'ffff'ffffULL}) {
    Schedule schedule = Schedule::plan(slots(10'000, seconds(15)), kStart, seed);
    std::vector<int> parts(kParts);
    for (const auto& [slot, starts] : run(schedule, kStart + seconds(15))) {
      ASSERT_EQ(starts.size(), 1u);
      ++parts[static_cast<std::size_t>((starts[0] - kStart) / milliseconds(150))];
    }
    // 100 each are expected, with a standard deviation of 10.
    EXPECT_GE(*std::min_element(parts.begin(), parts.end()), 55) << seed;
    EXPECT_LE(*std::max_element(parts.begin(), parts.end()), 145) << seed;
  }
}

TEST(Schedule, AStallOfAMinuteStartsOnlyThoseOfItsLastMoment) {
  Schedule schedule = Schedule::plan(slots(10'000, seconds(15)), kStart, 3);
  const auto taken = schedule.take_due(kStart + seconds(60));
  EXPECT_LT(taken.size(), 1000u);  // one second's share of 15 is 667
  EXPECT_GT(taken.size(), 400u);
  EXPECT_EQ(schedule.missed() + taken.size(), 40'000u) << "every due time is either started or counted";
  EXPECT_EQ(schedule.take_due(kStart + seconds(60)).size(), 0u);
}

// A slow, stuttering, stalling loop with probes of random length: whatever happens, a grid cell sees at most
// one start, starts are never early nor too late, nobody runs twice at once, and every due time is either
// started or counted.
TEST(Schedule, HoldsItsPromisesUnderRandomLoads) {
  for (unsigned round = 0; round < 30; ++round) {
    std::mt19937 random(round);
    std::vector<Slot> plan;
    for (int i = 0; i < 40; ++i)
      plan.push_back({"t" + std::to_string(i), milliseconds(500 + random() % 5000)});
    Schedule schedule = Schedule::plan(plan, kStart, round);
    std::vector<std::set<SteadyTime>> starts(plan.size());
    std::multimap<SteadyTime, SlotIndex> running;
    std::uint64_t started = 0;
    SteadyTime now = kStart;
    const SteadyTime end = kStart + seconds(120);
    while (now < end) {
      now += milliseconds(random() % 20 == 0 ? random() % 9000 : random() % 60);
      for (; !running.empty() && running.begin()->first <= now; running.erase(running.begin())) {
        schedule.finished(running.begin()->second);
      }
      for (const auto& [slot, due] : schedule.take_due(now)) {
        ++started;
        EXPECT_LE(due, now);
        EXPECT_LE(now - due, Schedule::tolerance(plan[slot].interval));
        EXPECT_TRUE(starts[slot].insert(due).second) << "two starts for one due time";
        const SteadyTime first = *starts[slot].begin();
        EXPECT_EQ((due - first) % plan[slot].interval, Duration::zero());
        for (const auto& [until, other] : running) EXPECT_NE(other, slot) << "still running";
        running.emplace(now + milliseconds(random() % 3000), slot);
      }
    }
    std::uint64_t due_times = 0;
    for (SlotIndex i = 0; i < plan.size(); ++i) {
      const Schedule alone = Schedule::plan(std::span(plan).subspan(i, 1), kStart, round);
      due_times += static_cast<std::uint64_t>((now - *alone.next_due()) / plan[i].interval + 1);
    }
    EXPECT_EQ(started + schedule.missed(), due_times) << round;
  }
}

}  // namespace
}  // namespace lookout
