// From YAML to targets: the main file's list, and files of targets in our own form or in that of Prometheus'
// file_sd. Checks every target by itself and against the modules and the names already taken; each problem
// stands where its value stands. Pure but for compiled patterns; reads no file.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/config/references.h"

namespace lookout {

// What target_defaults and a target have in common.
template <class Visitor>
void describe_settings(Visitor& v, TargetConfig& target) {
  v.field("module", target.module_name, "Name of the module to probe with; http_2xx unless set");
  v.field("mode", target.mode,
          "interval: probed by Lookout's own clock; scrape: while /metrics is being scraped");
  v.field("interval", target.interval, "Time from one probe to the next");
  v.field("timeout", target.timeout, "Longest time that a probe may take; at most the interval");
  v.field("severity", target.severity, "critical, warning or info");
  v.field("failure_threshold", target.failure_threshold, "Failing probes in a row until it is down");
  v.field("success_threshold", target.success_threshold, "Succeeding probes in a row until it is up again");
  v.field("degraded_above", target.degraded_above, "Up, but slower than this, is degraded");
  v.field(
      "retries", target.retries,
      "Further attempts over fresh connections after one that failed, within the same timeout, in place of "
      "the module's");
  v.field("labels", target.labels, "Labels of lookout_target_info and of reports");
  v.field("runbook_url", target.runbook_url, "Where people read what to do");
  v.field("recovery", target.recovery, "Name of the plan of recovery for its incidents");
}

template <class Visitor>
void describe(Visitor& v, CheckpointConfig& checkpoint) {
  v.field("name", checkpoint.name, "Name that the target has once, the checkpoint label of its metrics");
  v.field("address", checkpoint.address, "What to probe, in place of the target's address");
  v.field("module", checkpoint.module_name, "Name of the module to probe with, in place of the target's");
}
boost::json::object config_schema(const CheckpointConfig& checkpoint);

template <class Visitor>
void describe(Visitor& v, TargetConfig& target) {
  v.field("name", target.name, "Unique name, the target label of its metrics");
  v.field("address", target.address,
          "What to probe: URL, host:port, host, server or path of a socket, as the module's prober has it");
  describe_settings(v, target);
  v.field("depends_on", target.depends_on,
          "Names of targets; while one of them is down, this one's incident is suppressed");
  v.field("checkpoints", target.checkpoints, "Several ways of looking at it, probed together");
  std::optional<int> quorum;  // the default hangs on how many checkpoints there are
  if (!target.checkpoints.empty()) quorum = target.quorum;
  v.field("quorum", quorum,
          "Checkpoints that must fail before the target counts as failed; more than half of them unless set");
  if (quorum) target.quorum = *quorum;
}

class TargetReader {
 public:
  using Names = std::set<std::string, std::less<>>;
  // `declared`: names of all modules in the file, also of those with problems of their own; `plans`: of all
  // plans of recovery.
  TargetReader(const Modules& modules, Names declared, Names plans);

  // `base` with what the mapping sets; a null node sets nothing.
  TargetConfig read_defaults(const YamlNode& node, TargetConfig base, Problems& problems) const;
  // The value of `targets:`. What targets say of each other is left to references.h, as more may follow.
  void read_list(const YamlNode& node, const TargetConfig& defaults, Problems& problems);
  // A whole file: a list of targets or of file_sd groups, or a mapping with target_defaults and targets.
  // In a group each address is a target by the address' name (a password in it masked), or by the label
  // `name` if the group has one address only. The labels module or __param_module, severity, interval and
  // timeout are settings; others that begin with two underscores count for nothing; the rest are the targets'
  // labels.
  void read_document(const YamlNode& root, const TargetConfig& defaults, Problems& problems);

  std::vector<std::shared_ptr<const TargetConfig>> take() { return std::move(targets_); }
  std::vector<TargetReference> take_references() { return std::move(references_); }

 private:
  void read_target(const YamlNode& node, const TargetConfig& defaults, Problems& problems);
  void read_group(const YamlNode& node, const TargetConfig& defaults, Problems& problems);
  void read_group_labels(const YamlNode& labels, bool single, TargetConfig& target, Problems& problems) const;
  void check_settings(const TargetConfig& target, ConfigReader& reader, const YamlNode& node) const;
  void check_checkpoints(const TargetConfig& target, ConfigReader& reader, const YamlNode& node) const;
  void check_checkpoint(const CheckpointConfig& checkpoint, const YamlNode& node, Problems& problems) const;
  std::shared_ptr<const Module> resolve(const std::string& module_name, std::optional<int> retries);
  void check_module(const std::string& name, Mark mark, Problems& problems) const;
  void check_plan(const std::string& name, Mark mark, Problems& problems) const;
  void add(TargetConfig target, bool own_timeout, Mark name_mark, Problems& problems);

  const Modules& modules_;
  Names declared_, plans_;
  std::map<std::string, std::string, std::less<>> places_;  // of names taken: "lookout.yml:12:5"
  std::map<std::pair<std::string, int>, std::shared_ptr<const Module>>
      retried_;  // modules with other retries
  std::vector<std::shared_ptr<const TargetConfig>> targets_;
  std::vector<TargetReference> references_;
};

}  // namespace lookout
