#include "exporter/report/time_text.h"

#include <algorithm>
#include <cmath>
#include <ctime>

#include <fmt/format.h>

namespace lookout {
namespace {

constexpr double kDay = 86400;
constexpr double kLastYear = 253402300799;  // 9999-12-31T23:59:59Z
constexpr double kFirstYear = -62135596800;

std::tm utc(std::time_t time) {
  std::tm parts{};
  gmtime_r(&time, &parts);
  return parts;
}

// Three digits that tell, and never an exponent.
std::string three_digits(double value) {
  return value < 99.95 ? fmt::format("{:.3g}", value) : fmt::format("{:.0f}", value);
}

std::string long_time(double all) {
  const auto whole = static_cast<std::int64_t>(all);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
  return fmt::format("{} d {} h", whole / 86400, whole / 3600 % 24);
}

std::string span_for_people(double all) {
  if (all < 60) return fmt::format("{:.0f} s", all);
  if (all < 2 * kDay) return long_time(all);
  return fmt::format("{:.0f} days", std::floor(all / kDay));
}

}  // namespace

std::string rfc3339(WallTime time) {
  const auto since_epoch = time.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch - whole).count();
  const std::tm parts = utc(whole.count());
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, milliseconds);
}

std::string utc_for_people(double unix_seconds) {
  if (!(unix_seconds >= kFirstYear && unix_seconds <= kLastYear)) return "";
  const std::tm parts = utc(static_cast<std::time_t>(std::floor(unix_seconds)));
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string for_people(Duration duration) {
  const double all = std::max(seconds(duration), 0.0);
  if (all < 0.0009995) return fmt::format("{:.0f} us", all * 1e6);
  if (all < 0.9995) return three_digits(all * 1e3) + " ms";
  if (all < 60) return three_digits(all) + " s";
  return long_time(all);
}

std::string distance_for_people(double unix_seconds, WallTime now) {
  const double distance = unix_seconds - lookout::unix_seconds(now);
  return distance < 0 ? span_for_people(-distance) + " ago" : "in " + span_for_people(distance);
}

}  // namespace lookout
