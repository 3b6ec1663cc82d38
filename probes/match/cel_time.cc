#include "probes/match/cel_time.h"

#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace lookout::cel {
namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr std::int64_t kEarliest = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLatest = 253'402'300'799;    // 9999-12-31T23:59:59Z

// Takes `digits` digits and the character after them, if one is asked for.
bool take(std::string_view& text, std::size_t digits, int& value, std::string_view after) {
  if (text.size() < digits + after.size()) return false;
  const char* const end = text.data() + digits;
  if (*text.data() == '-' || std::from_chars(text.data(), end, value).ptr != end) return false;
  text.remove_prefix(digits);
  if (!text.starts_with(after)) return false;
  text.remove_prefix(after.size());
  return true;
}

bool take_fraction(std::string_view& text, std::int32_t& nanoseconds) {
  if (!text.starts_with('.')) return true;
  text.remove_prefix(1);
  std::size_t digits = 0;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits) {
    if (digits < 9) nanoseconds = nanoseconds * 10 + (text[0] - '0');
  }
  for (std::size_t missing = digits; missing < 9; ++missing) nanoseconds *= 10;
  return digits > 0;
}

std::optional<int> take_zone(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  return parse_offset(text);
}

}  // namespace

std::optional<Timestamp> timestamp_of(std::int64_t seconds, std::int64_t nanoseconds) {
  seconds += nanoseconds / kNanoseconds;
  nanoseconds %= kNanoseconds;
  if (nanoseconds < 0) {
    nanoseconds += kNanoseconds;
    --seconds;
  }
  if (seconds < kEarliest || seconds > kLatest) return std::nullopt;
  return Timestamp{seconds, static_cast<std::int32_t>(nanoseconds)};
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!take(text, 4, year, "-") || !take(text, 2, month, "-") || !take(text, 2, day, "T") ||
      !take(text, 2, hour, ":") || !take(text, 2, minute, ":") || !take(text, 2, second, "")) {
    return std::nullopt;
  }
  std::int32_t nanoseconds = 0;
  if (!take_fraction(text, nanoseconds)) return std::nullopt;
  const std::optional<int> offset = take_zone(text);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!offset || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return timestamp_of(days * 86'400 + hour * 3'600 + (minute - *offset) * 60 + second, nanoseconds);
}

std::string print_timestamp(Timestamp time) {
  const CalendarFields fields = calendar_fields(time, 0);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", fields.year, fields.month + 1,
                                 fields.day_of_month + 1, fields.hours, fields.minutes, fields.seconds);
  if (time.nanoseconds != 0) {
    text += fmt::format(".{:09}", time.nanoseconds);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "Z";
}

std::string print_seconds(Duration duration) {
  const std::int64_t count = duration.count();
  const std::string sign = count < 0 ? "-" : "";
  const std::uint64_t size =
      count < 0 ? ~static_cast<std::uint64_t>(count) + 1 : static_cast<std::uint64_t>(count);
  std::string text = fmt::format("{}{}.{:09}", sign, size / kNanoseconds, size % kNanoseconds);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + "s";
}

std::optional<Timestamp> add(Timestamp time, Duration duration) {
  return timestamp_of(time.seconds + duration.count() / kNanoseconds,
                      time.nanoseconds + duration.count() % kNanoseconds);
}

std::optional<Duration> between(Timestamp from, Timestamp to) {
  const __int128 count =
      static_cast<__int128>(to.seconds - from.seconds) * kNanoseconds + (to.nanoseconds - from.nanoseconds);
  if (count > std::numeric_limits<std::int64_t>::max() || count < std::numeric_limits<std::int64_t>::min())
    return std::nullopt;
  return Duration(static_cast<std::int64_t>(count));
}

std::optional<int> parse_offset(std::string_view text) {
  if (text == "UTC" || text.empty()) return 0;
  const bool west = text.starts_with('-');
  if (west || text.starts_with('+')) text.remove_prefix(1);
  int hours = 0, minutes = 0;
  if (!take(text, 2, hours, ":") || !take(text, 2, minutes, "") || !text.empty()) return std::nullopt;
  if (hours > 24 || minutes > 59) return std::nullopt;
  const int offset = hours * 60 + minutes;
  return west ? -offset : offset;
}

CalendarFields calendar_fields(Timestamp time, int offset_minutes) {
  const std::chrono::sys_seconds local{
      std::chrono::seconds(time.seconds + static_cast<std::int64_t>(offset_minutes) * 60)};
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const std::chrono::sys_days new_year{date.year() / std::chrono::January / 1};
  const std::int64_t second = (local - day).count();
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<unsigned>(date.month()) - 1,
          .day_of_year = (day - new_year).count(),
          .day_of_month = static_cast<unsigned>(date.day()) - 1,
          .day_of_week = std::chrono::weekday(day).c_encoding(),
          .hours = second / 3'600,
          .minutes = second / 60 % 60,
          .seconds = second % 60,
          .milliseconds = time.nanoseconds / 1'000'000};
}

}  // namespace lookout::cel
