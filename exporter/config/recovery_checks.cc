#include <algorithm>

#include <fmt/format.h>

#include "exporter/config/recovery_config.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

// Failures that a restart of the process never cures: what is wrong is elsewhere.
bool is_beyond_a_restart(const FailurePattern& pattern) {
  if (!pattern.cause) return false;
  switch (*pattern.cause) {
    case Cause::certificate_expired:
    case Cause::certificate_untrusted:
    case Cause::certificate_name:
    case Cause::not_found:
    case Cause::unreachable:
      return true;
    default:
      return false;
  }
}

class Checks {
 public:
  Checks(const RecoveryConfig& recovery, Problems& problems, Problems& hints)
      : recovery_(recovery), problems_(problems), hints_(hints) {}

  void check(const YamlNode& node) {
    for (const auto& [name, action] : node.at("actions").entries()) {
      names_.push_back(name.scalar());
      if (name.scalar() == RecoveryStep::kNone)
        problems_.add(name.mark(), "none is the name of doing nothing; give this action another");
    }
    for (const auto& [name, plan] : node.at("plans").entries()) {
      for (const YamlNode& step : plan.at("steps").items()) {
        check_name(step.at("action"));
        const YamlNode undoing = step.at("fail_back").at("action");
        check_name(undoing);
        if (undoing.scalar() == RecoveryStep::kNone)
          problems_.add(undoing.mark(),
                        "none undoes nothing; remove fail_back, or write the name of an action");
      }
      const auto found = recovery_.plans.find(name.scalar());
      if (found != recovery_.plans.end()) check_plan(found->second, plan.at("steps"));
    }
  }

 private:
  void check_plan(const RecoveryPlan& plan, const YamlNode& steps) {
    if (steps.items().size() != plan.steps.size()) return;  // one of them could not be read
    int taken = 0;  // attempts of steps that are for every failure, so that what follows waits for them
    bool ended = false;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      const RecoveryStep& step = plan.steps[i];
      const YamlNode& node = steps.items()[i];
      if (ended || taken >= plan.max_attempts_per_incident)
        problems_.add(
            node.mark(),
            "this step never gets its turn: the steps before it take every failure and all attempts; "
            "put it before them, or raise max_attempts_per_incident");
      check_cure(step, node.at("when"));
      if (!step.when.empty()) continue;
      taken += step.attempts;
      ended = ended || step.action == RecoveryStep::kNone;
    }
  }

  void check_name(const YamlNode& node) {
    const std::string& action = node.scalar();
    if (action.empty() || action == RecoveryStep::kNone || std::ranges::count(names_, action) > 0) return;
    std::string remedy = suggestion(action, names_);
    if (remedy.empty()) remedy = "; write it under actions";
    problems_.add(node.mark(), fmt::format("there is no action by the name {}{}", in_quotes(action), remedy));
  }

  void check_cure(const RecoveryStep& step, const YamlNode& when) {
    const auto action = recovery_.actions.find(step.action);
    if (action == recovery_.actions.end() || !action->second.restarts()) return;
    for (std::size_t i = 0; i < step.when.size() && i < when.items().size(); ++i) {
      if (is_beyond_a_restart(step.when[i]))
        hints_.add(when.items()[i].mark(),
                   fmt::format("a restart does not cure {}; page a person with action: none and a note, or "
                               "fail over",
                               print_config(step.when[i])));
    }
  }

  const RecoveryConfig& recovery_;
  Problems& problems_;
  Problems& hints_;
  std::vector<std::string_view> names_;
};

}  // namespace

void check_recovery(const RecoveryConfig& recovery, const YamlNode& node, Problems& problems,
                    Problems& hints) {
  Checks(recovery, problems, hints).check(node);
}

}  // namespace lookout
