#include "exporter/recovery/recovery.h"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "exporter/journal/saved_text.h"
#include "exporter/report/time_text.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr Duration kLongestLimit = std::chrono::hours(24);  // that attempts are counted by
constexpr Duration kPauseAfterSlowness = std::chrono::minutes(1);
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

}  // namespace

Recovery::Recovery(asio::io_context& main, Book& book, Recorder& recorder, Journal& journal,
                   Leadership& leadership, Run run, RecoveryBounds bounds, Events events)
    : main_(main),
      book_(book),
      recorder_(recorder),
      journal_(journal),
      leadership_(leadership),
      run_(std::move(run)),
      bounds_(std::move(bounds)),
      events_(std::move(events)) {
  recorder_.on_ended = [this](const Incident& incident) { ended(incident); };
}

void Recovery::apply(std::shared_ptr<const Config> config) {
  config_ = std::move(config);
  leadership_.apply(config_->recovery);
  undoes_ = std::ranges::any_of(config_->recovery.plans, [](const auto& plan) {
    return std::ranges::any_of(plan.second.steps,
                               [](const RecoveryStep& step) { return step.fail_back.has_value(); });
  });
}

void Recovery::resume(const Restored& restored, Moment now) {
  known_ = true;
  const auto bound = restored.instance.find(std::string(kRecoveryBound));
  if (bound != restored.instance.end() && !bound_was_set_)
    asked_bound_ = static_cast<RecoveryMode>(std::clamp<std::int64_t>(bound->second, 0, 3));
  if (const auto until = restored.instance.find(std::string(kUnknownUntil)); until != restored.instance.end())
    unknown_until_ = from_milliseconds(until->second);
  const auto take = [&](const Incident& left) {
    const Incident* incident = recorder_.incident(left.target, left.id);
    if (incident == nullptr) return;
    for (RecoveryAttempt attempt : std::vector<RecoveryAttempt>(incident->attempts)) {
      if (attempt.state != AttemptState::reserved) {
        remember(attempt);
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

void Recovery::begin_journal_anew() {
  if (!std::exchange(known_, true)) unknown_until_ = clock() + kLongestLimit;
  enter_instance();
}

void Recovery::enter_instance() {
  std::map<std::string, std::int64_t>& instance = journal_.pending().instance;
  instance[std::string(kRecoveryBound)] = static_cast<std::int64_t>(asked_bound_);
  if (unknown_until_ != WallTime()) instance[std::string(kUnknownUntil)] = to_milliseconds(unknown_until_);
  journal_.commit();
}

std::string Recovery::ledger_fault(WallTime now) const {
  if (!known_) return "the journal has not been read, so that nobody knows what was done before";
  if (now < unknown_until_)
    return fmt::format("a journal was lost, so that nobody knows what was done before; until {}",
                       rfc3339(unknown_until_));
  if (slow_since_ && now - *slow_since_ < kPauseAfterSlowness)
    return "the journal did not take the last reservation in time";
  if (!journal_.fault().empty()) return "the journal cannot be written: " + journal_.fault();
  return {};
}

RecoveryMode Recovery::mode() const {
  RecoveryMode lowest = std::min({config_->recovery.mode, bounds_.flag, asked_bound_});
  const bool stopped = !bounds_.stop_file.empty() && ::access(bounds_.stop_file.c_str(), F_OK) == 0;
  if (stopped || !bounds_.remembers) lowest = std::min(lowest, RecoveryMode::observe);
  return lowest;
}

void Recovery::set_bound(RecoveryMode bound) {
  asked_bound_ = bound;
  bound_was_set_ = true;
  enter_instance();
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
                  .not_leading = leadership_.refusal(now.steady),
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

// The ledger needs no more than what limits count.
void Recovery::remember(const RecoveryAttempt& attempt) {
  RecoveryAttempt lean = attempt;
  lean.evidence.clear();
  lean.output.clear();
  ledger_.put(lean);
}

bool Recovery::put(const RecoveryAttempt& attempt, WallTime at, std::string_view what, std::string text) {
  const RecoveryAttempt* before = ledger_.find(attempt.target, attempt.id);
  const bool new_outcome = is_outcome(attempt.state) && (before == nullptr || before->state != attempt.state);
  remember(attempt);
  const bool kept = recorder_.attempt(attempt, at, what, std::move(text));
  if (new_outcome) book_.count_action(attempt.target, attempt.action, attempt.state);
  if (events_.happened && !what.empty()) events_.happened(attempt, what);
  return kept;
}

// --- deciding ---

void Recovery::consider(const std::string& target, Moment now) {
  const TargetRecord* record = book_.find(target);
  const Incident* incident = recorder_.open_incident(target);
  if (record == nullptr || incident == nullptr || stopping_) return;
  const RecoveryPlan* plan = plan_of(*record);
  if (plan == nullptr) return book_.set_exhausted(target, false);
  verify(*record, *incident, now);
  const Situation known = situation(*record, *plan, now);
  const Decision decision = decide(known);
  if (decision.refused) return refuse(known, decision, now);
  told_.erase(target);
  book_.set_exhausted(target, false);
  act(*book_.find(target), known, decision.step, now);
}

// Failures that began after its time to settle prove that an attempt did not help.
void Recovery::verify(const TargetRecord& record, const Incident& incident, Moment now) {
  if (record.state.failures_in_row == 0 || !record.last || record.last->verdict != Verdict::down) return;
  if (circumstances_of(record, now).isolated) return;
  for (RecoveryAttempt attempt : std::vector<RecoveryAttempt>(ledger_.of(incident.target))) {
    if (attempt.incident != incident.id || attempt.state != AttemptState::settling || attempt.fail_back ||
        record.last->started < *attempt.settled)
      continue;
    attempt.state = AttemptState::ineffective;
    put(attempt, now.wall, name(attempt.state),
        fmt::format("{} did not help: it is still down", attempt.action));
  }
}

void Recovery::refuse(const Situation& known, const Decision& decision, Moment now) {
  const RecoveryGate gate = *decision.refused;
  if (gate == RecoveryGate::mode || gate == RecoveryGate::incident) return;  // that is how it mostly is
  const std::string& target = known.target;
  const bool needs_person = decision.exhausted && known.mode >= RecoveryMode::approve;
  if (needs_person) book_.set_exhausted(target, true);
  Told& told = told_[target];
  if (told.incident != known.incident) told = {known.incident, {}};
  if (!told.gates.insert(gate).second) return;
  book_.count_refusal(target, gate);
  recorder_.note(target, now.wall, "refused",
                 fmt::format("Nothing is done ({}): {}{}", name(gate), decision.why,
                             needs_person ? ". A person is needed" : ""));
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

void Recovery::act(const TargetRecord& record, const Situation& known, std::size_t index, Moment now) {
  const RecoveryStep& step = known.plan.steps[index];
  RecoveryAttempt attempt = new_attempt(record, known.incident, step.action, index, now.wall);
  attempt.failure = key(record.state.incident->latest);
  attempt.by = known.asked_by;
  const std::string note = step.note.empty() ? "" : fmt::format(" ({})", step.note);
  const std::string what = fmt::format("{} for {}{}", step.action, attempt.failure, note);
  switch (known.mode) {
    case RecoveryMode::off:
      break;
    case RecoveryMode::observe:
      attempt.state = AttemptState::observed;
      put(attempt, now.wall, "observed", "Would have begun " + what);
      break;
    case RecoveryMode::approve:
      attempt.state = AttemptState::waiting;
      put(attempt, now.wall, "waiting",
          fmt::format("{} waits for a person to approve it: lookout approve {}", what, attempt.id));
      break;
    case RecoveryMode::automatic:
      begin(std::move(attempt), {step.settle, false}, now);
  }
}

// --- from outside ---

Recovery::Answer Recovery::approve(const std::string& id, const std::string& by, Moment now) {
  const RecoveryAttempt* found = ledger_.find(id);
  if (found == nullptr) return {false, "there is no such decision"};
  if (found->state != AttemptState::waiting)
    return {false, fmt::format("it does not wait for approval: {}", name(found->state))};
  if (stopping_ || mode() < RecoveryMode::approve) return {false, "recovery is stopped"};
  RecoveryAttempt attempt = *found;
  const TargetRecord* record = book_.find(attempt.target);
  const RecoveryPlan* plan = record != nullptr ? plan_of(*record) : nullptr;
  const RecoveryStep* step = plan != nullptr ? step_of(*record, *plan, attempt) : nullptr;
  if (step == nullptr) {
    withdraw(attempt, now.wall, "its plan is another by now");
    return {false, attempt.action + " is not begun: its plan is another by now"};
  }
  Situation known = situation(*record, *plan, now);
  known.approved = found;
  const Decision decision =
      attempt.fail_back ? decide_fail_back(known, *step->fail_back, well_since(*record, *step->fail_back))
                        : decide(known);
  if (decision.refused)
    return {false, fmt::format("not now ({}): {}", name(*decision.refused), decision.why)};
  if (!attempt.fail_back && decision.step != attempt.step) {
    withdraw(attempt, now.wall, "another step fits the failure by now");
    return {false, attempt.action + " is not begun: another step fits the failure by now"};
  }
  attempt.by = by;
  begin(std::move(attempt), {attempt.fail_back ? Duration::zero() : step->settle, true}, now);
  return {true, "begun"};
}

// The step that an attempt is of, if the plan is what it was; nullptr: it is not.
const RecoveryStep* Recovery::step_of(const TargetRecord& record, const RecoveryPlan& plan,
                                      const RecoveryAttempt& attempt) const {
  if (record.config->recovery != attempt.plan || attempt.step >= plan.steps.size()) return nullptr;
  const RecoveryStep& step = plan.steps[attempt.step];
  if (!attempt.fail_back) return step.action == attempt.action ? &step : nullptr;
  return step.fail_back && step.fail_back->action == attempt.action ? &step : nullptr;
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

std::string Recovery::rehearse(const std::string& target, const std::string& incident,
                               const TargetState& state, const std::string& asked_by, Moment now) {
  const TargetRecord* record = book_.find(target);
  const RecoveryPlan* plan = record != nullptr ? plan_of(*record) : nullptr;
  if (plan == nullptr) return {};
  const Situation real = situation(*record, *plan, now);
  const Situation pretended{.recovery = real.recovery,
                            .plan = real.plan,
                            .ledger = real.ledger,
                            .mode = real.mode,
                            .target = target,
                            .incident = incident,
                            .state = state,
                            .newest = Verdict::down,
                            .newest_started = now.wall,
                            .circumstances = real.circumstances,
                            .targets = real.targets,
                            .down = real.down + 1,
                            .unsure = fleet_.unsure_since(state.row_start.wall),
                            .not_leading = real.not_leading,
                            .unknown = real.unknown,
                            .asked_by = asked_by,
                            .approved = nullptr,
                            .now = now.wall};
  const Decision decision = decide(pretended);
  if (decision.refused)
    return fmt::format("would have done nothing ({}): {}", name(*decision.refused), decision.why);
  const std::string& action = plan->steps[decision.step].action;
  switch (real.mode) {
    case RecoveryMode::automatic:
      return "would have run " + action;
    case RecoveryMode::approve:
      return fmt::format("would have waited for a person to approve {}", action);
    default:
      return fmt::format("would have run {}, if recovery did more than observe", action);
  }
}

}  // namespace lookout
