#include "exporter/recovery/decide.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "exporter/report/time_text.h"

namespace lookout {
namespace {

constexpr Duration kLongestCooldown = std::chrono::hours(1);
constexpr Duration kHour = std::chrono::hours(1), kDay = std::chrono::hours(24);

// Empty: it lets the decision pass.
using Refusal = std::string;
using Rule = Refusal (*)(const Situation&, Decision&);
struct GateRule {
  RecoveryGate gate;
  Rule rule;
};

Refusal by_mode(const Situation& situation, Decision&) {
  return situation.mode == RecoveryMode::off ? "recovery is off" : "";
}

// One who only watches says once what would be done about a failure.
bool was_observed(const Situation& situation) {
  return std::ranges::any_of(situation.ledger.of(situation.target), [&](const RecoveryAttempt& attempt) {
    return attempt.state == AttemptState::observed && attempt.incident == situation.incident &&
           attempt.failure == key(situation.state.incident->latest);
  });
}

Refusal by_incident(const Situation& situation, Decision&) {
  if (situation.incident.empty()) return "no incident is open";
  if (situation.state.failures_in_row == 0) return "its newest probe succeeded";
  for (const RecoveryAttempt& attempt : situation.ledger.of(situation.target)) {
    if (!attempt.pending() || &attempt == situation.approved) continue;
    return fmt::format(
        "{} {}", attempt.action,
        attempt.state == AttemptState::waiting ? "waits for approval" : "is being carried out");
  }
  if (situation.plan.trigger == PlanTrigger::alertmanager && situation.asked_by.empty())
    return "no alert has asked for it";
  if (situation.mode == RecoveryMode::observe && was_observed(situation)) return "that has been observed";
  // From step to step only after the last one was seen not to help: by a failure that began after its time.
  const RecoveryAttempt* last = situation.ledger.last_acted(situation.target);
  if (last != nullptr && last->incident == situation.incident && last->settled &&
      (!situation.newest_started || *situation.newest_started < *last->settled))
    return fmt::format("{} is given time to help", last->action);
  return "";
}

Refusal by_verdict(const Situation& situation, Decision&) {
  if (situation.circumstances.isolated) return "this instance distrusts itself";
  if (situation.newest == Verdict::inconclusive) return "its newest probe was inconclusive";
  return "";
}

Refusal by_maintenance(const Situation& situation, Decision&) {
  const Circumstances& circumstances = situation.circumstances;
  if (circumstances.hold == Hold::paused) return "the target is paused";
  if (circumstances.hold != Hold::maintenance) return "";
  return circumstances.by.empty() ? "maintenance" : "maintenance: " + circumstances.by;
}

Refusal by_dependency(const Situation& situation, Decision&) {
  const Circumstances& circumstances = situation.circumstances;
  if (circumstances.hold == Hold::dependency)
    return circumstances.by + ", which it depends on, is down: that one is the patient";
  if (circumstances.hold == Hold::verifying)
    return fmt::format("{} must be probed once more first", circumstances.by);
  return "";
}

Refusal by_flapping(const Situation& situation, Decision&) {
  return situation.state.flaps.flapping() ? "the target is flapping" : "";
}

// A step whose attempts are used up, or that may not be tried again, because nobody knows what it did or
// nobody wanted it.
bool is_used_up(const Situation& situation, std::size_t step) {
  int tried = 0;
  for (const RecoveryAttempt& attempt : situation.ledger.of(situation.target)) {
    if (attempt.incident != situation.incident || attempt.fail_back || &attempt == situation.approved ||
        attempt.action != situation.plan.steps[step].action)
      continue;
    if (attempt.state == AttemptState::ambiguous || attempt.state == AttemptState::expired) return true;
    if (attempt.acted() && attempt.step == step) ++tried;
  }
  return tried >= situation.plan.steps[step].attempts;
}

Refusal by_plan(const Situation& situation, Decision& decision) {
  const Failure& failure = situation.state.incident->latest;
  bool fits = false;
  for (std::size_t i = 0; i < situation.plan.steps.size(); ++i) {
    const RecoveryStep& step = situation.plan.steps[i];
    if (!step.matches(failure)) continue;
    if (step.action == RecoveryStep::kNone) {
      decision.exhausted = true;
      return step.note.empty() ? fmt::format("nothing is to be done about {}", key(failure)) : step.note;
    }
    fits = true;
    if (is_used_up(situation, i)) continue;
    decision.step = i;
    return "";
  }
  decision.exhausted = true;
  return fits ? fmt::format("every step for {} has been tried", key(failure))
              : fmt::format("no step is for {}", key(failure));
}

Refusal by_brake(const Situation& situation, Decision&) {
  const Brake& brake = situation.recovery.brake;
  const auto are_too_many = [&](int count) {
    return count >= brake.min_targets && count >= brake.down_fraction * situation.targets;
  };
  if (are_too_many(situation.down))
    return fmt::format("{} of {} targets are or were down: the fault may be on this side", situation.down,
                       situation.targets);
  if (are_too_many(situation.down + situation.unsure))
    return fmt::format("{} of {} targets must be probed first: they may have gone down together",
                       situation.unsure, situation.targets);
  return "";
}

Refusal by_leader(const Situation& situation, Decision&) { return situation.not_leading; }

Refusal by_attempts(const Situation& situation, Decision& decision) {
  const int in_incident = situation.ledger.acted_in(situation.target, situation.incident);
  const int in_day = situation.ledger.acted_since(situation.target, situation.now - kDay);
  Refusal why;
  if (in_incident >= situation.plan.max_attempts_per_incident) {
    why = fmt::format("{} attempts in this incident are enough", in_incident);
  } else if (in_day >= situation.plan.max_attempts_per_day) {
    why = fmt::format("{} attempts in 24 hours are enough", in_day);
  }
  decision.exhausted = !why.empty();
  return why;
}

WallTime end_of(const RecoveryAttempt& attempt) { return attempt.ended.value_or(attempt.decided); }

Refusal by_cooldown(const Situation& situation, Decision&) {
  const RecoveryAttempt* last = situation.ledger.last_acted(situation.target);
  if (last == nullptr) return "";
  const Duration cooldown =
      cooldown_after(situation.plan, situation.ledger.unhelped_in_row(situation.target));
  const WallTime over = end_of(*last) + std::chrono::duration_cast<WallTime::duration>(cooldown);
  if (situation.now >= over) return "";
  return fmt::format("the last action is less than {} ago", for_people(cooldown));
}

Refusal by_budget(const Situation& situation, Decision&) {
  if (!situation.unknown.empty()) return situation.unknown;
  const int done = situation.ledger.acted_since(situation.now - kHour);
  if (done < situation.recovery.max_actions_per_hour) return "";
  return fmt::format("{} actions in an hour, over all targets, are enough",
                     situation.recovery.max_actions_per_hour);
}

Refusal by_breaker(const Situation& situation, Decision&) {
  const Breaker& breaker = situation.recovery.breaker;
  const int unhelped = situation.ledger.unhelped_in_row(situation.target);
  const RecoveryAttempt* last = situation.ledger.last_acted(situation.target);
  if (unhelped < breaker.after || last == nullptr || situation.now >= end_of(*last) + breaker.wait) return "";
  return fmt::format("{} actions in a row did not help; the next trial is {} after the last", unhelped,
                     for_people(breaker.wait));
}

// That an action names exactly one object is seen to when the configuration is loaded; what is gone since is
// no object.
Refusal by_scope(const Situation& situation, Decision& decision) {
  const std::string& action = situation.plan.steps[decision.step].action;
  return situation.recovery.actions.contains(action) ? "" : "there is no action by the name " + action;
}

constexpr std::array<GateRule, kGateCount> kRules{{{RecoveryGate::mode, by_mode},
                                                   {RecoveryGate::incident, by_incident},
                                                   {RecoveryGate::conclusive, by_verdict},
                                                   {RecoveryGate::maintenance, by_maintenance},
                                                   {RecoveryGate::dependency, by_dependency},
                                                   {RecoveryGate::flapping, by_flapping},
                                                   {RecoveryGate::plan, by_plan},
                                                   {RecoveryGate::brake, by_brake},
                                                   {RecoveryGate::leader, by_leader},
                                                   {RecoveryGate::attempts, by_attempts},
                                                   {RecoveryGate::cooldown, by_cooldown},
                                                   {RecoveryGate::budget, by_budget},
                                                   {RecoveryGate::breaker, by_breaker},
                                                   {RecoveryGate::scope, by_scope}}};
// Undoing is no attempt to help: what limits those does not limit it.
constexpr std::array<GateRule, 7> kRulesOfFailBack{{{RecoveryGate::mode, by_mode},
                                                    {RecoveryGate::conclusive, by_verdict},
                                                    {RecoveryGate::maintenance, by_maintenance},
                                                    {RecoveryGate::flapping, by_flapping},
                                                    {RecoveryGate::brake, by_brake},
                                                    {RecoveryGate::leader, by_leader},
                                                    {RecoveryGate::budget, by_budget}}};

Decision pass(std::span<const GateRule> rules, const Situation& situation) {
  Decision decision;
  for (const auto& [gate, rule] : rules) {
    std::string why = rule(situation, decision);
    if (why.empty()) continue;
    decision.refused = gate;
    decision.why = std::move(why);
    break;
  }
  return decision;
}

}  // namespace

Decision decide(const Situation& situation) { return pass(kRules, situation); }

Decision decide_fail_back(const Situation& situation, const FailBack& fail_back,
                          std::optional<WallTime> well_since) {
  Decision decision = pass(kRulesOfFailBack, situation);
  if (decision.refused) return decision;
  const auto refuse = [&](std::string why) {
    return Decision{RecoveryGate::incident, std::move(why), 0, false};
  };
  if (!situation.incident.empty()) return refuse("an incident is open");
  if (!well_since) return refuse("it is not up");
  if (situation.now < *well_since + fail_back.after)
    return refuse(fmt::format("up for less than {}", for_people(fail_back.after)));
  return decision;
}

Duration cooldown_after(const RecoveryPlan& plan, int unhelped_in_row) {
  const Duration longest = std::max(plan.cooldown, kLongestCooldown);
  Duration cooldown = plan.cooldown;
  for (int i = 1; i < unhelped_in_row && cooldown < longest; ++i) cooldown *= 2;
  return std::min(cooldown, longest);
}

}  // namespace lookout
