#include "exporter/config/retention.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr Duration kDay = std::chrono::hours(24);
constexpr Duration kShortest = std::chrono::hours(1);
constexpr Duration kLongest = 36500 * kDay;

struct Unit {
  char letter;
  int days;
};
constexpr std::array<Unit, 3> kUnits{{{'y', 365}, {'w', 7}, {'d', 1}}};

}  // namespace

std::optional<LongDuration> parse_long_duration(std::string_view text) {
  LongDuration result;
  bool any = false;
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc() || count < 0 || digits == text.size()) break;
    const auto unit = std::ranges::find(kUnits, text[digits], &Unit::letter);
    if (unit == kUnits.end()) break;
    if (count > kLongest / kDay / unit->days) return std::nullopt;
    result.value += count * unit->days * kDay;
    if (result.value > kLongest) return std::nullopt;
    text.remove_prefix(digits + 1);
    any = true;
  }
  if (text.empty()) return any ? std::optional(result) : std::nullopt;
  const std::optional<Duration> rest = parse_duration(text);
  if (!rest || (any && *rest < Duration::zero()) || *rest > kLongest) return std::nullopt;
  result.value += *rest;
  return result;
}

bool read_config(const YamlNode& node, LongDuration& value, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  const std::optional<LongDuration> parsed = parse_long_duration(text);
  if (!parsed) {
    problems.add(node.mark(), fmt::format("{} is no duration; write a number with its unit, e.g. 30d or 12h",
                                          in_quotes(text)));
    return false;
  }
  value = *parsed;
  return true;
}

std::string print_config(const LongDuration& value) {
  if (value.value > Duration::zero() && value.value % kDay == Duration::zero())
    return fmt::format("{}d", value.value / kDay);
  return print_duration(value.value);
}

boost::json::object config_schema(const LongDuration&) {
  return {{"type", "string"},
          {"minLength", 1},
          {"pattern", "^([0-9]+[ywd])*(([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|\xC2\xB5s|\xCE\xBCs|ms|s|m|h))*$"},
          {"examples", boost::json::array{"30d", "12h", "1y"}}};
}

void validate(const Retention& retention, ConfigReader& reader) {
  for (const auto& [key, value] :
       std::initializer_list<std::pair<std::string_view, Duration>>{{"incidents", retention.incidents},
                                                                    {"probes", retention.probes},
                                                                    {"hours", retention.hours},
                                                                    {"days", retention.days}}) {
    if (value < kShortest || value > kLongest)
      reader.problem(key, fmt::format("{}: {} is out of range; write {} to {}", key, print_config({value}),
                                      print_config({kShortest}), print_config({kLongest})));
  }
}

}  // namespace lookout
