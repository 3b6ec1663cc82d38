// Uptime by hand-computed days: what nobody watched is neither up nor down.
#include "exporter/report/uptime.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace lookout {
namespace {

using namespace std::chrono_literals;
using Days = std::chrono::days;

// Days and hours since 2026-11-01T00:00:00Z.
WallTime at(int day, Duration time = 0h) {
  return std::chrono::sys_days(std::chrono::year(2026) / 11 / 1) + Days(day) +
         std::chrono::duration_cast<WallTime::duration>(time);
}
std::vector<WallTime> probed(int from, int to) {
  std::vector<WallTime> days;
  for (int day = from; day < to; ++day) days.push_back(at(day));
  return days;
}

TEST(Merged, SortsJoinsAndDropsNothingElse) {
  EXPECT_EQ(merged({{at(3), at(4)}, {at(1), at(2)}, {at(2), at(2)}, {at(1, 5h), at(2, 1h)}, {at(4), at(5)}}),
            (std::vector<Span>{{at(1), at(2, 1h)}, {at(3), at(5)}}));
  EXPECT_EQ(merged({{at(1), at(5)}, {at(2), at(3)}}), (std::vector<Span>{{at(1), at(5)}}));
}

TEST(LastDays, AreDaysOfUtcAndTheLastOneEndsNow) {
  const std::vector<Span> days = last_days(at(2, 6h), 3);
  EXPECT_EQ(days, (std::vector<Span>{{at(0), at(1)}, {at(1), at(2)}, {at(2), at(2, 6h)}}));
  EXPECT_EQ(last_days(at(2), 1).front(), (Span{at(2), at(2)})) << "at midnight the day has no time yet";
}

TEST(UptimeOf, CountsAnOutageOnEachOfTheDaysThatItTouches) {
  const std::vector<Span> outages{{at(0, 18h), at(2, 6h)}};
  EXPECT_EQ(uptime_of({at(0), at(1)}, outages, {}), (Uptime{24h, 6h}));
  EXPECT_EQ(uptime_of({at(1), at(2)}, outages, {}), (Uptime{24h, 24h}));
  EXPECT_EQ(uptime_of({at(2), at(3)}, outages, {}), (Uptime{24h, 6h}));
  EXPECT_EQ(uptime_of({at(3), at(4)}, outages, {}), (Uptime{24h, 0h}));
  EXPECT_EQ(uptime_of({at(0), at(4)}, outages, {}), (Uptime{96h, 36h}));
}

TEST(UptimeOf, LeavesGapsOutOfBothSides) {
  const std::vector<Span> gaps{{at(0, 4h), at(0, 10h)}, {at(0, 20h), at(1, 4h)}};
  EXPECT_EQ(uptime_of({at(0), at(1)}, {{at(0, 8h), at(0, 12h)}}, gaps), (Uptime{14h, 2h}));
  EXPECT_EQ(uptime_of({at(0), at(1)}, {{at(0, 5h), at(0, 6h)}}, gaps), (Uptime{14h, 0h}))
      << "an outage wholly within a gap";
  EXPECT_EQ(uptime_of({at(0, 5h), at(0, 9h)}, {{at(0), at(2)}}, gaps), (Uptime{0h, 0h}));
  EXPECT_EQ(uptime_of({at(1), at(1)}, {}, {}), (Uptime{0h, 0h}));
}

// Whatever overlaps: the same as counting minute by minute what was watched, and what of that was down.
TEST(UptimeOf, AgreesWithCountingEveryMinute) {
  std::mt19937 random(3);
  const auto some = [&](int most) {
    std::vector<Span> spans;
    for (int i = static_cast<int>(random() % static_cast<unsigned>(most)); i > 0; --i) {
      const auto begin = std::chrono::minutes(random() % 1000);
      spans.push_back({at(0, begin), at(0, begin + std::chrono::minutes(random() % 200))});
    }
    return merged(spans);
  };
  const auto within = [](const std::vector<Span>& spans, WallTime time) {
    return std::ranges::any_of(spans,
                               [&](const Span& span) { return span.begin <= time && time < span.end; });
  };
  for (int round = 0; round < 300; ++round) {
    const std::vector<Span> outages = some(8), unwatched = some(5);
    const auto begin = std::chrono::minutes(random() % 900), length = std::chrono::minutes(random() % 300);
    Uptime counted;
    for (auto minute = begin; minute < begin + length; minute += 1min) {
      if (within(unwatched, at(0, minute))) continue;
      counted.watched += 1min;
      if (within(outages, at(0, minute))) counted.down += 1min;
    }
    ASSERT_EQ(uptime_of({at(0, begin), at(0, begin + length)}, outages, unwatched), counted) << round;
  }
}

TEST(Unwatched, IsWhatLiesBeforeTheFirstSightDaysWithoutAProbeAndGaps) {
  const Span period{at(0, 12h), at(6, 6h)};
  EXPECT_EQ(unwatched(period, at(1, 8h), {at(1), at(2), at(5), at(6)}, {{at(2, 3h), at(2, 4h)}}),
            (std::vector<Span>{{at(0, 12h), at(1, 8h)}, {at(2, 3h), at(2, 4h)}, {at(3), at(5)}}));
  EXPECT_EQ(unwatched(period, std::nullopt, {}, {}), (std::vector<Span>{period}));
  EXPECT_TRUE(unwatched(period, at(-100), probed(0, 7), {}).empty());
  EXPECT_EQ(unwatched(period, at(20), probed(0, 7), {}), (std::vector<Span>{period}));
}

TEST(UptimeOf, OfATargetThatWasFirstSeenInTheMiddleOfItsFirstDay) {
  const Span period{at(0), at(4)};
  const auto nobody = unwatched(period, at(2, 12h), {at(2), at(3)}, {});
  EXPECT_EQ(state_of(uptime_of({at(1), at(2)}, {}, nobody)), DayState::unknown);
  EXPECT_EQ(uptime_of({at(2), at(3)}, {{at(2, 12h), at(2, 15h)}}, nobody), (Uptime{12h, 3h}));
  EXPECT_EQ(uptime_of(period, {{at(2, 12h), at(2, 15h)}}, nobody), (Uptime{36h, 3h}));
}

TEST(DayState, TellsAPartFromMost) {
  EXPECT_EQ(state_of({0h, 0h}), DayState::unknown);
  EXPECT_EQ(state_of({24h, 0h}), DayState::up);
  EXPECT_EQ(state_of({24h, 1ns}), DayState::some);
  EXPECT_EQ(state_of({24h, 12h - 1ns}), DayState::some);
  EXPECT_EQ(state_of({24h, 12h}), DayState::down);
}

TEST(UptimeInWords, IsNeverRoundedUpToAll) {
  EXPECT_EQ(in_words(Uptime{0h, 0h}), "unknown");
  EXPECT_EQ(in_words(Uptime{24h, 0h}), "100 %");
  EXPECT_EQ(in_words(Uptime{24h * 90, 1s}), "99.99 %");
  EXPECT_EQ(in_words(Uptime{1000h, 1h}), "99.90 %");
  EXPECT_EQ(in_words(Uptime{24h, 24h}), "0.00 %");
}

}  // namespace
}  // namespace lookout
