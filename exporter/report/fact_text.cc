#include "exporter/report/fact_text.h"

#include <cmath>

#include <fmt/format.h>

#include "exporter/report/time_text.h"

namespace lookout {
namespace {

constexpr double kNoChain = -62135596800;  // Go's zero time

std::string number(double value) {
  const bool whole = std::abs(value) < 1e15 && value == std::floor(value);
  return whole ? fmt::format("{:.0f}", value) : fmt::format("{}", value);
}

std::string bytes(double value) {
  if (value < 0) return "not announced";
  if (value < 1024) return number(value) + " bytes";
  constexpr std::string_view kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  double scaled = value / 1024;
  std::size_t unit = 0;
  for (; scaled >= 1024 && unit + 1 < std::size(kUnits); ++unit) scaled /= 1024;
  return fmt::format("{:.1f} {} ({} bytes)", scaled, kUnits[unit], number(value));
}

std::string moment(double value, WallTime now) {
  if (value == kNoChain) return "none: nothing was verified";
  const std::string date = utc_for_people(value);
  return date.empty() ? number(value) : date + ", " + distance_for_people(value, now);
}

std::string span(double value) {
  if (value == 0) return "0";
  if (value < 0 || value > 1e9) return number(value) + " s";
  return for_people(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value)));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> labels_of(const Fact& fact) {
  std::vector<std::pair<std::string, std::string>> labels;
  std::string_view rest = fact.labels;
  while (!rest.empty()) {
    const std::size_t equals = rest.find("=\"");
    if (equals == std::string_view::npos) break;
    auto& [name, value] = labels.emplace_back(rest.substr(0, equals), "");
    std::size_t at = equals + 2;
    for (; at < rest.size() && rest[at] != '"'; ++at) {
      if (rest[at] == '\\' && at + 1 < rest.size()) {
        ++at;
        value += rest[at] == 'n' ? '\n' : rest[at];
      } else {
        value += rest[at];
      }
    }
    rest.remove_prefix(std::min(rest.size(), at + 2));  // the quote and a comma
  }
  return labels;
}

bool is_no_chain(const Fact& fact) { return fact.value == kNoChain; }

std::string value_for_people(const Fact& fact, WallTime now) {
  return value_for_people(fact.family->metric, fact.value, now);
}

std::string value_for_people(std::string_view metric, double value, WallTime now) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (metric.ends_with("_timestamp_seconds") || metric.ends_with("_expiry")) return moment(value, now);
  if (metric.ends_with("_seconds")) return span(value);
  if (metric.ends_with("_length")) return bytes(value);
  return number(value);
}

}  // namespace lookout
