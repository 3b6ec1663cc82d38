#include "exporter/config/drill_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "probes/core/text.h"

namespace lookout {

std::optional<Failure> parse_pretended_failure(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto stage = parse_stage(text.substr(0, slash));
  const auto cause = parse_cause(text.substr(slash + 1));
  if (!stage || !cause || *cause == Cause::internal) return std::nullopt;
  return Failure{*stage, *cause, {}};
}

std::string pretended_failures() {
  std::vector<std::string_view> stages, causes;
  for (std::size_t i = 0; i < kStageCount; ++i) stages.push_back(name(static_cast<Stage>(i)));
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    if (static_cast<Cause>(i) != Cause::internal) causes.push_back(name(static_cast<Cause>(i)));
  }
  return fmt::format("write STAGE/CAUSE out of {} / {}", fmt::join(stages, " "), fmt::join(causes, " "));
}

bool read_config(const YamlNode& node, PretendedFailure& value, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  if (const auto failure = parse_pretended_failure(text)) {
    value.value = *failure;
    return true;
  }
  problems.add(node.mark(), fmt::format("{} is no failure that can be pretended; {}", in_quotes(text),
                                        pretended_failures()));
  return false;
}

std::string print_config(const PretendedFailure& value) { return key(value.value); }

boost::json::object config_schema(const PretendedFailure&) {
  return {{"type", "string"},
          {"pattern", "^[a-z_]+/[a-z_]+$"},
          {"examples", boost::json::array{"connect/refused", "response/status"}}};
}

void validate(const DrillConfig& drill, ConfigReader& reader) {
  if (drill.target.empty()) reader.problem("target", "this drill has no target; write target: and its name");
  if (!drill.schedule) {
    reader.problem("schedule",
                   "this drill never begins; write schedule: and cron's five fields, or start it by hand: "
                   "lookout drill");
  }
  if (drill.duration <= Duration::zero() || drill.duration > DrillConfig::kLongestDuration) {
    reader.problem("duration", fmt::format("duration: {} is out of range; write more than 0s and at most {}",
                                           print_duration(drill.duration),
                                           print_duration(DrillConfig::kLongestDuration)));
  }
}

}  // namespace lookout
