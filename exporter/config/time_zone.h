// Time as people write it in the configuration: zones of the IANA database, as the system has it, and moments
// by RFC 3339.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <cctz/time_zone.h>

#include "probes/core/clock.h"
#include "probes/core/yaml.h"

namespace lookout {

struct TimeZone {
  std::string name = "UTC";
  cctz::time_zone rules;  // UTC's by default; a handle to what stays loaded as long as the process lives
  bool operator==(const TimeZone& other) const { return name == other.name; }
};
// Reads the system's database at the first call for a name. nullopt: it has no such zone.
std::optional<TimeZone> find_time_zone(const std::string& name);
bool read_config(const YamlNode& node, TimeZone& value, Problems& problems);
std::string print_config(const TimeZone& value);
boost::json::object config_schema(const TimeZone& value);

struct Timestamp {
  WallTime time;
  bool operator==(const Timestamp&) const = default;
};
// "2026-12-01T22:00:00Z", "2026-12-01T23:00:00.5+01:00"; of the years that WallTime has room for.
std::optional<Timestamp> parse_timestamp(const std::string& text);
bool read_config(const YamlNode& node, Timestamp& value, Problems& problems);
std::string print_config(const Timestamp& value);
boost::json::object config_schema(const Timestamp& value);

}  // namespace lookout
