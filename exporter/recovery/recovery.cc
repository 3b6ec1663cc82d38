#include "exporter/recovery/recovery.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "exporter/journal/saved_text.h"
#include "exporter/report/time_text.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr Duration kFleetAge = std::chrono::seconds(1);
constexpr std::string_view kRecoveryBound = "recovery_bound", kUnknownUntil = "recovery_unknown_until";

bool is_outcome(AttemptState state) {
  switch (state) {
    case AttemptState::recovered:
    case AttemptState::ineffective:
    case AttemptState::failed:
    case AttemptState::ambiguous:
    case AttemptState::observed:
      return true;
    default:
      return false;
  }
}

WallTime later(WallTime time, Duration by) {
  return time + std::chrono::duration_cast<WallTime::duration>(by);
}

std::string step_note(const RecoveryPlan& plan, std::size_t step) {
  const std::string& note = plan.steps[step].note;
  return note.empty() ? "" : fmt::format(" ({})", note);
}

}  // namespace

// A lock that is held as long as the process lives; tried again while another has it.
struct Recovery::FileLock {
  explicit FileLock(std::string file) : path(std::move(file)) {}
  ~FileLock() {
    if (descriptor >= 0) ::close(descriptor);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  // Empty: it is ours.
  std::string refusal() {
    if (held) return {};
    if (descriptor < 0) descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return fmt::format("{}: {}", path, std::generic_category().message(errno));
    held = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    return held ? "" : fmt::format("another Lookout holds {}", path);
  }

  const std::string path;
  int descriptor = -1;
  bool held = false;
};

Recovery::Recovery(asio::io_context& main, Book& book, Recorder& recorder, Journal& journal, Run run,
                   RecoveryBounds bounds, Events events)
    : main_(main),
      book_(book),
      recorder_(recorder),
      journal_(journal),
      run_(std::move(run)),
      bounds_(std::move(bounds)),
      events_(std::move(events)) {
  recorder_.on_ended = [this](const Incident& incident) { ended(incident); };
}

void Recovery::apply(std::shared_ptr<const Config> config) {
  config_ = std::move(config);
  const std::string& file = config_->recovery.lock_file;
  if (file.empty()) {
    lock_ = nullptr;
  } else if (!lock_ || lock_->path != file) {
    lock_ = std::make_shared<FileLock>(file);
  }
}

void Recovery::resume(const Restored& restored, Moment now) {
  known_ = true;
  if (const auto bound = restored.instance.find(std::string(kRecoveryBound));
      bound != restored.instance.end())
    asked_bound_ = static_cast<RecoveryMode>(std::clamp<std::int64_t>(bound->second, 0, 3));
  if (const auto until = restored.instance.find(std::string(kUnknownUntil)); until != restored.instance.end())
    unknown_until_ = from_milliseconds(until->second);
  const auto take = [&](const Incident& incident) {
    for (RecoveryAttempt attempt : incident.attempts) {
      if (attempt.state != AttemptState::reserved) {
        ledger_.put(attempt);
        continue;
      }
      attempt.state = AttemptState::ambiguous;
      attempt.result = "Lookout ended meanwhile";
      attempt.ended = attempt.settled = now.wall;
      put(attempt, now.wall, "ambiguous",
          fmt::format(
              "Lookout ended while {} was being carried out: whether it was is not known, and it is not "
              "repeated",
              attempt.action));
    }
  };
  for (const Incident& incident : restored.acted) take(incident);
  for (const Incident& incident : restored.open) take(incident);
}

void Recovery::distrust_ledger(WallTime until) {
  known_ = true;
  unknown_until_ = until;
  journal_.pending().instance[std::string(kUnknownUntil)] = to_milliseconds(until);
  journal_.commit();
}

std::string Recovery::ledger_fault(WallTime now) const {
  if (!known_) return "the journal has not been read, so that nobody knows what was done before";
  if (now < unknown_until_)
    return fmt::format("a journal was lost, so that nobody knows what was done before; until {}",
                       rfc3339(unknown_until_));
  if (!journal_.fault().empty()) return "the journal cannot be written: " + journal_.fault();
  return {};
}

std::string Recovery::not_leading() { return lock_ ? lock_->refusal() : std::string(); }

RecoveryMode Recovery::mode() const {
  RecoveryMode lowest = std::min({config_->recovery.mode, bounds_.flag, asked_bound_});
  const bool stopped = !bounds_.stop_file.empty() && ::access(bounds_.stop_file.c_str(), F_OK) == 0;
  if (stopped || !bounds_.remembers) lowest = std::min(lowest, RecoveryMode::observe);
  return lowest;
}

void Recovery::set_bound(RecoveryMode bound) {
  asked_bound_ = bound;
  journal_.pending().instance[std::string(kRecoveryBound)] = static_cast<std::int64_t>(bound);
  journal_.commit();
}

const RecoveryPlan* Recovery::plan_of(const TargetRecord& record) const {
  if (!config_ || record.config->recovery.empty()) return nullptr;
  const auto found = config_->recovery.plans.find(record.config->recovery);
  return found == config_->recovery.plans.end() ? nullptr : &found->second;
}

Situation Recovery::situation(const TargetRecord& record, const RecoveryPlan& plan, Moment now) {
  if (fleet_.older_than(kFleetAge, now)) fleet_.take(book_, config_->recovery.brake.window, now);
  const std::string& target = record.config->name;
  Situation known{.recovery = config_->recovery,
                  .plan = plan,
                  .ledger = ledger_,
                  .mode = mode(),
                  .target = target,
                  .incident = {},
                  .state = record.state,
                  .newest = {},
                  .newest_started = {},
                  .circumstances = circumstances_of(record, now),
                  .targets = fleet_.targets(),
                  .down = fleet_.down(),
                  .unsure = 0,
                  .not_leading = not_leading(),
                  .unknown = ledger_fault(now.wall),
                  .asked_by = {},
                  .approved = nullptr,
                  .now = now.wall};
  if (const Incident* incident = recorder_.open_incident(target)) {
    known.incident = incident->id;
    known.unsure = fleet_.unsure_since(incident->onset);
    if (const auto asked = asked_by_.find(incident->id); asked != asked_by_.end())
      known.asked_by = asked->second;
  }
  if (record.last) {
    known.newest = record.last->verdict;
    if (record.last->verdict != Verdict::inconclusive) known.newest_started = record.last->started;
  }
  return known;
}

void Recovery::put(const RecoveryAttempt& attempt, WallTime at, std::string_view what, std::string text) {
  const RecoveryAttempt* before = ledger_.find(attempt.id);
  const bool new_outcome = is_outcome(attempt.state) && (before == nullptr || before->state != attempt.state);
  ledger_.put(attempt);
  recorder_.attempt(attempt, at, what, std::move(text));
  if (new_outcome) book_.count_action(attempt.target, attempt.action, attempt.state);
  if (events_.changed) events_.changed(attempt);
}

// --- deciding ---

void Recovery::consider(const std::string& target, Moment now) {
  const TargetRecord* record = book_.find(target);
  const Incident* incident = recorder_.open_incident(target);
  if (record == nullptr || incident == nullptr) return;
  const RecoveryPlan* plan = plan_of(*record);
  if (plan == nullptr) return;
  verify(*record, *incident, now);
  expire(*recorder_.open_incident(target), now);
  const Situation known = situation(*record, *plan, now);
  const Decision decision = decide(known);
  if (decision.refused) return refuse(*book_.find(target), decision, now);
  told_.erase(target);
  act(*book_.find(target), *plan, decision, known.asked_by, now);
}

// Failures that began after its time to settle prove that an attempt did not help.
void Recovery::verify(const TargetRecord& record, const Incident& incident, Moment now) {
  if (record.state.failures_in_row == 0 || !record.last || record.last->verdict != Verdict::down) return;
  for (RecoveryAttempt attempt : std::vector<RecoveryAttempt>(ledger_.of(incident.target))) {
    if (attempt.incident != incident.id || attempt.state != AttemptState::settling || attempt.fail_back ||
        record.last->started < *attempt.settled)
      continue;
    attempt.state = AttemptState::ineffective;
    put(attempt, now.wall, "ineffective", fmt::format("{} did not help: it is still down", attempt.action));
  }
}

void Recovery::expire(const Incident& incident, Moment now) {
  for (RecoveryAttempt attempt : std::vector<RecoveryAttempt>(ledger_.of(incident.target))) {
    if (attempt.state != AttemptState::waiting ||
        now.wall < later(attempt.decided, config_->recovery.approval_expires))
      continue;
    attempt.state = AttemptState::expired;
    put(attempt, now.wall, "expired", fmt::format("Nobody approved {} in time", attempt.action));
  }
}

void Recovery::refuse(const TargetRecord& record, const Decision& decision, Moment now) {
  const RecoveryGate gate = *decision.refused;
  if (gate == RecoveryGate::mode || gate == RecoveryGate::incident) return;  // that is how it mostly is
  const std::string target = record.config->name;
  const std::string incident = recorder_.open_incident(target)->id;
  const bool acts = mode() >= RecoveryMode::approve;
  if (decision.exhausted && acts) book_.set_exhausted(target, true);
  const auto told = told_.find(target);
  if (told != told_.end() && told->second.incident == incident && told->second.gate == gate) return;
  told_[target] = {incident, gate};
  book_.count_refusal(target, gate);
  recorder_.note(target, now.wall, "refused",
                 fmt::format("Nothing is done ({}): {}{}", name(gate), decision.why,
                             decision.exhausted && acts ? ". A person is needed" : ""));
  if (events_.refused) events_.refused(target, gate, decision.why);
}

RecoveryAttempt Recovery::new_attempt(const TargetRecord& record, const std::string& incident,
                                      const std::string& action, std::size_t step, WallTime now) const {
  RecoveryAttempt attempt;
  const Incident* known = recorder_.incident(record.config->name, incident);
  attempt.id = fmt::format("{}.{}", incident, known != nullptr ? known->attempts.size() + 1 : 1);
  attempt.incident = incident;
  attempt.target = record.config->name;
  attempt.plan = record.config->recovery;
  attempt.action = action;
  attempt.step = step;
  attempt.decided = now;
  attempt.evidence = evidence_of(*record.config, record.last.get());
  return attempt;
}

void Recovery::act(const TargetRecord& record, const RecoveryPlan& plan, const Decision& decision,
                   const std::string& asked_by, Moment now) {
  const RecoveryStep& step = plan.steps[decision.step];
  RecoveryAttempt attempt = new_attempt(record, recorder_.open_incident(record.config->name)->id, step.action,
                                        decision.step, now.wall);
  attempt.failure = key(record.state.incident->latest);
  attempt.by = asked_by;
  const std::string what =
      fmt::format("{} for {}{}", step.action, attempt.failure, step_note(plan, decision.step));
  switch (mode()) {
    case RecoveryMode::off:
      return;
    case RecoveryMode::observe:
      attempt.state = AttemptState::observed;
      return put(attempt, now.wall, "observed", "Would have begun " + what);
    case RecoveryMode::approve:
      attempt.state = AttemptState::waiting;
      return put(attempt, now.wall, "waiting",
                 fmt::format("{} waits for a person to approve it: lookout approve {}", what, attempt.id));
    case RecoveryMode::automatic:
      return begin(std::move(attempt), step.settle);
  }
}

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
  put(attempt, attempt.decided, "reserved", {});
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
  const WallTime begun = std::chrono::system_clock::now();
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
  const WallTime now = std::chrono::system_clock::now();
  attempt.ended = now;
  attempt.settled = later(now, settle);
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
    if (each.id == attempt.id && each.state != attempt.state) put(each, now, "concluded", {});
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
  if (now.wall >= later(*before->recovered, config_->recovery.observation)) return;
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
    if (known->state != attempt.state) put(attempt, now, "concluded", {});
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

// --- from outside ---

Recovery::Answer Recovery::approve(const std::string& id, const std::string& by, Moment now) {
  const RecoveryAttempt* found = ledger_.find(id);
  if (found == nullptr) return {false, "there is no such decision"};
  if (found->state != AttemptState::waiting)
    return {false, fmt::format("it does not wait for approval: {}", name(found->state))};
  const TargetRecord* record = book_.find(found->target);
  const RecoveryPlan* plan = record != nullptr ? plan_of(*record) : nullptr;
  if (plan == nullptr || found->step >= plan->steps.size()) return {false, "its plan is there no more"};
  if (mode() < RecoveryMode::approve) return {false, "recovery is stopped"};
  RecoveryAttempt attempt = *found;
  attempt.by = by;
  Situation known = situation(*record, *plan, now);
  known.approved = found;
  const std::optional<FailBack>& fail_back = plan->steps[attempt.step].fail_back;
  if (attempt.fail_back && !fail_back) return {false, "its plan undoes nothing any more"};
  Decision decision = attempt.fail_back ? decide_fail_back(known, *fail_back, well_since(*record, *fail_back))
                                        : decide(known);
  if (decision.refused)
    return {false, fmt::format("not now ({}): {}", name(*decision.refused), decision.why)};
  if (attempt.fail_back) {
    begin(std::move(attempt), Duration::zero());
    return {true, "begun"};
  }
  if (decision.step != attempt.step) {
    attempt.state = AttemptState::withdrawn;
    put(attempt, now.wall, "withdrawn", fmt::format("{} fits the failure no more", attempt.action));
    return {false, "another step fits the failure by now"};
  }
  begin(std::move(attempt), plan->steps[decision.step].settle);
  return {true, "begun"};
}

Recovery::Answer Recovery::ask(const std::string& target, const std::string& by, Moment now) {
  const TargetRecord* record = book_.find(target);
  if (record == nullptr) return {false, "there is no such target"};
  if (plan_of(*record) == nullptr) return {false, "it has no plan of recovery"};
  const Incident* incident = recorder_.open_incident(target);
  if (incident == nullptr) return {false, "it has no open incident"};
  if (!asked_by_.contains(incident->id))
    recorder_.note(target, now.wall, "asked", fmt::format("{} asks for recovery", by));
  asked_by_[recorder_.open_incident(target)->id] = by;
  consider(target, now);
  return {true, "considered"};
}

}  // namespace lookout
