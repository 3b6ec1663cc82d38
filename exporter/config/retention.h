// How long the journal keeps what it records.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "probes/core/config_visitor.h"

namespace lookout {

// A duration that may also be written in days, weeks and years: 30d, 2w, 1y (365d), 400d12h, beside what
// parse_duration() reads.
struct LongDuration {
  Duration value{};
  bool operator==(const LongDuration&) const = default;
};
std::optional<LongDuration> parse_long_duration(std::string_view text);
bool read_config(const YamlNode& node, LongDuration& value, Problems& problems);
std::string print_config(const LongDuration& value);  // whole days as 30d
boost::json::object config_schema(const LongDuration& value);

struct Retention {
  Duration incidents = std::chrono::hours(400 * 24);
  Duration probes = std::chrono::hours(30 * 24);
  Duration hours = std::chrono::hours(14 * 24);
  Duration days = std::chrono::hours(400 * 24);
  bool operator==(const Retention&) const = default;
};

template <class Visitor>
void describe(Visitor& v, Retention& retention) {
  const auto field = [&v](std::string_view key, Duration& value, std::string_view help) {
    LongDuration written{value};
    v.field(key, written, help);
    value = written.value;
  };
  field("incidents", retention.incidents, "Incidents and their reports; 400d unless set");
  field("probes", retention.probes, "Single probes; 30d unless set");
  field("hours", retention.hours, "Summaries of hours; 14d unless set");
  field("days", retention.days, "Summaries of days; 400d unless set");
}
void validate(const Retention& retention, ConfigReader& reader);

}  // namespace lookout
