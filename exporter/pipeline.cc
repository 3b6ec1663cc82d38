#include "exporter/pipeline.h"

#include <vector>

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

}  // namespace

void Pipeline::on_result(const TargetConfig& target, std::shared_ptr<const ProbeResult> result,
                         Moment ended) {
  const TargetRecord* record = book_.find(target.name);
  if (record == nullptr || record->config->address != target.address ||
      record->config->module_name != target.module_name) {
    return;
  }
  const std::shared_ptr<const TargetConfig> config = record->config;
  const TargetState before = record->state;

  const Judged probe = judged_parts(*result, ended);
  const Moment onset = before.failures_in_row > 0 ? before.row_start : probe.started;
  const Step judged = step(before, policy(*config), probe, surroundings_.of(*record, onset, ended));
  enter(*config, before, judged, std::move(result));

  if (surroundings_.matters_to_others(config->name)) reconsider_held(ended);
  note_isolation(ended.wall);
}

void Pipeline::enter(const TargetConfig& target, const TargetState& before, const Step& judged,
                     std::shared_ptr<const ProbeResult> result) {
  recorder_.enter(target, before, judged, result.get());
  if (result) {
    book_.enter(target.name, std::move(result), judged);
  } else {
    book_.enter(target.name, judged);
  }
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
    if (judged.next != before) enter(*config, before, judged, nullptr);
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
      metrics_.incident_opened(target.severity, elapsed(event.outage->onset, event.at));
    } else if (event.change == Change::closed) {
      metrics_.incident_closed(target.severity, elapsed(event.outage->onset, event.at));
    }
    if (on_event_) on_event_(target, event);
  }
}

void Pipeline::apply(std::shared_ptr<const Config> config, Moment now) {
  book_.apply(*config);
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
}

void Pipeline::enter_everything() {
  for (const auto& record : book_.records()) recorder_.enter_again(*record->config, record->state);
}

}  // namespace lookout
