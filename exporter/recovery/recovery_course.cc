// The course of an attempt, from its reservation to what became of it.
#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include "exporter/recovery/recovery.h"
#include "exporter/report/time_text.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::string_view kSilently;

}  // namespace

// --- acting ---

void Recovery::begin(RecoveryAttempt attempt, Beginning beginning, Moment now) {
  const auto action = config_->recovery.actions.find(attempt.action);
  const TargetRecord* record = book_.find(attempt.target);
  if (action == config_->recovery.actions.end() || record == nullptr)
    return withdraw(std::move(attempt), now.wall, "it is in the configuration no more");
  attempt.state = AttemptState::reserved;
  attempt.decided = now.wall;  // limits count from here, however long it waited for a person
  ActionCause cause;
  cause.target = attempt.target;
  cause.address = mask_url_password(record->config->address);
  cause.incident = attempt.incident;
  cause.attempt = attempt.id;
  if (const std::size_t slash = attempt.failure.find('/'); slash != std::string::npos) {
    cause.stage = attempt.failure.substr(0, slash);
    cause.cause = attempt.failure.substr(slash + 1);
  }
  // No line in the timeline yet: it is one when it begins. What nobody would remember is not done.
  if (!put(attempt, attempt.decided, kSilently, {}))
    return withdraw(std::move(attempt), now.wall, "its incident is known no more");
  ++acting_;
  asio::co_spawn(main_,
                 carry_out(std::move(attempt), std::make_shared<const ActionConfig>(action->second),
                           std::move(cause), beginning),
                 asio::detached);
}

void Recovery::withdraw(RecoveryAttempt attempt, WallTime now, std::string_view why) {
  attempt.state = AttemptState::withdrawn;
  attempt.result = why;
  put(attempt, now, name(attempt.state), fmt::format("{} is not begun: {}", attempt.action, why));
}

// What may have changed while the reservation was written; empty: nothing that matters.
std::string Recovery::refusal_to_begin(const RecoveryAttempt& attempt, bool approved) const {
  if (stopping_) return "Lookout stops";
  if (mode() < (approved ? RecoveryMode::approve : RecoveryMode::automatic)) return "recovery was stopped";
  const TargetRecord* record = book_.find(attempt.target);
  if (record == nullptr) return "its target is watched no more";
  const Incident* open = recorder_.open_incident(attempt.target);
  if (attempt.fail_back && open != nullptr) return "an incident has opened";
  if (!attempt.fail_back && (open == nullptr || open->id != attempt.incident)) return "the incident is over";
  const Moment now{clock(), std::chrono::steady_clock::now()};
  const Circumstances circumstances = circumstances_of(*record, now);
  if (circumstances.isolated) return "this instance distrusts itself";
  if (circumstances.hold == Hold::paused || circumstances.hold == Hold::maintenance)
    return fmt::format("{} began", name(circumstances.hold));
  return leadership_.refusal(now.steady);
}

Task<> Recovery::carry_out(RecoveryAttempt attempt, std::shared_ptr<const ActionConfig> action,
                           ActionCause cause, Beginning beginning) {
  const bool durable = co_await journal_.written(kReserveTime);
  const WallTime begun = clock();
  slow_since_ = durable ? std::nullopt : std::optional(begun);
  const std::string why = durable ? refusal_to_begin(attempt, beginning.approved)
                                  : "the journal did not take its reservation in time";
  if (!why.empty()) {
    --acting_;
    co_return withdraw(std::move(attempt), begun, why);
  }
  attempt.started = begun;
  put(attempt, begun, "acting",
      fmt::format("{} begins{}", attempt.action,
                  attempt.by.empty() ? "" : ", which came from " + attempt.by));
  const SteadyTime start = std::chrono::steady_clock::now();
  ActionResult result = co_await run_(std::move(action), std::move(cause));
  attempt.took = std::chrono::steady_clock::now() - start;
  --acting_;
  finish(std::move(attempt), std::move(result), beginning.settle);
}

void Recovery::finish(RecoveryAttempt attempt, ActionResult result, Duration settle) {
  const WallTime now = clock();
  attempt.ended = now;
  attempt.settled = now + settle;
  attempt.result = std::move(result.summary);
  attempt.output = std::move(result.output);
  attempt.state = result.end == ActionEnd::done        ? AttemptState::settling
                  : result.end == ActionEnd::ambiguous ? AttemptState::ambiguous
                                                       : AttemptState::failed;
  const std::string took = for_people(attempt.took);
  std::string text;
  switch (result.end) {
    case ActionEnd::done:
      text = fmt::format("{} was carried out in {}: {}", attempt.action, took, attempt.result);
      break;
    case ActionEnd::failed:
      text = fmt::format("{} failed after {}: {}", attempt.action, took, attempt.result);
      break;
    case ActionEnd::ambiguous:
      text = fmt::format("{} has no known end after {}: {}; it is not repeated", attempt.action, took,
                         attempt.result);
      break;
  }
  if (attempt.fail_back && attempt.state == AttemptState::settling) attempt.state = AttemptState::recovered;
  // Nobody will see whether it helped a target that is watched no more.
  const bool watched = book_.find(attempt.target) != nullptr;
  if (!watched && attempt.state == AttemptState::settling) attempt.state = AttemptState::ambiguous;
  put(attempt, now, name(result.end), std::move(text));
  const Incident* incident = recorder_.incident(attempt.target, attempt.incident);
  if (incident == nullptr || !incident->recovered || attempt.fail_back || !watched) return;
  // It was over before the action was.
  Incident concluded = *incident;
  conclude_attempts(concluded);
  recorder_.amend(concluded);
  for (const RecoveryAttempt& each : concluded.attempts) {
    if (each.id == attempt.id && each.state != attempt.state) put(each, now, name(each.state), {});
  }
}

// --- what becomes of it ---

// Down again soon after it was helped: it was not. What was to be undone is not, as long as it is down.
void Recovery::opened(const std::string& target, WallTime onset, Moment now) {
  book_.set_exhausted(target, false);
  RecoveryAttempt helped;
  for (const RecoveryAttempt& attempt : std::vector<RecoveryAttempt>(ledger_.of(target))) {
    if (attempt.state == AttemptState::recovered && !attempt.fail_back) helped = attempt;
    if (attempt.state == AttemptState::waiting && attempt.fail_back)
      withdraw(attempt, now.wall, "an incident has opened");
  }
  const Incident* before = helped.id.empty() ? nullptr : recorder_.incident(target, helped.incident);
  if (before == nullptr || !before->recovered) return;
  if (onset - *before->recovered >= config_->recovery.observation) return;
  helped.state = AttemptState::ineffective;
  put(helped, now.wall, "relapsed",
      fmt::format("Down again within {}: {} did not help for long", for_people(config_->recovery.observation),
                  helped.action));
}

void Recovery::ended(const Incident& incident) {
  const WallTime now = *incident.recovered;
  book_.set_exhausted(incident.target, false);
  told_.erase(incident.target);
  asked_by_.erase(incident.id);
  for (const RecoveryAttempt& attempt : incident.attempts) {
    const RecoveryAttempt* known = ledger_.find(attempt.target, attempt.id);
    if (known != nullptr && known->state != attempt.state) put(attempt, now, name(attempt.state), {});
  }
  ledger_.forget_observed(incident.target, incident.id);
}

void Recovery::look_around(Moment now) {
  if (config_->recovery.plans.empty() || stopping_) return;
  std::vector<std::string> open;
  for (const auto& [target, incident] : recorder_.open_incidents()) open.push_back(target);
  for (const std::string& target : open) consider(target, now);
  fleet_.take(book_, config_->recovery.brake.window, now);
  ledger_.forget(now.wall);
  expire(now);
  if (!undoes_) return;
  std::vector<RecoveryAttempt> done;
  for (const RecoveryAttempt* attempt : ledger_.all()) {
    if (attempt->acted() && !attempt->fail_back && attempt->state != AttemptState::failed)
      done.push_back(*attempt);
  }
  for (const RecoveryAttempt& attempt : done) consider_fail_back(attempt, now);
}

void Recovery::expire(Moment now) {
  std::vector<RecoveryAttempt> expired;
  for (const RecoveryAttempt* attempt : ledger_.all()) {
    if (attempt->state == AttemptState::waiting &&
        now.wall - attempt->decided >= config_->recovery.approval_expires)
      expired.push_back(*attempt);
  }
  for (RecoveryAttempt& attempt : expired) {
    attempt.state = AttemptState::expired;
    put(attempt, now.wall, name(attempt.state), fmt::format("Nobody approved {} in time", attempt.action));
  }
}

// Since when the target that must be is up; none: it is not.
std::optional<WallTime> Recovery::well_since(const TargetRecord& record, const FailBack& fail_back) const {
  const TargetRecord* healthy = fail_back.when_up.empty() ? &record : book_.find(fail_back.when_up);
  if (healthy == nullptr || healthy->state.successes_in_row == 0 || healthy->state.state == State::down)
    return std::nullopt;
  return healthy->state.row_start.wall;
}

void Recovery::consider_fail_back(const RecoveryAttempt& attempt, Moment now) {
  const TargetRecord* record = book_.find(attempt.target);
  const RecoveryPlan* plan = record != nullptr ? plan_of(*record) : nullptr;
  const RecoveryStep* step = plan != nullptr ? step_of(*record, *plan, attempt) : nullptr;
  if (step == nullptr || !step->fail_back) return;
  const FailBack& fail_back = *step->fail_back;
  bool undone = false, observed = false;
  for (const RecoveryAttempt& other : ledger_.of(attempt.target)) {
    if (other.pending()) return;
    if (!other.fail_back || other.action != fail_back.action || other.decided < attempt.decided) continue;
    undone = undone || other.acted() || other.state == AttemptState::expired;
    observed = observed || other.state == AttemptState::observed;
  }
  if (undone) return;
  const Situation known = situation(*record, *plan, now);
  const bool observing = known.mode == RecoveryMode::observe;
  if (observing && observed) return;
  if (decide_fail_back(known, fail_back, well_since(*record, fail_back)).refused) return;
  RecoveryAttempt undoing = new_attempt(*record, attempt.incident, fail_back.action, attempt.step, now.wall);
  undoing.fail_back = true;
  if (known.mode == RecoveryMode::automatic) return begin(std::move(undoing), {}, now);
  undoing.state = observing ? AttemptState::observed : AttemptState::waiting;
  put(undoing, now.wall, name(undoing.state),
      fmt::format("{} would undo {}{}", undoing.action, attempt.action,
                  observing ? "" : ", once approved: lookout approve " + undoing.id));
}

}  // namespace lookout
