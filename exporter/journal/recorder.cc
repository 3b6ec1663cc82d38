#include "exporter/journal/recorder.h"

#include <algorithm>

#include <fmt/format.h>

#include "exporter/report/probe_report.h"
#include "exporter/report/time_text.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kLongestTimeline = 200;
constexpr std::size_t kLongestEvidence = 64 * 1024;
constexpr Duration kJustEnded = std::chrono::minutes(5);
constexpr Duration kShortestGap = std::chrono::seconds(1);

std::string told(const Failure& failure) {
  std::string text = fmt::format("{} ({})", sentence(failure.cause), key(failure));
  if (!failure.detail.empty()) text += ": " + failure.detail;
  return text;
}

std::string in_words(Hold hold, const std::string& by) {
  switch (hold) {
    case Hold::none:
      return {};
    case Hold::maintenance:
      return by.empty() ? "maintenance" : "maintenance: " + by;
    case Hold::paused:
      return "a pause";
    case Hold::dependency:
      return by + ", which it depends on and which was down";
    case Hold::verifying:
      return "the wait for another probe of " + by;
  }
  return {};
}

WallTime hour_of(WallTime time) { return std::chrono::floor<std::chrono::hours>(time); }

}  // namespace

void add_line(Incident& incident, WallTime at, std::string_view what, std::string text) {
  if (incident.timeline.size() < kLongestTimeline) {
    incident.timeline.push_back({at, std::string(what), std::move(text)});
  } else {  // the newest line is always there
    incident.timeline.back() = {at, std::string(what), std::move(text)};
  }
}

std::string evidence_of(const TargetConfig& target, const ProbeResult* result) {
  if (result == nullptr || !target.module) return {};
  std::string text = probe_json({mask_url_password(target.address), target.module_name,
                                 std::string(kind_of(*target.module).name), *result});
  return text.size() <= kLongestEvidence ? text : std::string();
}

Incident new_incident(const TargetConfig& target, const Outage& outage) {
  Incident incident;
  incident.id = incident_id(target.name, outage.detected.wall);
  incident.target = target.name;
  incident.address = mask_url_password(target.address);
  incident.module = target.module_name;
  incident.severity = name(target.severity);
  incident.labels = target.labels;
  incident.runbook_url = target.runbook_url;
  incident.onset = outage.onset.wall;
  incident.detected = outage.detected.wall;
  incident.detection = incident.duration = elapsed(outage.onset, outage.detected);
  incident.failure = outage.failure;
  incident.flapped = outage.flapped;
  return incident;
}

void Recorder::resume(const Restored& restored, Moment now, const IsOpen& is_open) {
  for (const auto& [name, target] : restored.targets) {
    if (target.paused) paused_[name] = true;
  }
  const Duration away = restored.alive ? Duration(now.wall - *restored.alive) : Duration::zero();
  const bool gap = away >= kShortestGap;
  if (gap) journal_.pending().gaps.push_back({*restored.alive, now.wall, "stopped"});
  for (Incident incident : restored.open) {
    if (incident.drill) {
      end(incident, now.wall, std::max<Duration>(now.wall - incident.onset, Duration::zero()), "interrupted",
          "Closed: Lookout ended during this drill");
      continue;
    }
    if (gap) {
      add_line(
          incident, now.wall, "restarted",
          fmt::format("Lookout was away for {}; what happened meanwhile is not known", for_people(away)));
    }
    if (is_open(incident) && !open_.contains(incident.target)) {
      keep(open_[incident.target] = incident);
    } else {
      abandon_attempts(incident);
      end(incident, now.wall, std::max<Duration>(now.wall - incident.onset, Duration::zero()), "abandoned",
          "Closed: its target is watched no more, or anew");
      if (last_acted(incident)) acted_[incident.id] = incident;
    }
  }
  for (const Incident& incident : restored.acted) acted_[incident.id] = incident;
  journal_.commit();
}

void Recorder::enter(const TargetConfig& target, const TargetState& before, const Step& judged,
                     const Probed& probed) {
  const ProbeResult* result = probed.counted;
  if (result != nullptr) count(target.name, *result);
  for (const IncidentEvent& event : judged.events) apply(event, target, probed.evidence);
  if (differ_for_restart(before, judged.next)) {
    Batch& pending = journal_.pending();
    pending.targets[target.name] = {judged.next, paused_.contains(target.name)};
    if (result != nullptr) pending.alive = std::max(pending.alive.value_or(WallTime()), result->started);
    journal_.commit();
  } else if (!judged.events.empty()) {
    journal_.commit();
  }
  tell_ended();
}

// After the commit, as whoever hears of it may enter something and commit again.
void Recorder::tell_ended() {
  for (const Incident& incident : std::exchange(ended_, {})) {
    if (on_ended) on_ended(incident);
  }
}

void Recorder::enter_again(const TargetConfig& target, const TargetState& state) {
  if (state == TargetState()) return;
  journal_.pending().targets[target.name] = {state, paused_.contains(target.name)};
  if (const Incident* incident = open_incident(target.name))
    journal_.pending().incidents[incident->id] = *incident;
  journal_.commit();
}

void Recorder::enter_acted_again() {
  for (const auto& [id, incident] : acted_) keep(incident);
  journal_.commit();
}

void Recorder::apply(const IncidentEvent& event, const TargetConfig& target, const ProbeResult* result) {
  switch (event.change) {
    case Change::opened:
      return open(event, target, result);
    case Change::closed:
      if (const auto found = open_.find(target.name); found != open_.end()) {
        found->second.flapped = event.outage->flapped;
        found->second.recovered = event.at.wall;
        conclude_attempts(found->second);
      }
      return close(target.name, event.at.wall, elapsed(event.outage->onset, event.at), name(event.change),
                   "Up again: the first of the probes that succeeded in a row");
    case Change::failure_changed:
      return add(target.name, event.at.wall, name(event.change), "Now " + told(event.outage->latest));
    case Change::flapping_began:
      return add(target.name, event.at.wall, name(event.change),
                 "Flapping: it goes up and down, and counts as down until it holds still");
    case Change::flapping_ended:
      return add(target.name, event.at.wall, name(event.change), "Flaps no more");
    case Change::held:
    case Change::let_go:
      return;  // nobody is told
  }
}

void Recorder::open(const IncidentEvent& event, const TargetConfig& target, const ProbeResult* result) {
  const Outage& outage = *event.outage;
  Incident incident = new_incident(target, outage);
  incident.held_by = in_words(event.hold, event.by);
  incident.evidence = evidence_of(target, result);
  add_line(incident, incident.onset, "onset", "The first of the probes that failed in a row");
  add_line(incident, incident.detected, name(event.change), "Down: " + told(outage.failure));
  if (event.hold != Hold::none)
    add_line(incident, incident.detected, "released", "Held back until now by " + incident.held_by);
  keep(open_[target.name] = std::move(incident));
}

void Recorder::close(const std::string& target, WallTime recovered, Duration duration, std::string_view what,
                     std::string text) {
  const auto found = open_.find(target);
  if (found == open_.end()) return;
  end(found->second, recovered, duration, what, std::move(text));
  std::vector<Span>& recent = just_ended_[target];
  std::erase_if(recent, [&](const Span& span) { return recovered - span.end > kJustEnded; });
  recent.push_back({found->second.onset, recovered});
  if (last_acted(found->second)) acted_[found->second.id] = found->second;
  ended_.push_back(std::move(found->second));
  open_.erase(found);
}

void Recorder::end(Incident& incident, WallTime recovered, Duration duration, std::string_view what,
                   std::string text) {
  incident.recovered = recovered;
  incident.duration = duration;
  add_line(incident, recovered, what, std::move(text));
  keep(incident);
}

void Recorder::keep(const Incident& incident) { journal_.pending().incidents[incident.id] = incident; }

void Recorder::add(std::string_view target, WallTime at, std::string_view what, std::string text) {
  const auto found = open_.find(target);
  if (found == open_.end()) return;
  add_line(found->second, at, what, std::move(text));
  keep(found->second);
}

void Recorder::note(std::string_view target, WallTime at, std::string_view what, std::string text) {
  add(target, at, what, std::move(text));
  journal_.commit();
}

void Recorder::pause(const TargetConfig& target, const TargetState& state, bool paused) {
  if (paused) {
    paused_[target.name] = true;
  } else {
    paused_.erase(target.name);
  }
  journal_.pending().targets[target.name] = {state, paused};
  journal_.commit();
}

const Incident* Recorder::incident(std::string_view target, std::string_view id) const {
  return const_cast<Recorder*>(this)->find(target, id);
}

Incident* Recorder::find(std::string_view target, std::string_view id) {
  if (const auto open = open_.find(target); open != open_.end() && open->second.id == id)
    return &open->second;
  const auto over = acted_.find(id);
  return over == acted_.end() ? nullptr : &over->second;
}

void Recorder::amend(const Incident& incident) {
  keep(acted_[incident.id] = incident);
  journal_.commit();
}

bool Recorder::attempt(RecoveryAttempt attempt, WallTime at, std::string_view what, std::string text) {
  Incident* incident = find(attempt.target, attempt.incident);
  if (incident == nullptr) return false;
  const auto known = std::ranges::find(incident->attempts, attempt.id, &RecoveryAttempt::id);
  if (known != incident->attempts.end()) {
    if (attempt.evidence.empty()) attempt.evidence = std::move(known->evidence);
    if (attempt.output.empty()) attempt.output = std::move(known->output);
    *known = std::move(attempt);
  } else {
    incident->attempts.push_back(std::move(attempt));
  }
  if (!text.empty()) add_line(*incident, at, what, std::move(text));
  keep(*incident);
  journal_.commit();
  return true;
}

void Recorder::removed(const std::string& target, Moment now) {
  paused_.erase(target);
  runs_.erase(target);
  just_ended_.erase(target);
  const auto open = open_.find(target);
  if (open == open_.end()) return;
  abandon_attempts(open->second);
  close(target, now.wall, std::max<Duration>(now.wall - open->second.onset, Duration::zero()), "abandoned",
        "Closed: its target was removed from the configuration");
  journal_.commit();
  tell_ended();
}

void Recorder::isolated(bool isolated, WallTime now) {
  if (isolated == isolated_since_.has_value()) return;
  if (isolated) {
    isolated_since_ = now;
    return;
  }
  journal_.pending().gaps.push_back({*isolated_since_, now, "isolated"});
  isolated_since_.reset();
  journal_.commit();
}

void Recorder::count(const std::string& target, const ProbeResult& result) {
  Summary& hour = hours_[{target, hour_of(result.started)}];
  ++hour.probes;
  if (result.verdict != Verdict::up) ++hour.failures;
  hour.latency_sum += result.duration;
  hour.latency_most = std::max(hour.latency_most, result.duration);

  const std::string failure = result.failure ? key(*result.failure) : std::string();
  VerdictRun& run = runs_[target];
  if (run.probes == 0 || run.verdict != result.verdict || run.failure != failure) {
    if (run.probes > 0) journal_.pending().runs[{target, run.started}] = run;
    run = {result.started, result.started, result.verdict, failure, 0};
  }
  run.ended = result.started;
  ++run.probes;
}

void Recorder::checkpoint(WallTime now, bool all) {
  std::erase_if(acted_, [&](const auto& each) { return each.second.recovered < now - kAttemptMemory; });
  Batch& pending = journal_.pending();
  pending.alive = now;
  if (isolated_since_) {
    std::erase_if(pending.gaps, [&](const Gap& gap) { return gap.started == *isolated_since_; });
    pending.gaps.push_back({*isolated_since_, now, "isolated"});
  }
  if (all) {
    for (const auto& [target, run] : runs_) pending.runs[{target, run.started}] = run;
    Batch gathered;
    gathered.hours = std::exchange(hours_, {});
    pending.follow(std::move(gathered));
  }
  journal_.commit();
}

const std::vector<Span>& Recorder::just_ended(std::string_view target) const {
  static const std::vector<Span> kNone;
  const auto found = just_ended_.find(target);
  return found == just_ended_.end() ? kNone : found->second;
}

const Incident* Recorder::open_incident(std::string_view target) const {
  const auto found = open_.find(target);
  return found == open_.end() ? nullptr : &found->second;
}

}  // namespace lookout
