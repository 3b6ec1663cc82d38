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

void Recovery::begin(RecoveryAttempt attempt, Duration settle) {
  attempt.state = AttemptState::reserved;
  const auto action = config_->recovery.actions.find(attempt.action);
  ActionCause cause;
  cause.target = attempt.target;
  cause.address = mask_url_password(book_.find(attempt.target)->config->address);
  cause.incident = attempt.incident;
  cause.attempt = attempt.id;
  const std::size_t slash = attempt.failure.find('/');
  if (slash != std::string::npos) {
    cause.stage = attempt.failure.substr(0, slash);
    cause.cause = attempt.failure.substr(slash + 1);
  }
  // No line in the timeline yet: it is one when it begins.
  put(attempt, attempt.decided, kSilently, {});
  asio::co_spawn(main_,
                 carry_out(std::move(attempt), std::make_shared<const ActionConfig>(action->second),
                           std::move(cause), settle),
                 asio::detached);
}

// What may have changed while the reservation was written.
bool Recovery::may_begin(const RecoveryAttempt& attempt, std::string& why) const {
  const Incident* incident = recorder_.incident(attempt.target, attempt.incident);
  if (mode() < RecoveryMode::approve) {
    why = "recovery was stopped";
  } else if (!attempt.fail_back && (incident == nullptr || incident->recovered)) {
    why = "the incident is over";
  }
  return why.empty();
}

Task<> Recovery::carry_out(RecoveryAttempt attempt, std::shared_ptr<const ActionConfig> action,
                           ActionCause cause, Duration settle) {
  std::string why;
  if (!co_await journal_.written(kReserveTime)) why = "the journal did not take its reservation in time";
  const WallTime begun = clock();
  if (!why.empty() || !may_begin(attempt, why)) {
    attempt.state = AttemptState::withdrawn;
    attempt.result = why;
    put(attempt, begun, "withdrawn", fmt::format("{} is not begun: {}", attempt.action, why));
    co_return;
  }
  attempt.started = begun;
  put(attempt, begun, "acting",
      fmt::format("{} begins{}", attempt.action,
                  attempt.by.empty() ? "" : ", which came from " + attempt.by));
  const SteadyTime start = std::chrono::steady_clock::now();
  ++acting_;
  ActionResult result = co_await run_(std::move(action), std::move(cause));
  --acting_;
  attempt.took = std::chrono::steady_clock::now() - start;
  finish(std::move(attempt), std::move(result), settle);
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
  put(attempt, now, name(result.end), std::move(text));
  const Incident* incident = recorder_.incident(attempt.target, attempt.incident);
  if (incident == nullptr || !incident->recovered || attempt.fail_back) return;
  // It was over before the action was.
  Incident concluded = *incident;
  conclude_attempts(concluded);
  recorder_.amend(concluded);
  for (const RecoveryAttempt& each : concluded.attempts) {
    if (each.id == attempt.id && each.state != attempt.state) put(each, now, name(each.state), {});
  }
}

// --- what becomes of it ---

// Down again soon after it was helped: it was not.
void Recovery::opened(const std::string& target, Moment now) {
  book_.set_exhausted(target, false);
  RecoveryAttempt helped;
  for (const RecoveryAttempt& attempt : ledger_.of(target)) {
    if (attempt.state == AttemptState::recovered && !attempt.fail_back) helped = attempt;
  }
  const Incident* before = helped.id.empty() ? nullptr : recorder_.incident(target, helped.incident);
  if (before == nullptr || !before->recovered) return;
  if (now.wall - *before->recovered >= config_->recovery.observation) return;
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
  for (RecoveryAttempt attempt : incident.attempts) {
    const RecoveryAttempt* known = ledger_.find(attempt.id);
    if (known == nullptr) continue;
    if (attempt.state == AttemptState::waiting) attempt.state = AttemptState::withdrawn;
    if (known->state != attempt.state) put(attempt, now, name(attempt.state), {});
  }
}

void Recovery::look_around(Moment now) {
  ledger_.forget(now.wall);
  for (const RecoveryAttempt* attempt : ledger_.all()) {
    if (attempt->acted() && !attempt->fail_back && attempt->state != AttemptState::failed) {
      const RecoveryAttempt kept = *attempt;
      consider_fail_back(kept, now);
    }
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
  if (plan == nullptr || record->config->recovery != attempt.plan || attempt.step >= plan->steps.size() ||
      !plan->steps[attempt.step].fail_back)
    return;
  const FailBack& fail_back = *plan->steps[attempt.step].fail_back;
  const std::vector<RecoveryAttempt>& attempts = ledger_.of(attempt.target);
  const bool undone = std::ranges::any_of(attempts, [&](const RecoveryAttempt& other) {
    return other.fail_back && other.step == attempt.step && other.decided >= attempt.decided;
  });
  if (undone || std::ranges::any_of(attempts, &RecoveryAttempt::pending)) return;
  if (decide_fail_back(situation(*record, *plan, now), fail_back, well_since(*record, fail_back)).refused)
    return;
  RecoveryAttempt undoing = new_attempt(*record, attempt.incident, fail_back.action, attempt.step, now.wall);
  undoing.fail_back = true;
  if (mode() == RecoveryMode::automatic) return begin(std::move(undoing), Duration::zero());
  undoing.state = mode() == RecoveryMode::approve ? AttemptState::waiting : AttemptState::observed;
  put(undoing, now.wall, name(undoing.state),
      fmt::format(
          "{} would undo {}{}", undoing.action, attempt.action,
          undoing.state == AttemptState::waiting ? ", once approved: lookout approve " + undoing.id : ""));
}

}  // namespace lookout
