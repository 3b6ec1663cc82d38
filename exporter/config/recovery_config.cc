#include "exporter/config/recovery_config.h"

#include <algorithm>
#include <array>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "probes/core/enum_names.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::array<std::string_view, 4> kModeNames{"off", "observe", "approve", "auto"};
constexpr std::array<std::string_view, 2> kTriggerNames{"incident", "alertmanager"};
constexpr int kMostActions = 1000;
constexpr Duration kLongest = std::chrono::hours(7 * 24);  // as long as attempts are remembered

void expect_time(ConfigReader& reader, std::string_view key, Duration value, Duration least) {
  if (value < least || value > kLongest)
    reader.problem(key, fmt::format("{}: {} is out of range; write {} to {}", key, print_duration(value),
                                    print_duration(least), print_duration(kLongest)));
}

void expect_count(ConfigReader& reader, std::string_view key, int value, int least) {
  if (value < least || value > kMostActions)
    reader.problem(key,
                   fmt::format("{}: {} is out of range; write {} to {}", key, value, least, kMostActions));
}

template <class Value>
bool read_half(std::string_view text, std::optional<Value>& value,
               std::optional<Value> (*parse)(std::string_view)) {
  if (text == "*") return true;
  value = parse(text);
  return value.has_value();
}

}  // namespace

std::string_view name(RecoveryMode mode) { return kModeNames.at(static_cast<std::size_t>(mode)); }
std::optional<RecoveryMode> parse_recovery_mode(std::string_view text) {
  return parse_name<RecoveryMode>(kModeNames, text);
}
std::span<const std::string_view> config_names(RecoveryMode) { return kModeNames; }
std::span<const std::string_view> config_names(PlanTrigger) { return kTriggerNames; }

bool FailurePattern::matches(const Failure& failure) const {
  return (!stage || *stage == failure.stage) && (!cause || *cause == failure.cause);
}

bool RecoveryStep::matches(const Failure& failure) const {
  return when.empty() ||
         std::ranges::any_of(when, [&](const FailurePattern& pattern) { return pattern.matches(failure); });
}

bool read_config(const YamlNode& node, FailurePattern& value, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  FailurePattern read;
  const std::size_t slash = text.find('/');
  if (slash != std::string::npos &&
      read_half(std::string_view(text).substr(0, slash), read.stage, parse_stage) &&
      read_half(std::string_view(text).substr(slash + 1), read.cause, parse_cause)) {
    value = read;
    return true;
  }
  std::vector<std::string_view> stages, causes;
  for (std::size_t i = 0; i < kStageCount; ++i) stages.push_back(name(static_cast<Stage>(i)));
  for (std::size_t i = 0; i < kCauseCount; ++i) causes.push_back(name(static_cast<Cause>(i)));
  problems.add(node.mark(), fmt::format("{} is no failure; write STAGE/CAUSE out of {} / {}, or * for any",
                                        in_quotes(text), fmt::join(stages, " "), fmt::join(causes, " ")));
  return false;
}

std::string print_config(const FailurePattern& value) {
  return fmt::format("{}/{}", value.stage ? name(*value.stage) : "*", value.cause ? name(*value.cause) : "*");
}

boost::json::object config_schema(const FailurePattern&) {
  return {{"type", "string"},
          {"pattern", "^[a-z_*]+/[a-z_*]+$"},
          {"examples", boost::json::array{"connect/refused", "*/timeout"}}};
}

void validate(const Brake& brake, ConfigReader& reader) {
  if (!(brake.down_fraction > 0 && brake.down_fraction <= 1))
    reader.problem("down_fraction",
                   fmt::format("down_fraction: {} is out of range; write more than 0 and at most 1",
                               brake.down_fraction));
  expect_count(reader, "min_targets", brake.min_targets, 1);
  expect_time(reader, "window", brake.window, Duration::zero());
}

void validate(const Breaker& breaker, ConfigReader& reader) {
  expect_count(reader, "after", breaker.after, 1);
  expect_time(reader, "wait", breaker.wait, std::chrono::minutes(1));
}

void validate(const FailBack& fail_back, ConfigReader& reader) {
  if (!reader.has("action"))
    reader.problem("action", "this fail_back does nothing; write action: and the name of one");
  expect_time(reader, "after", fail_back.after, Duration::zero());
}

void validate(const RecoveryStep& step, ConfigReader& reader) {
  if (!reader.has("action"))
    reader.problem("action",
                   "this step does nothing; write action: and the name of one, or none with a note");
  if (reader.has("when") && step.when.empty())
    reader.problem("when",
                   "when: is empty, so that it fits no failure; write failures, or leave it away for all");
  expect_count(reader, "attempts", step.attempts, 1);
  expect_time(reader, "settle", step.settle, Duration::zero());
}

void validate(const RecoveryPlan& plan, ConfigReader& reader) {
  expect_count(reader, "max_attempts_per_incident", plan.max_attempts_per_incident, 1);
  expect_count(reader, "max_attempts_per_day", plan.max_attempts_per_day, 1);
  expect_time(reader, "cooldown", plan.cooldown, Duration::zero());
  if (plan.steps.empty())
    reader.problem("steps", "this plan never does anything; write steps: and what to do");
}

void validate(const LeaseSettings& lease, ConfigReader& reader) {
  if (!is_kubernetes_name(lease.name))
    reader.problem("name", fmt::format("name: {} is no name of an object in Kubernetes; write lower-case "
                                       "letters, digits, - and .",
                                       in_quotes(lease.name)));
  if (!lease.lease_namespace.empty() && !is_kubernetes_label(lease.lease_namespace))
    reader.problem("namespace", fmt::format("namespace: {} is none of Kubernetes; write lower-case letters, "
                                            "digits and -",
                                            in_quotes(lease.lease_namespace)));
  if (lease.lease_namespace.empty() && !lease.server.in_cluster())
    reader.problem("namespace", "namespace: with api_server, write the Lease's namespace");
}

void validate(const RecoveryConfig& recovery, ConfigReader& reader) {
  expect_count(reader, "max_actions_per_hour", recovery.max_actions_per_hour, 0);
  expect_time(reader, "observation", recovery.observation, Duration::zero());
  expect_time(reader, "approval_expires", recovery.approval_expires, std::chrono::minutes(1));
}

}  // namespace lookout
