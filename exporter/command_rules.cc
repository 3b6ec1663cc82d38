// `lookout rules`: alerting rules fitted to the targets of a configuration. For them these stand in for
// deploy/prometheus/rules/lookout-down.rules.yml, which leaves out targets with target:lookout_rules:fitted.
#include <algorithm>
#include <array>
#include <iostream>

#include <boost/algorithm/string/replace.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "exporter/commands.h"
#include "exporter/config/config.h"
#include "exporter/incident/dependencies.h"
#include "probes/core/config_values.h"
#include "probes/core/fact.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

using Labels = std::map<std::string, std::string>;

constexpr std::string_view kRunbooks = "https://example.org/lookout/deploy/prometheus/runbooks.md#";
// What Prometheus puts on alerts itself; it renames those of targets at a scrape likewise.
constexpr std::array<std::string_view, 4> kOfPrometheus{"alertname", "instance", "job", "quorum"};
constexpr int kIntervalsUntilStale = 4;
constexpr Duration kStaleOnScrape = std::chrono::minutes(15);  // the interval is Prometheus's there

struct Alert {
  std::string name;
  std::string expression;
  Duration wait{};
  Labels labels;
  std::string summary, description;
  std::string runbook{};  // empty: the section of the alert's name
};

// JSON's strings are among YAML's.
std::string quoted(std::string_view text) {
  const std::string clean = to_utf8(text);
  return boost::json::serialize(boost::json::string_view(clean));
}

// What people wrote is no template, although it stands where Prometheus expects one.
std::string literal(std::string_view text) {
  return quoted(boost::replace_all_copy(std::string(text), "{{", R"({{"{{"}})"));
}

void write(std::string& out, const Alert& alert) {
  out += fmt::format("      - alert: {}\n        expr: {}\n", alert.name, quoted(alert.expression));
  if (alert.wait > Duration::zero()) out += fmt::format("        for: {}\n", print_duration(alert.wait));
  out += "        labels:\n";
  for (const auto& [label, value] : alert.labels)
    out += fmt::format("          {}: {}\n", quoted(label), literal(value));
  const std::string runbook =
      alert.runbook.empty() ? std::string(kRunbooks) + lower_case(alert.name) : alert.runbook;
  out += fmt::format(
      "        annotations:\n          summary: {}\n          description: {}\n          runbook_url: {}\n",
      quoted(alert.summary), quoted(alert.description), literal(runbook));
}

bool asks_by_alert(const TargetConfig& target, const Config& config) {
  const auto plan = config.recovery.plans.find(target.recovery);
  return plan != config.recovery.plans.end() && plan->second.trigger == PlanTrigger::alertmanager;
}

Labels labels_of(const TargetConfig& target, std::string_view severity) {
  Labels labels;
  for (const auto& [label, value] : target.labels) {
    const bool taken = std::ranges::find(kOfPrometheus, label) != kOfPrometheus.end();
    labels[(taken ? "exported_" : "") + label] = value;
  }
  labels["severity"] = severity;
  labels["target"] = target.name;
  return labels;
}

std::string selector(std::string_view metric, const std::string& target, std::string_view more = {}) {
  return fmt::format("{}{{{}{}}}", metric, render_labels({{"target", target}}), more);
}

// Without the severity, as for five minutes after a change of it there are two series, and the rule's own
// label would make one alert of them, which Prometheus refuses.
Alert down(const TargetConfig& target, const Config& config) {
  Alert alert{
      .name = "LookoutTargetDown",
      .expression = fmt::format(
          "max without (severity) (last_over_time({}[5m])) == 0 unless on (job, instance, target) "
          "last_over_time({}[5m]) == 1",
          selector("lookout_target_up", target.name, ",quorum=\"\""),
          selector("lookout_target_suppressed", target.name)),
      .labels = labels_of(target, name(target.severity)),
      .summary = "A target that Lookout watches is down.",
      .description =
          "{{ $labels.target }} is down, as {{ $labels.instance }} sees it{{ range printf "
          "\"lookout_incident_active{job=%q,instance=%q,target=%q} == 1\" $labels.job $labels.instance "
          "$labels.target | query }}: {{ .Labels.stage }} failed, {{ .Labels.cause }}{{ end }}.",
      .runbook = target.runbook_url};
  if (asks_by_alert(target, config)) alert.labels["recovery"] = "alertmanager";
  return alert;
}

Alert drill(const TargetConfig& target) {
  Alert alert{
      .name = "LookoutTargetDown",
      .expression = fmt::format("max without (severity, stage, cause) ({}) == 1",
                                selector("lookout_incident_active", target.name, ",drill=\"true\"")),
      .labels = labels_of(target, name(target.severity)),
      .summary = "This is a drill, in which a target is said to be down.",
      .description =
          "A drill at {{ $labels.instance }} rehearses a failure of {{ $labels.target }}. Nothing is wrong "
          "with it.",
      .runbook = target.runbook_url};
  alert.labels["drill"] = "true";
  return alert;
}

// Through /probe nobody applies the threshold: so many failures in a row span one interval less.
Alert probe_failed(const TargetConfig& target) {
  return {.name = "LookoutProbeFailed",
          .expression = fmt::format("{} == 0 unless on (job, instance, target) {}",
                                    selector("probe_success", target.name, ",severity!=\"\""),
                                    selector("lookout_target_state", target.name)),
          .wait = (target.failure_threshold - 1) * target.interval,
          .labels = labels_of(target, name(target.severity)),
          .summary = "A probe made by Prometheus through Lookout keeps failing.",
          .description = fmt::format("The probe of {{{{ $labels.target }}}} (job {{{{ $labels.job }}}}) has "
                                     "failed as often as its threshold says: {}.",
                                     target.failure_threshold),
          .runbook = target.runbook_url};
}

// Of things about Lookout's own view; they can wait.
std::string_view severity_of_doubt(const TargetConfig& target) {
  return name(target.severity == Severity::info ? Severity::info : Severity::warning);
}

Alert stale(const TargetConfig& target) {
  const Duration oldest = target.mode == TargetMode::scrape
                              ? kStaleOnScrape
                              : kIntervalsUntilStale * target.interval + target.timeout;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(oldest).count();
  return {
      .name = "LookoutSamplesStale",
      .expression =
          fmt::format("{} > {}", selector("lookout_target_sample_age_seconds", target.name), seconds),
      .wait = std::chrono::minutes(1),
      .labels = labels_of(target, severity_of_doubt(target)),
      .summary = "What is known of a target is old.",
      .description =
          "The newest probe of {{ $labels.target }} that came to a verdict at {{ $labels.instance }} ended "
          "{{ $value | humanizeDuration }} ago. Its state may no longer be true."};
}

// Only while some Lookout runs: that none does is another alert, and one.
Alert absent(const TargetConfig& target) {
  return {.name = "LookoutTargetAbsent",
          .expression = fmt::format("absent({}) and on () (up{{job=\"lookout\"}} == 1)",
                                    selector("lookout_target_info", target.name)),
          .wait = std::chrono::minutes(5),
          .labels = labels_of(target, severity_of_doubt(target)),
          .summary = "No Lookout knows a target that is configured.",
          .description =
              "{{ $labels.target }} stood in the configuration that these rules were written from, and no "
              "Lookout that runs has it."};
}

// The target's alerts are muted while this one fires: those of the same Lookout, or where Prometheus probes,
// those of the same job.
Alert dependency_down(const TargetConfig& target, const std::string& dependency) {
  return {.name = "LookoutDependencyDown",
          .expression =
              fmt::format("max without (severity) (last_over_time({}[5m])) == 0 or max by (job) ({}) == 0",
                          selector("lookout_target_up", dependency),
                          selector("probe_success", dependency, ",severity!=\"\"")),
          .labels = {{"dependency", dependency}, {"severity", "none"}, {"target", target.name}},
          .summary = "What a target depends on is down.",
          .description =
              "{{ $labels.dependency }} is down, so the alerts of {{ $labels.target }}, which depends on it, "
              "are muted."};
}

void write(std::string& out, const TargetConfig& target, const Config& config,
           const Dependencies& dependencies) {
  out += fmt::format(
      "      - record: target:lookout_rules:fitted\n        expr: vector(1)\n        labels:\n          "
      "target: {}\n",
      literal(target.name));
  for (const std::string* dependency : dependencies.dependencies(target.name))
    write(out, dependency_down(target, *dependency));
  for (const Alert& alert :
       {down(target, config), drill(target), probe_failed(target), stale(target), absent(target)})
    write(out, alert);
}

}  // namespace

int run_rules(const Flags& flags) {
  const auto config = flags.config_file.empty() ? default_config() : load_or_say(flags.config_file);
  if (!config) return 1;
  std::string out =
      "# Written by `lookout rules`. To be loaded beside the rules of deploy/prometheus/rules, and written "
      "again when targets change.\ngroups:";
  out += config->targets.empty() ? " []\n" : "\n  - name: lookout-fitted.rules\n    rules:\n";
  const Dependencies dependencies(config);
  for (const auto& target : config->targets) write(out, *target, *config, dependencies);
  std::cout << out;
  return 0;
}

}  // namespace lookout
