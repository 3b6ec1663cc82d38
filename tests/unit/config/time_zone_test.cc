#include "exporter/config/time_zone.h"

#include <gtest/gtest.h>

#include "probes/core/config_visitor.h"

namespace lookout {
namespace {

using namespace std::chrono_literals;

template <class T>
std::string problem_with(const std::string& text) {
  Problems problems("f");
  T value;
  if (read_config(text_node(text), value, problems)) return print_config(value);
  return problems.sorted().at(0).message;
}

TEST(TimeZones, OfTheSystemsDatabase) {
  for (const char* name : {"UTC", "Europe/Berlin", "America/New_York", "America/Argentina/Buenos_Aires",
                           "Etc/GMT+5", "Asia/Kolkata", "Australia/Lord_Howe", "America/Port-au-Prince"}) {
    const std::optional<TimeZone> zone = find_time_zone(name);
    ASSERT_TRUE(zone) << name;
    EXPECT_EQ(zone->name, name);
  }
  const WallTime summer(std::chrono::seconds(1'782'000'000));  // June 2026
  EXPECT_EQ(find_time_zone("Europe/Berlin")->rules.lookup(summer).offset, 7200);
  EXPECT_EQ(find_time_zone("Asia/Kolkata")->rules.lookup(summer).offset, 19800);
  EXPECT_EQ(TimeZone().rules.lookup(summer).offset, 0);
}

TEST(TimeZones, NothingElseIsOne) {
  for (const char* name : {"", "Europe", "europe/berlin", "Europe/Berlin/", "/usr/share/zoneinfo/UTC",
                           "../zoneinfo/UTC", "localtime", "Fixed/UTC+01:00:00", "right/UTC", "posix/UTC",
                           "posixrules", "zone.tab", "libc:localtime", "CEST", "UTC+1"}) {
    EXPECT_FALSE(find_time_zone(name)) << name;
  }
}

TEST(TimeZones, AMisspeltOneIsTold) {
  EXPECT_EQ(problem_with<TimeZone>("Europe/Berln"),
            "there is no time zone \"Europe/Berln\"; did you mean \"Europe/Berlin\"?");
  EXPECT_EQ(problem_with<TimeZone>("asia/shanghai"),
            "there is no time zone \"asia/shanghai\"; did you mean \"Asia/Shanghai\"?");
  EXPECT_EQ(problem_with<TimeZone>("Middle Earth"),
            "there is no time zone \"Middle Earth\"; write a name of the IANA database, e.g. Europe/Berlin");
}

TEST(Timestamps, ByRfc3339) {
  struct Row {
    const char* text;
    Duration since_epoch;
    const char* printed;
  };
  for (const Row& row : {
           Row{"1970-01-01T00:00:00Z", 0s, "1970-01-01T00:00:00Z"},
           Row{"2026-12-01T22:00:00Z", 1'796'162'400s, "2026-12-01T22:00:00Z"},
           Row{"2026-12-01T23:30:00+01:30", 1'796'162'400s, "2026-12-01T22:00:00Z"},
           Row{"2026-12-01T17:00:00.25-05:00", 1'796'162'400s + 250ms, "2026-12-01T22:00:00.25Z"},
           Row{"2024-02-29T00:00:00Z", 1'709'164'800s, "2024-02-29T00:00:00Z"},
       }) {
    const std::optional<Timestamp> parsed = parse_timestamp(row.text);
    ASSERT_TRUE(parsed) << row.text;
    EXPECT_EQ(parsed->time.time_since_epoch(), row.since_epoch) << row.text;
    EXPECT_EQ(print_config(*parsed), row.printed);
  }
}

TEST(Timestamps, EverythingElseIsTold) {
  for (const char* text :
       {"", "2026-12-01", "2026-12-01T22:00:00", "2026-12-01 22:00:00Z", "2026-12-01T22:00Z",
        "2026-13-01T22:00:00Z", "2026-02-29T22:00:00Z", "2026-12-01T25:00:00Z", "2026-12-01T22:00:00z1",
        "2026-12-01T22:00:00+1", "2026-12-01T22:00:00+01:00 ", "2026-12-01T22:00:00.", "0001-01-01T00:00:00Z",
        "9999-01-01T00:00:00Z", "+026-12-01T22:00:00Z", "2026-12-01T22:00:00Europe/Berlin"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
  EXPECT_EQ(problem_with<Timestamp>("tomorrow"),
            "\"tomorrow\" is no time with its offset from UTC; write e.g. 2026-12-01T22:00:00Z or "
            "2026-12-01T23:00:00+01:00");
}

}  // namespace
}  // namespace lookout
