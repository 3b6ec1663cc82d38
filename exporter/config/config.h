// The configuration as an immutable snapshot: parsed, validated, resolved. One shared_ptr<const Config> is
// current at a time; a reload makes a new one, and whoever still works with the old one keeps it alive.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "exporter/config/drill_config.h"
#include "exporter/config/maintenance_window.h"
#include "exporter/config/recovery_config.h"
#include "exporter/config/retention.h"
#include "probes/core/clock.h"
#include "probes/core/problem.h"
#include "probes/net/address_policy.h"
#include "probes/registry.h"

namespace lookout {

enum class Severity { critical, warning, info };
std::string_view name(Severity severity);
std::span<const std::string_view> config_names(Severity);

enum class TargetMode { interval, scrape };  // scrape: probed while /metrics is being scraped
std::span<const std::string_view> config_names(TargetMode);

// One way of looking at a target: what it does not set is the target's.
struct CheckpointConfig {
  std::string name;  // unique within the target
  std::string address;
  std::string module_name;
  std::shared_ptr<const Module> module;  // resolved from module_name
};
// More than half.
int default_quorum(int expected);

struct TargetConfig {
  std::string name;  // unique
  std::string address;
  std::string module_name = "http_2xx";
  TargetMode mode = TargetMode::interval;
  Duration interval = std::chrono::seconds(15);
  Duration timeout =
      std::chrono::seconds(5);  // never above interval; the module's own timeout also bounds it
  Severity severity = Severity::warning;
  int failure_threshold = 3;
  int success_threshold = 2;
  std::optional<Duration> degraded_above;
  std::map<std::string, std::string> labels;
  std::string runbook_url;
  std::optional<int> retries;                 // in place of the module's
  std::string recovery;                       // name of a plan; empty: none
  std::vector<std::string> depends_on;        // names of other targets, without a circle
  std::vector<CheckpointConfig> checkpoints;  // empty: just one, without a name
  int quorum = 1;                             // checkpoints that must fail before the target counts as failed
  std::shared_ptr<const Module> module;       // resolved from module_name, with the target's own retries
};

struct Config {
  Modules modules;
  std::vector<std::shared_ptr<const TargetConfig>> targets;  // in file order, then those of target_files
  std::vector<std::string> target_files;                     // patterns
  std::vector<std::string> module_files;                     // likewise
  std::vector<std::string> reference_targets;  // names; if more than half of these fail, the fault is ours
  std::vector<MaintenanceWindow> maintenance;
  std::vector<DrillConfig> drills;
  Retention retention;
  RecoveryConfig recovery;
  std::vector<Problem> hints;  // what is allowed and looks wrong
  std::vector<std::string>
      files;  // every file read or looked for, to be polled for changes; patterns' folders included
  std::shared_ptr<const AddressPolicy> probe_targets;  // what /probe may reach; nullptr: anything
  std::string fingerprint;                             // changes exactly when the content of any file does
  std::string printed;                                 // YAML with secrets masked, for /config
};

using ConfigOrProblems = std::variant<std::shared_ptr<const Config>, std::vector<Problem>>;

// Reads the file, its module_files and its target_files. Every problem of every file at once, up to a
// thousand. A file with `modules:` or `module_files:` has those modules and no others; without, it has the
// built-in ones. With `expand_environment: true`, values of all these files may name variables of the
// environment.
ConfigOrProblems load_config(const std::string& path);
// Built-in modules and no targets, for a start without a file.
std::shared_ptr<const Config> default_config();
// Fingerprint of what load_config(path) would read now; empty if the file cannot be read. Does not parse more
// than needed.
std::string config_fingerprint(const std::string& path);
// The file itself and the module files that it names now: what only a reload takes up.
std::vector<std::string> files_of_modules(const std::string& path);

}  // namespace lookout
