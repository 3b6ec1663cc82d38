// Points in time and durations of the expression language: RFC 3339 text, calendar fields, arithmetic within
// the years 1 to 9999. Pure; knows no clock and no database of time zones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "probes/core/clock.h"

namespace lookout::cel {

struct Timestamp {
  std::int64_t seconds = 0;  // since 1970
  std::int32_t nanoseconds = 0;
  auto operator<=>(const Timestamp&) const = default;
};

std::optional<Timestamp> timestamp_of(std::int64_t seconds, std::int64_t nanoseconds = 0);
std::optional<Timestamp> parse_timestamp(std::string_view text);
std::string print_timestamp(Timestamp time);
std::string print_seconds(Duration duration);  // 1.5s, never minutes

// nullopt: beyond what a timestamp or a duration holds.
std::optional<Timestamp> add(Timestamp time, Duration duration);
std::optional<Duration> between(Timestamp from, Timestamp to);

// Minutes east of UTC: "UTC", "+02:30", "-08:00". nullopt: no such form; names of places are none.
std::optional<int> parse_offset(std::string_view text);

struct CalendarFields {
  std::int64_t year, month, day_of_year, day_of_month, day_of_week, hours, minutes, seconds, milliseconds;
};
// Months and days count from zero, but for nothing else; the week begins on Sunday.
CalendarFields calendar_fields(Timestamp time, int offset_minutes);

}  // namespace lookout::cel
