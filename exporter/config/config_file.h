// The keys at the top of a configuration file. Those whose values take more than a table to read are kept as
// they were parsed, and interpreted by the loader.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config/target_reader.h"
#include "probes/net/address_policy.h"

namespace lookout {

// A value that is read later; `Described` says what it may be.
template <class Described>
struct Unread {
  YamlNode node;
};
template <class Described>
bool read_config(const YamlNode& node, Unread<Described>& value, Problems&) {
  value.node = node;
  return true;
}

struct AllModules {};
struct TargetDefaults {};
struct AllTargets {};

struct ConfigFile {
  Unread<AllModules> modules;
  std::vector<std::string> module_files;
  Unread<TargetDefaults> target_defaults;
  Unread<AllTargets> targets;
  std::vector<std::string> target_files;
  std::vector<std::string> reference_targets;
  std::vector<MaintenanceWindow> maintenance;
  Retention retention;
  RecoveryConfig recovery;
  std::vector<DrillConfig> drills;
  std::optional<AddressPolicy> probe_targets;
  bool expand_environment = false;
};

template <class Visitor>
void describe(Visitor& v, ConfigFile& file) {
  v.field("modules", file.modules,
          "How to ask, by name; without it and module_files there are built-in modules");
  v.field("module_files", file.module_files, "Patterns of files with more modules");
  v.field("target_defaults", file.target_defaults, "What targets do not set themselves");
  v.field("targets", file.targets, "What to watch");
  v.field("target_files", file.target_files, "Patterns of files with more targets, re-read when they change");
  v.field("reference_targets", file.reference_targets,
          "Names of targets; if more than half of these fail, the fault is taken to be on this side");
  v.field("maintenance", file.maintenance, "When which targets may fail without alarm");
  v.field("retention", file.retention, "How long what is recorded is kept");
  v.field("probe_targets", file.probe_targets, "What /probe may reach; unset: anything");
  v.field("expand_environment", file.expand_environment,
          "Take ${NAME} and ${NAME:-default} in values from the environment; $${ stands for itself");
  v.field("recovery", file.recovery, "What may be done about incidents, and within which limits");
  v.field("drills", file.drills, "Failures that are pretended by schedule, to see that alerts arrive");
}

// JSON Schema of the whole file, for editors.
std::string config_schema_text();

}  // namespace lookout
