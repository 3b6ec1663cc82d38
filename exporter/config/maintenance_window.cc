#include "exporter/config/maintenance_window.h"

#include <fmt/format.h>

#include "probes/core/config_rules.h"

namespace lookout {
namespace {

constexpr Duration kLongest = std::chrono::hours(31 * 24);

void check_begin(ConfigReader& reader) {
  demand_one(reader, {{"start", reader.has("start")}, {"schedule", reader.has("schedule")}},
             "this maintenance never begins; write start: and a time, or schedule: and cron's five fields");
  if (reader.has("timezone") && !reader.has("schedule"))
    reader.problem("timezone", "timezone: start has its own offset from UTC; remove it, or write a schedule");
}

void check_duration(Duration duration, ConfigReader& reader) {
  if (!reader.has("duration")) {
    reader.problem("duration", "this maintenance has no end; write duration: and how long it lasts, e.g. 2h");
  } else if (duration <= Duration::zero() || duration > kLongest) {
    reader.problem("duration", fmt::format("duration: {} is out of range; write more than 0s and at most {}",
                                           print_duration(duration), print_duration(kLongest)));
  }
}

void check_selection(const MaintenanceWindow& window, ConfigReader& reader) {
  if (window.targets.empty() && window.labels.empty() && !window.all) {
    reader.problem(
        reader.has("targets")  ? "targets"
        : reader.has("labels") ? "labels"
                               : "all",
        "this maintenance covers no target; write targets: and their names, labels:, or all: true");
  }
  for (std::string_view key : {"targets", "labels"}) {
    if (window.all && reader.has(key))
      reader.problem(key, fmt::format("{}: all: true covers every target; remove one of the two", key));
  }
}

}  // namespace

void validate(const MaintenanceWindow& window, ConfigReader& reader) {
  check_begin(reader);
  check_duration(window.duration, reader);
  check_selection(window, reader);
}

}  // namespace lookout
