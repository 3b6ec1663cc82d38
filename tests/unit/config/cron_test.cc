#include "exporter/config/cron.h"

#include <sstream>

#include <gtest/gtest.h>

namespace lookout {
namespace {

using cctz::civil_minute;

CronSchedule schedule(std::string_view text) {
  std::variant<CronSchedule, std::string> parsed = parse_cron(text);
  if (const std::string* wrong = std::get_if<std::string>(&parsed)) {
    ADD_FAILURE() << text << ": " << *wrong;
    return {};
  }
  return std::get<CronSchedule>(parsed);
}

std::string shown(const std::optional<civil_minute>& time) {
  if (!time) return "never";
  std::ostringstream text;
  text << *time;
  return text.str();
}

std::uint64_t bits(std::initializer_list<int> values) {
  std::uint64_t result = 0;
  for (int value : values) result |= std::uint64_t{1} << value;
  return result;
}

TEST(ParseCron, Fields) {
  const CronSchedule plain = schedule("5 4 3 2 1");
  EXPECT_EQ(plain.minutes, bits({5}));
  EXPECT_EQ(plain.hours, bits({4}));
  EXPECT_EQ(plain.days, bits({3}));
  EXPECT_EQ(plain.months, bits({2}));
  EXPECT_EQ(plain.weekdays, bits({1}));
  EXPECT_EQ(plain.text, "5 4 3 2 1");
  const CronSchedule rich = schedule("*/20\t1-3,22  10-20/5 jan,MAR-May fri-sun");
  EXPECT_EQ(rich.minutes, bits({0, 20, 40}));
  EXPECT_EQ(rich.hours, bits({1, 2, 3, 22}));
  EXPECT_EQ(rich.days, bits({10, 15, 20}));
  EXPECT_EQ(rich.months, bits({1, 3, 4, 5}));
  EXPECT_EQ(rich.weekdays, bits({0, 5, 6}));
  EXPECT_EQ(schedule("50/5 * * * *").minutes, bits({50, 55}));
  EXPECT_EQ(schedule("0-59/90 * * * *").minutes, bits({0}));
  EXPECT_EQ(schedule("0 0 * * 7").weekdays, bits({0}));
  EXPECT_EQ(schedule("0 0 * * SUN-TUE").weekdays, bits({0, 1, 2}));
  EXPECT_EQ(schedule("0 0 * * *").weekdays, bits({0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(schedule("0 0 * * *").days, ((std::uint64_t{1} << 31) - 1) << 1);
}

TEST(ParseCron, Words) {
  struct Row {
    std::string_view word, fields;
  };
  for (const Row& row :
       {Row{"@hourly", "0 * * * *"}, Row{"@daily", "0 0 * * *"}, Row{"@Midnight", "0 0 * * *"},
        Row{"@weekly", "0 0 * * 0"}, Row{"@monthly", "0 0 1 * *"}, Row{"@yearly", "0 0 1 1 *"},
        Row{"@annually", "0 0 1 1 *"}}) {
    CronSchedule fields = schedule(row.fields);
    fields.text = row.word;
    EXPECT_EQ(schedule(row.word), fields) << row.word;
  }
}

TEST(ParseCron, TellsWhatIsWrong) {
  struct Row {
    std::string_view text, message;
  };
  for (const Row& row : {
           Row{"",
               "\"\" has 0 fields where a schedule has 5; write minute, hour, day of month, month and day of "
               "week, e.g. \"0 3 * * SUN\""},
           Row{"0 0 3 * * SUN",
               "\"0 0 3 * * SUN\" has 6 fields where a schedule has 5; write minute, hour, day of "
               "month, month and day of week, e.g. \"0 3 * * SUN\""},
           Row{"60 * * * *", "\"60\" is no minute; write 0 to 59, or *"},
           Row{"-1 * * * *", "\"-1\" is no minute; write 0 to 59, or *"},
           Row{"1,, * * * *", "\"\" is no minute; write 0 to 59, or *"},
           Row{"0 24 * * *", "\"24\" is no hour; write 0 to 23, or *"},
           Row{"0 0 0 * *", "\"0\" is no day of month; write 1 to 31, or *"},
           Row{"0 0 1 Sol *", "\"Sol\" is no month; write 1 to 12, a name such as jan, or *"},
           Row{"0 0 * * 8", "\"8\" is no day of week; write 0 to 7, a name such as sun, or *"},
           Row{"0 0 * * MON-", "\"MON-\" is no day of week; write 0 to 7, a name such as sun, or *"},
           Row{"0 22-2 * * *", "\"22-2\" goes downwards; write two ranges of the hour, 22-23,0-2"},
           Row{"0 0 * * sat-mon", "\"sat-mon\" goes downwards; write two ranges of the day of week, 6-6,0-1"},
           Row{"*/0 * * * *", "\"*/0\" has no step of the minute after /; write e.g. */2"},
           Row{"*/x * * * *", "\"*/x\" has no step of the minute after /; write e.g. */2"},
           Row{"*/ * * * *", "\"*/\" has no step of the minute after /; write e.g. */2"},
           Row{"99999999999 * * * *", "\"99999999999\" is no minute; write 0 to 59, or *"},
           Row{"0 0 30 2 *", "\"0 0 30 2 *\" never comes: no such month has such a day; write another day"},
           Row{"0 0 31 feb,apr,jun *",
               "\"0 0 31 feb,apr,jun *\" never comes: no such month has such a day; write another day"},
           Row{"@dayly",
               "\"@dayly\" is none of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually; "
               "did you mean \"@daily\"?"},
           Row{"@reboot",
               "\"@reboot\" is none of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually"},
       }) {
    const std::variant<CronSchedule, std::string> parsed = parse_cron(row.text);
    ASSERT_TRUE(std::holds_alternative<std::string>(parsed)) << row.text;
    EXPECT_EQ(std::get<std::string>(parsed), row.message);
  }
}

// From each moment: the last time that fits until then, and the first from then on.
TEST(Cron, MatchesBackAndForth) {
  const civil_minute thursday(2026, 12, 3, 10, 30);
  struct Row {
    std::string_view schedule;
    civil_minute from;
    std::string_view last, first;
  };
  for (const Row& row : {
           Row{"30 10 * * *", thursday, "2026-12-03T10:30", "2026-12-03T10:30"},
           Row{"* * * * *", thursday, "2026-12-03T10:30", "2026-12-03T10:30"},
           Row{"0 3 * * SUN", thursday, "2026-11-29T03:00", "2026-12-06T03:00"},
           Row{"29,31 * * * *", thursday, "2026-12-03T10:29", "2026-12-03T10:31"},
           Row{"59 23 * * *", thursday, "2026-12-02T23:59", "2026-12-03T23:59"},
           Row{"0 0 1 1 *", thursday, "2026-01-01T00:00", "2027-01-01T00:00"},
           Row{"0 0 31 * *", thursday, "2026-10-31T00:00", "2026-12-31T00:00"},
           Row{"0 0 29 2 *", thursday, "2024-02-29T00:00", "2028-02-29T00:00"},
           Row{"0 0 29 2 *", civil_minute(2099, 1, 1, 0, 0), "2096-02-29T00:00", "2104-02-29T00:00"},
           // The 13th or a Friday; with a star, both.
           Row{"0 0 13 * FRI", thursday, "2026-11-27T00:00", "2026-12-04T00:00"},
           Row{"0 0 13 * FRI", civil_minute(2026, 12, 12, 0, 0), "2026-12-11T00:00", "2026-12-13T00:00"},
           Row{"0 0 */12 * FRI", thursday, "2026-11-13T00:00", "2026-12-25T00:00"},
           Row{"0 0 1-7 * */7", thursday, "2026-11-01T00:00", "2026-12-06T00:00"},
       }) {
    const CronSchedule parsed = schedule(row.schedule);
    EXPECT_EQ(shown(last_match(parsed, row.from)), row.last) << row.schedule;
    EXPECT_EQ(shown(first_match(parsed, row.from)), row.first) << row.schedule;
  }
}

// Held to a plain search, minute by minute, over a leap February.
TEST(Cron, IsWhatASearchMinuteByMinuteFinds) {
  for (std::string_view text : {"*/7 3,15 * * *", "0 0 29 * MON", "59 23 28-31 * *", "10 */9 */2 * 1-5"}) {
    const CronSchedule parsed = schedule(text);
    const auto fits = [&](civil_minute time) { return first_match(parsed, time) == time; };
    std::optional<civil_minute> last;
    for (civil_minute time(2028, 2, 20, 0, 0); time < civil_minute(2028, 3, 5, 0, 0); ++time) {
      EXPECT_EQ(fits(time), last_match(parsed, time) == time) << text << " " << time;
      if (fits(time)) {
        if (last) EXPECT_EQ(first_match(parsed, *last + 1), time) << text;
        last = time;
      }
      if (last) EXPECT_EQ(last_match(parsed, time), last) << text << " " << time;
    }
    EXPECT_TRUE(last) << text;
  }
}

}  // namespace
}  // namespace lookout
