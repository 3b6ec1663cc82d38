// A time during which targets may fail without alarm, as it stands under `maintenance`: once, or again and
// again by the clock of a time zone. When it is open, incident/maintenance.h says.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exporter/config/cron.h"
#include "exporter/config/time_zone.h"
#include "probes/core/config_visitor.h"

namespace lookout {

struct MaintenanceWindow {
  // Exactly one of these two.
  std::optional<Timestamp> start;
  std::optional<CronSchedule> schedule;
  TimeZone timezone;                          // that schedule is in
  Duration duration{};                        // of real time, whatever the clocks do meanwhile
  std::vector<std::string> targets;           // by their names,
  std::map<std::string, std::string> labels;  // and those that have all of these labels
  bool all = false;
  std::string reason;
};

template <class Visitor>
void describe(Visitor& v, MaintenanceWindow& window) {
  v.field("start", window.start, "When it begins, once: a time with its offset from UTC");
  v.field(
      "schedule", window.schedule,
      "When it begins, again and again: cron's five fields (minute, hour, day of month, month, day of week), "
      "@daily, ...");
  v.field("timezone", window.timezone, "Name in the IANA database of the zone that schedule is in");
  v.field("duration", window.duration, "How long it lasts; at most 744h, which is 31 days");
  v.field("targets", window.targets, "Names of targets");
  v.field("labels", window.labels, "Targets that have all of these labels, beside those that are named");
  v.field("all", window.all, "Every target");
  v.field("reason", window.reason, "Why, for people");
}
void validate(const MaintenanceWindow& window, ConfigReader& reader);

}  // namespace lookout
