#include "exporter/pipeline.h"

#include <vector>

#include <fmt/format.h>

#include "exporter/incident/quorum.h"
#include "exporter/journal/saved_text.h"

namespace lookout {
namespace {

Policy policy(const TargetConfig& target) {
  return {target.failure_threshold, target.success_threshold, target.degraded_above};
}

Judged judged_parts(const ProbeResult& result, Moment ended) {
  const Moment started{result.started, ended.steady - result.duration};
  return {result.verdict, started, result.duration, result.failure ? &*result.failure : nullptr};
}

bool asks_the_same(const TargetConfig& one, const TargetConfig& other) {
  return one.address == other.address && one.module_name == other.module_name &&
         one.checkpoints.size() == other.checkpoints.size();
}

std::shared_ptr<const ProbeResult> combined(const TargetConfig& target, const Round& round) {
  if (target.checkpoints.empty()) return round.front();
  return std::make_shared<const ProbeResult>(combine(round, target.quorum));
}

// The probe that shows what is wrong.
const ProbeResult& evidence(const Round& round, const ProbeResult& combined) {
  for (const auto& result : round) {
    if (result->verdict == combined.verdict) return *result;
  }
  return *round.front();
}

}  // namespace

Pipeline::Pipeline(Book& book, Recorder& recorder, Recovery& recovery, SelfMetrics& metrics, OnEvent on_event)
    : book_(book),
      recorder_(recorder),
      recovery_(recovery),
      metrics_(metrics),
      on_event_(std::move(on_event)) {
  recovery_.circumstances_of = [this](const TargetRecord& record, Moment now) {
    return surroundings_.of(record, record.state.row_start, now);
  };
}

void Pipeline::on_round(const TargetConfig& target, const Round& round, Moment ended) {
  const TargetRecord* record = book_.find(target.name);
  if (record == nullptr || !asks_the_same(*record->config, target) || round.empty()) return;
  const std::shared_ptr<const TargetConfig> config = record->config;
  const TargetState before = record->state;

  const std::shared_ptr<const ProbeResult> result = combined(*config, round);
  const Judged probe = judged_parts(*result, ended);
  const Moment onset = before.failures_in_row > 0 ? before.row_start : probe.started;
  const Step judged = step(before, policy(*config), probe, surroundings_.of(*record, onset, ended));
  recorder_.enter(*config, before, judged, {result.get(), &evidence(round, *result)});
  if (config->checkpoints.empty()) {
    book_.enter(config->name, result, judged);
  } else {
    note_votes(*config, round);
    book_.enter(config->name, round, *result, judged);
  }
  follow(*config, judged);

  if (surroundings_.matters_to_others(config->name)) reconsider_held(ended);
  note_isolation(ended.wall);
  recovery_.consider(config->name, ended);
}

// What changes between the rounds of an incident: who sees it down, and who does not.
void Pipeline::note_votes(const TargetConfig& target, const Round& round) {
  if (recorder_.open_incident(target.name) == nullptr) return;
  const TargetRecord& record = *book_.find(target.name);
  std::string votes;
  bool changed = false;
  for (std::size_t i = 0; i < round.size() && i < target.checkpoints.size(); ++i) {
    const Verdict vote = round[i]->verdict;
    const bool known = i < record.checkpoints.size() && record.checkpoints[i].last;
    changed = changed || !known || record.checkpoints[i].last->verdict != vote;
    votes += fmt::format("{}{}: {}", votes.empty() ? "" : ", ", target.checkpoints[i].name, name(vote));
    if (round[i]->failure) votes += fmt::format(" ({})", key(*round[i]->failure));
  }
  if (changed) recorder_.note(target.name, round.front()->started, "votes", std::move(votes));
}

// After it has been entered everywhere.
void Pipeline::follow(const TargetConfig& target, const Step& judged) {
  if (judged.next.held) {
    held_.insert(target.name);
  } else {
    held_.erase(target.name);
  }
  tell(target, judged);
}

void Pipeline::reconsider_held(Moment now) {
  for (const std::string& name : std::vector<std::string>(held_.begin(), held_.end())) {
    const TargetRecord* record = book_.find(name);
    if (record == nullptr || !record->state.held) {
      held_.erase(name);
      continue;
    }
    const std::shared_ptr<const TargetConfig> config = record->config;
    const TargetState before = record->state;
    const Step judged = reconsider(before, surroundings_.of(*record, before.row_start, now), now);
    if (judged.next == before) continue;
    recorder_.enter(*config, before, judged, {nullptr, record->last.get()});
    book_.enter(name, judged);
    follow(*config, judged);
  }
}

void Pipeline::look_around(Moment now) {
  if (surroundings_.has_maintenance()) {
    std::vector<std::string> changed;
    for (const auto& record : book_.records()) {
      if (surroundings_.in_maintenance(record->config->name, now.wall) != record->maintenance)
        changed.push_back(record->config->name);
    }
    for (const std::string& name : changed)
      book_.set_maintenance(name, surroundings_.in_maintenance(name, now.wall));
  }
  reconsider_held(now);
  note_isolation(now.wall);
  recovery_.look_around(now);
}

void Pipeline::note_isolation(WallTime now) {
  const bool isolated = surroundings_.isolated();
  recorder_.isolated(isolated, now);
  metrics_.isolated(isolated);
}

bool Pipeline::pause(const std::string& target, bool paused, Moment now) {
  const TargetRecord* record = book_.find(target);
  if (record == nullptr) return false;
  book_.set_paused(target, paused);
  recorder_.pause(*book_.find(target)->config, book_.find(target)->state, paused);
  recorder_.note(target, now.wall, paused ? "paused" : "resumed",
                 paused ? "Paused: new incidents are held" : "The pause is over");
  reconsider_held(now);
  return true;
}

void Pipeline::tell(const TargetConfig& target, const Step& judged) {
  for (const IncidentEvent& event : judged.events) {
    if (event.change == Change::opened) {
      recovery_.opened(target.name, event.outage->onset.wall, event.at);
      metrics_.incident_opened(target.severity, elapsed(event.outage->onset, event.at));
    } else if (event.change == Change::closed) {
      metrics_.incident_closed(target.severity, elapsed(event.outage->onset, event.at));
    }
    if (on_event_) on_event_(target, event);
  }
}

void Pipeline::apply(std::shared_ptr<const Config> config, Moment now) {
  book_.apply(*config);
  recovery_.apply(config);
  surroundings_.apply(std::move(config));
  std::vector<std::string> gone;
  for (const auto& [target, incident] : recorder_.open_incidents()) {
    if (book_.find(target) == nullptr) gone.push_back(target);
  }
  for (const std::string& target : gone) recorder_.removed(target, now);
  look_around(now);
}

void Pipeline::resume(const Restored& restored, Moment now) {
  const Duration away = restored.alive ? Duration(now.wall - *restored.alive) : Duration::zero();
  for (const auto& [name, saved] : restored.targets) {
    const TargetRecord* record = book_.find(name);
    if (record == nullptr || record->last != nullptr) continue;  // gone, or judged anew already
    book_.restore(name, resumed(saved.state, away, record->config->interval));
    book_.set_paused(name, saved.paused);
    if (saved.state.held) held_.insert(name);
  }
  recorder_.resume(restored, now, [this](const Incident& incident) {
    const TargetRecord* record = book_.find(incident.target);
    return record != nullptr && record->state.incident &&
           to_milliseconds(record->state.incident->onset.wall) == to_milliseconds(incident.onset);
  });
  recovery_.resume(restored, now);
}

void Pipeline::enter_everything() {
  for (const auto& record : book_.records()) recorder_.enter_again(*record->config, record->state);
  recorder_.enter_acted_again();
  recovery_.begin_journal_anew();
}

}  // namespace lookout
