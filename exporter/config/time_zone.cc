#include "exporter/config/time_zone.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "probes/core/config_visitor.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

// The years from the first to the one before the last are representable with days to spare.
constexpr int kFirstYear = 1970;
constexpr int kEndYear = 2200;

bool is_digit(char character) { return character >= '0' && character <= '9'; }
bool is_letter(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

// The library would also read any file, and zones that the database does not have ("Fixed/UTC+01:00:00").
bool may_name_a_zone(std::string_view name) {
  constexpr std::string_view kMarks = "/_+-";
  const bool plain = std::ranges::all_of(
      name, [&](char c) { return is_letter(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos; });
  return plain && !name.empty() && is_letter(name[0]) && name != "localtime" && !name.starts_with("Fixed/") &&
         !name.starts_with("right/") && !name.starts_with("posix");
}

// What the database calls its zones and the other names of them, to find the one that was meant.
std::vector<std::string> zone_names() {
  const char* folder = std::getenv("TZDIR");
  std::ifstream file(fmt::format("{}/tzdata.zi", folder ? folder : "/usr/share/zoneinfo"));
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind, first, second;
    words >> kind >> first >> second;
    if (kind == "Z") names.push_back(first);
    if (kind == "L") names.push_back(second);
  }
  return names;
}

std::string suggested_zone(const std::string& name) {
  const std::vector<std::string> names = zone_names();
  return suggestion(name, std::vector<std::string_view>(names.begin(), names.end()));
}

bool has_shape_of_timestamp(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() <= kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '0' ? !is_digit(text[i]) : text[i] != kShape[i]) return false;
  }
  const std::string_view offset =
      text.substr(std::min(text.size(), text.find_first_not_of(".0123456789", kShape.size())));
  return offset == "Z" || (offset.size() == 6 && offset[3] == ':');
}

}  // namespace

std::optional<TimeZone> find_time_zone(const std::string& name) {
  TimeZone zone{name, {}};
  if (!may_name_a_zone(name) || !cctz::load_time_zone(name, &zone.rules)) return std::nullopt;
  return zone;
}

bool read_config(const YamlNode& node, TimeZone& value, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  std::optional<TimeZone> found = find_time_zone(text);
  if (!found) {
    const std::string meant = suggested_zone(text);
    problems.add(
        node.mark(),
        fmt::format("there is no time zone {}{}", in_quotes(text),
                    meant.empty() ? "; write a name of the IANA database, e.g. Europe/Berlin" : meant));
    return false;
  }
  value = *std::move(found);
  return true;
}

std::string print_config(const TimeZone& value) { return value.name; }

boost::json::object config_schema(const TimeZone&) {
  return {{"type", "string"}, {"examples", boost::json::array{"UTC", "Europe/Berlin", "Asia/Shanghai"}}};
}

std::optional<Timestamp> parse_timestamp(const std::string& text) {
  if (!has_shape_of_timestamp(text)) return std::nullopt;
  const int year = std::atoi(text.c_str());
  if (year < kFirstYear || year >= kEndYear) return std::nullopt;
  Timestamp parsed;
  if (!cctz::parse("%Y-%m-%dT%H:%M:%E*S%Ez", text, cctz::utc_time_zone(), &parsed.time)) return std::nullopt;
  return parsed;
}

bool read_config(const YamlNode& node, Timestamp& value, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  const std::optional<Timestamp> parsed = parse_timestamp(text);
  if (!parsed) {
    problems.add(node.mark(),
                 fmt::format("{} is no time with its offset from UTC; write e.g. 2026-12-01T22:00:00Z or "
                             "2026-12-01T23:00:00+01:00",
                             in_quotes(text)));
    return false;
  }
  value = *parsed;
  return true;
}

std::string print_config(const Timestamp& value) {
  return cctz::format("%Y-%m-%dT%H:%M:%E*SZ", value.time, cctz::utc_time_zone());
}

boost::json::object config_schema(const Timestamp&) {
  return {{"type", "string"},
          {"pattern",
           "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})$"},
          {"examples", boost::json::array{"2026-12-01T22:00:00Z"}}};
}

}  // namespace lookout
