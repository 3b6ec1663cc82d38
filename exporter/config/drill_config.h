// A drill that is held again and again, as it stands under `drills`.
#pragma once

#include <string>

#include "exporter/config/cron.h"
#include "exporter/config/time_zone.h"
#include "probes/core/config_visitor.h"
#include "probes/core/failure.h"

namespace lookout {

// "connect/refused": a failure that can be pretended.
struct PretendedFailure {
  Failure value{Stage::connect, Cause::refused, {}};
  bool operator==(const PretendedFailure&) const = default;
};
// nullopt: it is none.
std::optional<Failure> parse_pretended_failure(std::string_view text);
// What to write instead of one that is none.
std::string pretended_failures();
bool read_config(const YamlNode& node, PretendedFailure& value, Problems& problems);
std::string print_config(const PretendedFailure& value);
boost::json::object config_schema(const PretendedFailure& value);

struct DrillConfig {
  static constexpr Duration kUsualDuration = std::chrono::minutes(1);
  static constexpr Duration kLongestDuration = std::chrono::hours(1);

  std::string target;  // by its name
  std::optional<CronSchedule> schedule;
  TimeZone timezone;  // that schedule is in
  PretendedFailure failure;
  Duration duration = kUsualDuration;
};

template <class Visitor>
void describe(Visitor& v, DrillConfig& drill) {
  v.field("target", drill.target, "Name of the target whose failure is pretended");
  v.field("schedule", drill.schedule,
          "When: cron's five fields (minute, hour, day of month, month, day of week), @weekly, ...");
  v.field("timezone", drill.timezone, "Name in the IANA database of the zone that schedule is in");
  v.field("failure", drill.failure, "What is pretended, as stage/cause; connect/refused unless set");
  v.field("duration", drill.duration,
          "How long the failure lasts at least; 1m unless set. It goes on while the alert is on its way");
}
void validate(const DrillConfig& drill, ConfigReader& reader);

}  // namespace lookout
