#include "exporter/incident/maintenance.h"

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/incident_fixtures.h"

namespace lookout {
namespace {

using namespace std::chrono_literals;

WallTime moment(const std::string& text) {
  const std::optional<Timestamp> parsed = parse_timestamp(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? parsed->time : WallTime();
}

std::string shown(const std::optional<Occurrence>& occurrence) {
  if (!occurrence) return "none";
  return print_config(Timestamp{occurrence->begin}) + " " + print_config(Timestamp{occurrence->end});
}

MaintenanceWindow recurring(const std::string& schedule, const std::string& zone, Duration duration) {
  MaintenanceWindow window;
  window.schedule = std::get<CronSchedule>(parse_cron(schedule));
  window.timezone = find_time_zone(zone).value();
  window.duration = duration;
  window.all = true;
  return window;
}

MaintenanceWindow once(const std::string& start, Duration duration) {
  MaintenanceWindow window;
  window.start = parse_timestamp(start);
  window.duration = duration;
  window.all = true;
  return window;
}

TEST(Occurrences, OnceItIsOpenFromItsStartToBeforeItsEnd) {
  const MaintenanceWindow window = once("2026-12-01T22:00:00Z", 2h);
  const std::string occurrence = "2026-12-01T22:00:00Z 2026-12-02T00:00:00Z";
  struct Row {
    const char* now;
    std::string open, next;
  };
  for (const Row& row :
       {Row{"2026-12-01T21:59:59.999Z", "none", occurrence}, Row{"2026-12-01T22:00:00Z", occurrence, "none"},
        Row{"2026-12-01T23:59:59.999Z", occurrence, "none"}, Row{"2026-12-02T00:00:00Z", "none", "none"}}) {
    EXPECT_EQ(shown(open_occurrence(window, moment(row.now))), row.open) << row.now;
    EXPECT_EQ(shown(next_occurrence(window, moment(row.now))), row.next) << row.now;
  }
}

// Each as it begins and what follows it, in the nights in which clocks change and one in which they do not.
TEST(Occurrences, BeginByTheClockOfTheirZone) {
  struct Row {
    const char *zone, *schedule;
    Duration duration;
    const char *now, *open, *next;
  };
  for (const Row& row : {
           Row{"Asia/Shanghai", "0 3 * * SUN", 1h, "2026-12-05T19:30:00Z",
               "2026-12-05T19:00:00Z 2026-12-05T20:00:00Z", "2026-12-12T19:00:00Z 2026-12-12T20:00:00Z"},
           Row{"Asia/Kolkata", "30 0 * * *", 1h, "2026-12-04T19:00:00Z",
               "2026-12-04T19:00:00Z 2026-12-04T20:00:00Z", "2026-12-05T19:00:00Z 2026-12-05T20:00:00Z"},
           // 02:30 does not exist on 28 March 2027: at 02:00 it is 03:00, which is 01:00 in UTC.
           Row{"Europe/Berlin", "30 2 * * *", 1h, "2027-03-28T01:00:00Z",
               "2027-03-28T01:00:00Z 2027-03-28T02:00:00Z", "2027-03-29T00:30:00Z 2027-03-29T01:30:00Z"},
           Row{"Europe/Berlin", "30 2 * * *", 1h, "2027-03-28T00:59:59Z", "none",
               "2027-03-28T01:00:00Z 2027-03-28T02:00:00Z"},
           // From 01:00 for two hours of real time: until 04:00 by the clock.
           Row{"Europe/Berlin", "0 1 * * *", 2h, "2027-03-28T01:59:59Z",
               "2027-03-28T00:00:00Z 2027-03-28T02:00:00Z", "2027-03-28T23:00:00Z 2027-03-29T01:00:00Z"},
           // 02:30 comes twice on 31 October 2027, first at 00:30 and then at 01:30 in UTC.
           Row{"Europe/Berlin", "30 2 * * *", 30min, "2027-10-31T00:45:00Z",
               "2027-10-31T00:30:00Z 2027-10-31T01:00:00Z", "2027-11-01T01:30:00Z 2027-11-01T02:00:00Z"},
           Row{"Europe/Berlin", "30 2 * * *", 30min, "2027-10-31T01:45:00Z", "none",
               "2027-11-01T01:30:00Z 2027-11-01T02:00:00Z"},
           Row{"Europe/Berlin", "30 2 * * *", 2h, "2027-10-31T01:00:00Z",
               "2027-10-31T00:30:00Z 2027-10-31T02:30:00Z", "2027-11-01T01:30:00Z 2027-11-01T03:30:00Z"},
           Row{"Europe/Berlin", "30 3 * * *", 30min, "2027-10-31T01:30:00Z", "none",
               "2027-10-31T02:30:00Z 2027-10-31T03:00:00Z"},
           Row{"America/New_York", "15 2 * * *", 10min, "2027-03-14T07:00:00Z",
               "2027-03-14T07:00:00Z 2027-03-14T07:10:00Z", "2027-03-15T06:15:00Z 2027-03-15T06:25:00Z"},
           Row{"America/New_York", "15 1 * * *", 10min, "2027-11-07T06:20:00Z", "none",
               "2027-11-08T06:15:00Z 2027-11-08T06:25:00Z"},
           // Half an hour: at 02:00 it is 02:30 on 4 October 2026, and 01:30 again on 4 April 2027.
           Row{"Australia/Lord_Howe", "10 2 * * *", 1h, "2026-10-03T15:30:00Z",
               "2026-10-03T15:30:00Z 2026-10-03T16:30:00Z", "2026-10-04T15:10:00Z 2026-10-04T16:10:00Z"},
           Row{"Australia/Lord_Howe", "45 1 * * *", 10min, "2027-04-03T15:20:00Z", "none",
               "2027-04-04T15:15:00Z 2027-04-04T15:25:00Z"},
           Row{"Australia/Lord_Howe", "45 1 * * *", 10min, "2027-04-03T14:50:00Z",
               "2027-04-03T14:45:00Z 2027-04-03T14:55:00Z", "2027-04-04T15:15:00Z 2027-04-04T15:25:00Z"},
           // Long after the last change that the database writes out.
           Row{"Europe/Berlin", "30 2 * * *", 1h, "2060-03-28T01:00:00Z",
               "2060-03-28T01:00:00Z 2060-03-28T02:00:00Z", "2060-03-29T00:30:00Z 2060-03-29T01:30:00Z"},
           // One that begins before the other ends: the last that began is the one that counts.
           Row{"UTC", "@daily", 30h, "2026-12-02T03:00:00Z", "2026-12-02T00:00:00Z 2026-12-03T06:00:00Z",
               "2026-12-03T00:00:00Z 2026-12-04T06:00:00Z"},
           Row{"UTC", "0 0 29 2 *", 1h, "2026-12-02T03:00:00Z", "none",
               "2028-02-29T00:00:00Z 2028-02-29T01:00:00Z"},
       }) {
    const MaintenanceWindow window = recurring(row.schedule, row.zone, row.duration);
    EXPECT_EQ(shown(open_occurrence(window, moment(row.now))), row.open) << row.zone << " " << row.now;
    EXPECT_EQ(shown(next_occurrence(window, moment(row.now))), row.next) << row.zone << " " << row.now;
  }
}

// When a schedule begins, by a clock that is watched minute by minute: whenever it shows a minute that it
// never showed before, and a minute that fits is among those that it came past.
std::vector<WallTime> watched_begins(const MaintenanceWindow& window, WallTime from, WallTime to) {
  std::vector<WallTime> begins;
  const auto clock = [&](WallTime now) {
    return cctz::civil_minute(cctz::convert(now, window.timezone.rules));
  };
  cctz::civil_minute newest = clock(from - 1min);
  for (WallTime now = from; now < to; now += 1min) {
    if (clock(now) <= newest) continue;
    const std::optional<cctz::civil_minute> fitting = first_match(*window.schedule, newest + 1);
    newest = clock(now);
    if (fitting && *fitting <= newest) begins.push_back(now);
  }
  return begins;
}

TEST(Occurrences, AreWhatAWatchedClockShows) {
  struct Night {
    const char *zone, *noon;
  };
  for (const Night& night : {
           Night{"Europe/Berlin", "2027-03-27T12:00:00Z"}, Night{"Europe/Berlin", "2027-10-30T12:00:00Z"},
           Night{"America/New_York", "2027-03-13T12:00:00Z"},
           Night{"America/New_York", "2027-11-06T12:00:00Z"},
           Night{"Australia/Lord_Howe", "2026-10-03T06:00:00Z"},
           Night{"Australia/Lord_Howe", "2027-04-03T06:00:00Z"},
           Night{"Asia/Kolkata", "2027-03-27T12:00:00Z"}, Night{"Asia/Shanghai", "2027-03-27T12:00:00Z"},
           Night{"Pacific/Apia", "2011-12-29T12:00:00Z"},  // went over the date line: no 30 December
       }) {
    for (const char* schedule : {"* * * * *", "*/7 * * * *", "0 * * * *", "30 1,2 * * *", "59 1 * * *",
                                 "0 2 * * *", "0 3 * * *", "@daily", "10 0-4/2 * * SUN"}) {
      const MaintenanceWindow window = recurring(schedule, night.zone, 100h);  // always one that is open
      const WallTime from = moment(night.noon), to = from + 36h;
      const std::vector<WallTime> begins = watched_begins(window, from, to);
      for (WallTime now = from; now < to; now += 150s) {
        const auto next = std::ranges::upper_bound(begins, now);
        if (next != begins.end())
          EXPECT_EQ(next_occurrence(window, now)->begin, *next) << night.zone << " " << schedule;
        if (next != begins.begin())
          EXPECT_EQ(open_occurrence(window, now)->begin, *(next - 1)) << night.zone << " " << schedule;
      }
    }
  }
}

std::shared_ptr<const Config> with(std::vector<MaintenanceWindow> windows) {
  auto made = std::make_shared<Config>(config({target("shop"), target("api"), target("mail")}));
  auto demo = target("demo");
  demo->labels = {{"team", "demo"}, {"region", "eu"}};
  made->targets.push_back(demo);
  made->maintenance = std::move(windows);
  return made;
}

TEST(MaintenanceCalendar, CoversThoseThatAreSelected) {
  MaintenanceWindow window = once("2026-12-01T22:00:00Z", 1h);
  window.all = false;
  window.targets = {"shop", "mail"};
  window.labels = {{"team", "demo"}};
  MaintenanceWindow other = once("2026-12-02T22:00:00Z", 1h);
  other.all = false;
  other.labels = {{"team", "demo"}, {"region", "us"}};
  const auto config = with({window, other, once("2026-12-03T22:00:00Z", 1h)});
  MaintenanceCalendar calendar(config);
  const auto covered = [&](const char* now) {
    std::string names;
    for (const char* name : {"shop", "api", "mail", "demo", "nobody"})
      names += calendar.covering(name, moment(now)) ? std::string(name) + " " : "";
    return names;
  };
  EXPECT_EQ(covered("2026-12-01T22:30:00Z"), "shop mail demo ");
  EXPECT_EQ(covered("2026-12-02T22:30:00Z"), "") << "not all of the labels";
  EXPECT_EQ(covered("2026-12-03T22:30:00Z"), "shop api mail demo ");
  EXPECT_EQ(covered("2026-12-04T22:30:00Z"), "");
}

TEST(MaintenanceCalendar, SaysWhichSinceWhenAndUntilWhen) {
  const auto config = with({once("2026-12-01T22:00:00Z", 1h), recurring("30 22 * * *", "UTC", 2h),
                            once("2026-12-05T00:00:00Z", 1h)});
  MaintenanceCalendar calendar(config);
  const auto* windows = config->maintenance.data();
  const ActiveWindow* active = calendar.covering("shop", moment("2026-12-01T22:10:00Z"));
  ASSERT_TRUE(active);
  EXPECT_EQ(*active, (ActiveWindow{windows, moment("2026-12-01T22:00:00Z"), moment("2026-12-01T23:00:00Z")}));
  active = calendar.covering("shop", moment("2026-12-01T22:40:00Z"));
  ASSERT_TRUE(active);
  EXPECT_EQ(*active,
            (ActiveWindow{windows + 1, moment("2026-12-01T22:30:00Z"), moment("2026-12-02T00:30:00Z")}))
      << "the one that stays open longest";
  EXPECT_FALSE(calendar.covering("shop", moment("2026-12-02T00:30:00Z")));
  EXPECT_EQ(calendar.upcoming("shop", moment("2026-12-02T00:30:00Z")),
            (ActiveWindow{windows + 1, moment("2026-12-02T22:30:00Z"), moment("2026-12-03T00:30:00Z")}));
  EXPECT_EQ(calendar.upcoming("shop", moment("2026-12-04T23:00:00Z"))->window, windows + 2);
  EXPECT_FALSE(calendar.upcoming("nobody", moment("2026-12-04T23:00:00Z")));
}

// What it remembers never shows: at each moment it says what a new one says, also when time goes back.
TEST(MaintenanceCalendar, RemembersNoLongerThanItHolds) {
  const auto config =
      with({once("2027-10-31T00:10:00Z", 40min), recurring("*/50 2,3 * * *", "Europe/Berlin", 20min),
            recurring("45 * * * *", "UTC", 61min)});
  MaintenanceCalendar calendar(config);
  const WallTime from = moment("2027-10-30T23:00:00Z");
  for (int step = 0; step < 2000; ++step) {
    const WallTime now = from + std::chrono::seconds(step * 7919 % 18'000);
    MaintenanceCalendar fresh(config);
    const ActiveWindow* remembered = calendar.covering("shop", now);
    const ActiveWindow* anew = fresh.covering("shop", now);
    ASSERT_EQ(remembered == nullptr, anew == nullptr) << step;
    if (anew) EXPECT_EQ(*remembered, *anew) << step;
    EXPECT_EQ(calendar.upcoming("shop", now), fresh.upcoming("shop", now)) << step;
  }
}

TEST(MaintenanceCalendar, IsCheapToAskForEveryProbe) {
  auto config = std::make_shared<Config>();
  for (int i = 0; i < 10'000; ++i) config->targets.push_back(target("t" + std::to_string(i)));
  for (const char* zone : {"Europe/Berlin", "America/New_York", "Asia/Kolkata"})
    config->maintenance.push_back(recurring("0 0 29 2 *", zone, 1h));
  config->maintenance.push_back(recurring("0 */2 * * *", "UTC", 1h));
  MaintenanceCalendar calendar(config);
  const std::clock_t start = std::clock();
  int covered = 0;
  for (int round = 0; round < 10; ++round) {
    for (const auto& each : config->targets)
      covered += calendar.covering(each->name, kMidnight + std::chrono::hours(round)) ? 1 : 0;
  }
  const double spent = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  EXPECT_LT(spent, 1) << "for 100000 probes";
  EXPECT_EQ(covered, 50'000);
}

}  // namespace
}  // namespace lookout
