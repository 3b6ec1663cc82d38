// `recovery:`, what may be done about incidents and within which limits. What is not set has a limit all the
// same. When something is done, exporter/recovery decides.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/actions/action_config.h"
#include "exporter/actions/kubernetes_server.h"
#include "probes/core/config_visitor.h"
#include "probes/core/failure.h"

namespace lookout {

// In this order: what may be done at most.
enum class RecoveryMode : std::uint8_t {
  off,
  observe,   // decide and record, touch nothing
  approve,   // a person says yes to each action
  automatic  // "auto"
};
std::string_view name(RecoveryMode mode);
std::optional<RecoveryMode> parse_recovery_mode(std::string_view text);
std::span<const std::string_view> config_names(RecoveryMode);

// If so many look bad at once, suspect yourself: nothing is done.
struct Brake {
  double down_fraction = 0.5;
  int min_targets = 3;
  Duration window = std::chrono::minutes(5);  // also counts those that were down within it
  bool operator==(const Brake&) const = default;
};

// Of a target, after so many actions in a row that did not help.
struct Breaker {
  int after = 5;
  Duration wait = std::chrono::hours(6);  // then one trial
  bool operator==(const Breaker&) const = default;
};

// "connect/refused", "*/timeout", "tls/*".
struct FailurePattern {
  std::optional<Stage> stage;  // none: any
  std::optional<Cause> cause;
  bool matches(const Failure& failure) const;
  bool operator==(const FailurePattern&) const = default;
};
bool read_config(const YamlNode& node, FailurePattern& value, Problems& problems);
std::string print_config(const FailurePattern& value);

// What undoes a step when all is well again.
struct FailBack {
  std::string action;
  Duration after = std::chrono::minutes(10);  // up for so long
  std::string when_up;                        // target that must be; empty: the one that the plan is for
  bool operator==(const FailBack&) const = default;
};

struct RecoveryStep {
  static constexpr std::string_view kNone = "none";  // an action that does nothing, for its note

  std::vector<FailurePattern> when;  // empty: any failure
  std::string action;
  std::string note;
  int attempts = 1;
  Duration settle = std::chrono::seconds(30);
  std::optional<FailBack> fail_back;
  bool matches(const Failure& failure) const;
  bool operator==(const RecoveryStep&) const = default;
};

enum class PlanTrigger { incident, alertmanager };
std::span<const std::string_view> config_names(PlanTrigger);

struct RecoveryPlan {
  PlanTrigger trigger = PlanTrigger::incident;
  int max_attempts_per_incident = 3;
  int max_attempts_per_day = 10;
  Duration cooldown = std::chrono::minutes(5);
  std::vector<RecoveryStep> steps;
  bool operator==(const RecoveryPlan&) const = default;
};

// A Lease of Kubernetes: of several replicas, the one that holds it acts.
struct LeaseSettings {
  KubernetesServer server;
  std::string lease_namespace;  // empty: the pod's own
  std::string name = "lookout";
  bool operator==(const LeaseSettings&) const = default;
};

struct RecoveryConfig {
  RecoveryMode mode = RecoveryMode::observe;
  int max_actions_per_hour = 10;
  Brake brake;
  Breaker breaker;
  Duration observation = std::chrono::minutes(10);
  Duration approval_expires = std::chrono::hours(1);
  std::string lock_file;
  std::optional<LeaseSettings> lease;
  std::map<std::string, ActionConfig> actions;
  std::map<std::string, RecoveryPlan> plans;
  bool operator==(const RecoveryConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, Brake& brake) {
  v.field("down_fraction", brake.down_fraction,
          "Nothing is done while this part of all targets is down, ...");
  v.field("min_targets", brake.min_targets, "... if they are at least so many");
  v.field("window", brake.window, "Targets that were down within this time count as down");
}
void validate(const Brake& brake, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, Breaker& breaker) {
  v.field("after", breaker.after, "Actions on a target in a row that did not help, until no more is done");
  v.field("wait", breaker.wait, "How long; then one trial is allowed");
}
void validate(const Breaker& breaker, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, FailBack& fail_back) {
  v.field("action", fail_back.action, "Name of the action that undoes the step");
  v.field("after", fail_back.after, "How long the target must have been up again");
  v.field("when_up", fail_back.when_up,
          "Target that must have been up for so long, in place of the plan's own");
}
void validate(const FailBack& fail_back, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, RecoveryStep& step) {
  v.field("when", step.when,
          "Failures that it is for, as stage/cause with * for any; every failure unless set");
  v.field("action", step.action, "Name of an action, or none");
  v.field("note", step.note, "For people, in reports");
  v.field("attempts", step.attempts, "How often it may be tried in an incident");
  v.field("settle", step.settle, "How long the target is given to be up again");
  v.field("fail_back", step.fail_back, "What undoes it when all is well again");
}
void validate(const RecoveryStep& step, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, RecoveryPlan& plan) {
  v.field("trigger", plan.trigger,
          "incident: by itself when one is open; alertmanager: only when an alert asks for it as well");
  v.field("max_attempts_per_incident", plan.max_attempts_per_incident, "Actions in one incident");
  v.field("max_attempts_per_day", plan.max_attempts_per_day, "Actions on one target in 24 hours");
  v.field("cooldown", plan.cooldown,
          "Least time between two actions on a target; doubled by each that did not help, up to an hour");
  v.field("steps", plan.steps, "The first whose `when` fits and that has attempts left is taken");
}
void validate(const RecoveryPlan& plan, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, LeaseSettings& lease) {
  v.field("name", lease.name, "Name of the Lease, lookout unless set");
  v.field("namespace", lease.lease_namespace, "Where it is; the pod's own namespace unless set");
  describe_inline(v, lease.server);
}
void validate(const LeaseSettings& lease, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, RecoveryConfig& recovery) {
  v.field("mode", recovery.mode,
          "off, observe (decide and record, touch nothing), approve (a person says yes) or auto");
  v.field("max_actions_per_hour", recovery.max_actions_per_hour, "Over all targets");
  v.field("brake", recovery.brake, "When so many targets look bad that the fault may be on this side");
  v.field("breaker", recovery.breaker, "When actions do not help a target");
  v.field("observation", recovery.observation,
          "A target that fails again within this time was not helped by the action");
  v.field("approval_expires", recovery.approval_expires, "How long a decision waits for a person");
  v.field("lock_file", recovery.lock_file,
          "Of several Lookouts on one host, the one that holds this file's lock acts");
  v.field("lease", recovery.lease, "Of several Lookouts in a cluster, the one that holds this Lease acts");
  v.field("actions", recovery.actions, "What can be done, by name");
  v.field("plans", recovery.plans, "What is done, by the name that targets give under recovery");
}
void validate(const RecoveryConfig& recovery, ConfigReader& reader);

// What needs more than one entry to be seen: names of actions that are not there, steps that never get their
// turn. Into `hints`: steps that cannot cure what they are for. `node` is the value of `recovery`.
void check_recovery(const RecoveryConfig& recovery, const YamlNode& node, Problems& problems,
                    Problems& hints);

}  // namespace lookout
