// Cron's schedules: five fields (minute, hour, day of month, month, day of week) as Vixie's cron has them,
// and its words (@daily, ...). Pure, in local time: what a zone's clock does to them is the caller's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <boost/json/object.hpp>
#include <cctz/civil_time.h>

#include "probes/core/yaml.h"

namespace lookout {

struct CronSchedule {
  std::string text;  // as it was written
  // Bit n stands for the value n.
  std::uint64_t minutes = 0;
  std::uint64_t hours = 0;
  std::uint64_t days = 0;
  std::uint64_t months = 0;
  std::uint64_t weekdays = 0;    // 0 is Sunday
  bool either_day_fits = false;  // neither of the two fields for days begins with *, so that one is enough
  bool operator==(const CronSchedule&) const = default;
};

// Names of months and weekdays in any case, ranges, steps, lists; 7 is Sunday, too. Otherwise: what is wrong,
// and what to write. A schedule that never comes (30 February) is wrong.
std::variant<CronSchedule, std::string> parse_cron(std::string_view text);

// The first minute that fits, at or after one; the last, at or before one.
std::optional<cctz::civil_minute> first_match(const CronSchedule& schedule, cctz::civil_minute from);
std::optional<cctz::civil_minute> last_match(const CronSchedule& schedule, cctz::civil_minute to);

bool read_config(const YamlNode& node, CronSchedule& value, Problems& problems);
std::string print_config(const CronSchedule& value);
boost::json::object config_schema(const CronSchedule& value);

}  // namespace lookout
