#include "exporter/drill/drills.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include "exporter/journal/recorder.h"
#include "exporter/journal/saved_text.h"
#include "exporter/report/time_text.h"
#include "probes/core/text.h"
#include "probes/net/http_url.h"

namespace lookout {
namespace {

constexpr std::array<std::string_view, 4> kOutcomeNames{"running", "passed", "failed", "ended"};
constexpr std::string_view kPassedKey = "drill_passed ";  // and the target's name
constexpr Duration kLate = std::chrono::minutes(1);       // too late for a scheduled one

// Otherwise what is wrong with it.
std::string fault_of_url(std::string_view what, const std::string& url) {
  if (url.empty()) return {};
  const std::optional<HttpUrl> parsed = parse_url(url);
  if (parsed && !parsed->host.empty() && parsed->port != 0) return {};
  return fmt::format("{}: {} is no http or https URL", what, in_quotes(mask_url_password(url)));
}

std::string fault_of(const DrillOrder& order) {
  if (order.failure.cause == Cause::internal)
    return "failure: an internal one is this Lookout's own fault, and opens no incident";
  if (order.duration <= Duration::zero() || order.duration > DrillConfig::kLongestDuration)
    return fmt::format("duration: write more than 0s and at most {}",
                       print_duration(DrillConfig::kLongestDuration));
  if (std::string fault = fault_of_url("prometheus_url", order.prometheus_url); !fault.empty()) return fault;
  return fault_of_url("alertmanager_url", order.alertmanager_url);
}

std::string in_words(const Circumstances& circumstances) {
  if (circumstances.isolated) return "this instance distrusts itself";
  switch (circumstances.hold) {
    case Hold::none:
      return {};
    case Hold::maintenance:
      return "a real incident would be held by maintenance now";
    case Hold::paused:
      return "the target is paused";
    case Hold::dependency:
    case Hold::verifying:
      return fmt::format("a real incident would be held now, because of {}", circumstances.by);
  }
  return {};
}

}  // namespace

std::string_view name(DrillOutcome outcome) { return kOutcomeNames.at(static_cast<std::size_t>(outcome)); }

Drills::Drills(asio::io_context& main, Book& book, Journal& journal, Look look, Hooks hooks)
    : main_(main), book_(book), journal_(journal), look_(std::move(look)), hooks_(std::move(hooks)) {}

void Drills::set_urls(std::string prometheus, std::string alertmanager) {
  prometheus_url_ = std::move(prometheus);
  alertmanager_url_ = std::move(alertmanager);
}

void Drills::apply(std::shared_ptr<const Config> config, Moment now) {
  for (const auto& drill : drills_) {
    if (drill->outcome == DrillOutcome::running && book_.find(drill->order.target) == nullptr)
      cut(*drill, "its target was removed from the configuration", now);
  }
  for (const auto& [target, when] : passed_) book_.set_drill_passed(target, when);
  planned_.clear();
  for (const DrillConfig& drill : config->drills) {
    Planned planned{drill, {}, {}};
    planned.times.schedule = drill.schedule;
    planned.times.timezone = drill.timezone;
    if (const auto next = next_occurrence(planned.times, now.wall)) planned.next = next->begin;
    planned_.push_back(std::move(planned));
  }
}

// --- what outlasts a restart ---

void Drills::resume(const Restored& restored) {
  for (const auto& [key, value] : restored.instance) {
    if (!key.starts_with(kPassedKey)) continue;
    const std::string target = key.substr(kPassedKey.size());
    const auto [known, added] = passed_.emplace(target, from_milliseconds(value));
    book_.set_drill_passed(target, known->second);
  }
}

void Drills::enter_again() {
  for (const auto& [target, when] : passed_) keep_passed(target, when);
  for (const auto& drill : drills_) {
    if (drill->outcome == DrillOutcome::running) keep(*drill);
  }
}

void Drills::keep_passed(const std::string& target, WallTime when) {
  journal_.pending().instance[std::string(kPassedKey) + target] = to_milliseconds(when);
  journal_.commit();
}

void Drills::keep(const Drill& drill) {
  if (!drill.incident) return;
  journal_.pending().incidents[drill.incident->id] = *drill.incident;
  journal_.commit();
}

// --- beginning ---

const Drill* Drills::find(std::string_view id) const {
  const auto found =
      std::ranges::find(drills_, id, [](const auto& drill) -> std::string_view { return drill->id; });
  return found == drills_.end() ? nullptr : found->get();
}

Drill* Drills::find_running(std::string_view target) {
  const auto found = std::ranges::find_if(drills_, [&](const auto& drill) {
    return drill->outcome == DrillOutcome::running && drill->order.target == target;
  });
  return found == drills_.end() ? nullptr : found->get();
}

const Drill* Drills::running(std::string_view target) const {
  return const_cast<Drills*>(this)->find_running(target);
}

std::vector<const Incident*> Drills::open_incidents() const {
  std::vector<const Incident*> open;
  for (const auto& drill : drills_) {
    if (drill->incident && !drill->incident->recovered) open.push_back(&*drill->incident);
  }
  return open;
}

// Why no drill begins now; empty: it may.
std::string Drills::refusal(const TargetRecord& record, Moment now) const {
  if (stopping_) return "Lookout stops";
  const std::string& target = record.config->name;
  if (const Drill* other = running(target))
    return fmt::format("the drill {} of this target has not ended", other->id);
  const auto at_once =
      std::ranges::count(drills_, DrillOutcome::running, [](const auto& drill) { return drill->outcome; });
  if (static_cast<std::size_t>(at_once) >= kMostAtOnce)
    return fmt::format("{} drills at once are enough", at_once);
  const TargetState& state = record.state;
  if (state.state == State::down || state.failures_in_row > 0) return "the target really fails now";
  if (state.state == State::unknown) return "the target has not been seen up yet";
  return in_words(hooks_.circumstances_of(record, now));
}

std::variant<std::shared_ptr<const Drill>, Drills::Refusal> Drills::start(DrillOrder order, Moment now) {
  const TargetRecord* record = book_.find(order.target);
  if (record == nullptr) return Refusal{404, "there is no target of this name"};
  if (order.prometheus_url.empty()) order.prometheus_url = prometheus_url_;
  if (order.alertmanager_url.empty()) order.alertmanager_url = alertmanager_url_;
  order.prometheus_url = without_slash(std::move(order.prometheus_url));
  order.alertmanager_url = without_slash(std::move(order.alertmanager_url));
  if (std::string fault = fault_of(order); !fault.empty()) return Refusal{400, std::move(fault)};
  if (std::string why = refusal(*record, now); !why.empty()) return Refusal{409, std::move(why)};

  const TargetConfig& target = *record->config;
  order.failure.detail = "pretended by a drill";
  const CoursePlan plan{
      !order.prometheus_url.empty(), !order.alertmanager_url.empty(), order.duration, target.interval,
      target.failure_threshold,      target.success_threshold};
  auto drill = std::make_shared<Drill>(Drill{.id = incident_id("drill of " + target.name, now.wall),
                                             .order = std::move(order),
                                             .started = now.wall,
                                             .ended = {},
                                             .text = {},
                                             .course = Course(plan, now),
                                             .incident = {},
                                             .recovery = {},
                                             .state = {},
                                             .delivered_to = {}});
  drill->state.state = State::up;
  drill->state.successes_in_row = 1;
  drill->state.row_start = now;
  drills_.push_front(drill);
  while (drills_.size() > kMostKept && drills_.back()->outcome != DrillOutcome::running) drills_.pop_back();
  tell(drill->order, drill->id, "began", "wanted by " + drill->order.by);
  asio::co_spawn(main_, follow(drill), asio::detached);
  return drill;
}

void Drills::look_around(Moment now) {
  for (Planned& planned : planned_) {
    if (!planned.next || now.wall < *planned.next) continue;
    const bool late = now.wall - *planned.next > kLate;
    const auto next = next_occurrence(planned.times, now.wall);
    planned.next = next ? std::optional(next->begin) : std::nullopt;
    if (late) continue;
    const DrillConfig& drill = planned.drill;
    const DrillOrder order{drill.target, drill.failure.value, drill.duration, {}, {}, "its schedule"};
    const auto started = start(order, now);
    if (const Refusal* refused = std::get_if<Refusal>(&started)) tell(order, {}, "refused", refused->text);
  }
}

void Drills::tell(const DrillOrder& order, const std::string& id, std::string_view what,
                  const std::string& text) {
  if (hooks_.happened) hooks_.happened(order, id, what, text);
}

// --- following ---

LookWhere Drills::wanted(const Drill& drill) const {
  LookWhere where{drill.order.target, {}, {}, false};
  const std::optional<Hop> hop = drill.course.current();
  if (hop == Hop::firing || hop == Hop::resolved || hop == Hop::arrived)
    where.prometheus_url = drill.order.prometheus_url;
  if (hop == Hop::arrived || hop == Hop::notified || hop == Hop::cleared)
    where.alertmanager_url = drill.order.alertmanager_url;
  return where;
}

Task<> Drills::follow(std::shared_ptr<Drill> drill) {
  const DrillOrder& order = drill->order;
  const AlertSeen before = co_await look_({order.target, order.prometheus_url, order.alertmanager_url, true});
  if (drill->outcome != DrillOutcome::running) co_return;
  drill->course.begin(before, this_moment());
  asio::co_spawn(main_, answer(drill), asio::detached);
  Timer timer(main_.get_executor());
  while (drill->outcome == DrillOutcome::running) {
    const AlertSeen seen = co_await look_(wanted(*drill));
    if (drill->outcome != DrillOutcome::running) co_return;
    drill->course.see(seen, this_moment());
    note_hops(*drill);
    if (drill->course.over()) co_return finish(*drill, this_moment());
    timer.expires_after(look_interval);
    co_await timer.async_wait(use_tuple);
  }
}

// In place of the target.
Task<> Drills::answer(std::shared_ptr<Drill> drill) {
  Timer timer(main_.get_executor());
  while (drill->outcome == DrillOutcome::running) {
    judge(*drill, this_moment());
    const TargetRecord* record = book_.find(drill->order.target);
    if (record == nullptr || (drill->incident && drill->incident->recovered)) co_return;
    timer.expires_after(record->config->interval);
    co_await timer.async_wait(use_tuple);
  }
}

void Drills::judge(Drill& drill, Moment now) {
  const TargetRecord* record = book_.find(drill.order.target);
  if (record == nullptr) return;
  const std::shared_ptr<const TargetConfig> target = record->config;
  const bool fails = drill.course.failing();
  const Judged probe{fails ? Verdict::down : Verdict::up, now, Duration::zero(),
                     fails ? &drill.order.failure : nullptr};
  const Step judged = step(
      drill.state, {target->failure_threshold, target->success_threshold, target->degraded_above}, probe);
  drill.state = judged.next;
  for (const IncidentEvent& event : judged.events) {
    if (event.change == Change::opened) open(drill, *target, *event.outage, now);
    if (event.change == Change::closed) close(drill, event, now);
  }
  if (fails && drill.incident) rehearse(drill, now);
}

void Drills::open(Drill& drill, const TargetConfig& target, const Outage& outage, Moment now) {
  Incident incident = new_incident(target, outage);
  incident.id = incident_id("drill of " + target.name, outage.detected.wall);
  incident.drill = true;
  add_line(incident, incident.onset, "onset",
           fmt::format("A drill, wanted by {}: the target's answers are replaced for a judge of its own",
                       drill.order.by));
  add_line(incident, incident.detected, name(Change::opened),
           fmt::format("Down, as far as the drill goes: {}", key(outage.failure)));
  drill.incident = std::move(incident);
  book_.set_drill(target.name, outage);
  drill.course.opened(fmt::format("Incident {} opened", drill.incident->id), now);
  note_hops(drill);
  keep(drill);
}

void Drills::close(Drill& drill, const IncidentEvent& event, Moment now) {
  if (!drill.incident) return;
  drill.incident->recovered = event.at.wall;
  drill.incident->duration = elapsed(event.outage->onset, event.at);
  book_.set_drill(drill.order.target, std::nullopt);
  drill.course.closed("Incident closed: the failure was over", now);
  note_hops(drill);
  keep(drill);
  if (drill.course.over()) finish(drill, now);
}

void Drills::rehearse(Drill& drill, Moment now) {
  if (!hooks_.rehearse) return;
  std::string text =
      hooks_.rehearse(drill.order.target, drill.incident->id, drill.state, drill.delivered_to, now);
  if (text == drill.recovery) return;
  drill.recovery = std::move(text);
  note(drill, now.wall, "recovery", drill.recovery);
  keep(drill);
}

void Drills::note(Drill& drill, WallTime at, std::string_view what, const std::string& text) {
  if (drill.incident) add_line(*drill.incident, at, what, text);
  tell(drill.order, drill.id, what, text);
}

void Drills::note_hops(Drill& drill) {
  bool noted = false;
  for (std::size_t i = 0; i < kHopCount; ++i) {
    const HopStatus& hop = drill.course.at(static_cast<Hop>(i));
    if (drill.noted.at(i) || !hop.at) continue;
    drill.noted.at(i) = noted = true;
    const bool passed = hop.state == HopState::passed;
    note(drill, *hop.at, passed ? "passed" : "broken",
         fmt::format("{}: {}{}", name(static_cast<Hop>(i)), hop.text,
                     passed ? fmt::format(" ({})", for_people(hop.took)) : ""));
  }
  if (noted) keep(drill);
}

bool Drills::delivered(const std::string& target, const std::string& receiver, const std::string& alert,
                       Moment now) {
  Drill* drill = find_running(target);
  if (drill == nullptr || !drill->incident || drill->incident->recovered) return false;
  drill->delivered_to = alert;
  drill->course.delivered(receiver, now);
  return true;
}

// --- ending ---

void Drills::judged(const std::string& target, Moment now) {
  const TargetRecord* record = book_.find(target);
  if (record == nullptr || record->state.failures_in_row == 0) return;
  Drill* drill = find_running(target);
  if (drill == nullptr) return;
  const bool told = record->last && record->last->failure;
  cut(*drill, "a real failure began" + (told ? ": " + key(*record->last->failure) : std::string()), now);
}

void Drills::stop(Moment now) {
  stopping_ = true;
  for (const auto& drill : drills_) {
    if (drill->outcome == DrillOutcome::running) cut(*drill, "Lookout stops", now);
  }
}

void Drills::finish(Drill& drill, Moment now) {
  if (drill.outcome != DrillOutcome::running) return;
  const bool passed = !drill.course.broken();
  if (drill.course.whole()) {
    passed_[drill.order.target] = now.wall;
    book_.set_drill_passed(drill.order.target, now.wall);
    keep_passed(drill.order.target, now.wall);
  }
  end(drill, passed ? DrillOutcome::passed : DrillOutcome::failed, drill.course.summary(), now);
}

void Drills::cut(Drill& drill, const std::string& why, Moment now) {
  end(drill, DrillOutcome::ended, "ended before its time: " + why, now);
}

void Drills::end(Drill& drill, DrillOutcome outcome, std::string text, Moment now) {
  if (drill.incident && !drill.incident->recovered) {
    drill.incident->recovered = now.wall;
    drill.incident->duration = std::max<Duration>(now.wall - drill.incident->onset, Duration::zero());
    book_.set_drill(drill.order.target, std::nullopt);
  }
  drill.outcome = outcome;
  drill.text = std::move(text);
  drill.ended = now.wall;
  note(drill, now.wall, outcome == DrillOutcome::ended ? "interrupted" : "drill", drill.text);
  keep(drill);
}

}  // namespace lookout
