#include "exporter/pipeline.h"

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

  const Step judged = step(before, policy(*config), judged_parts(*result, ended));
  book_.enter(config->name, result, judged);
  recorder_.enter(*config, before, judged, result.get());
  tell(*config, judged);

  recorder_.isolated(book_.isolated(), ended.wall);
  metrics_.isolated(book_.isolated());
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

void Pipeline::apply(const Config& config, Moment now) {
  book_.apply(config);
  std::vector<std::string> gone;
  for (const auto& [target, incident] : recorder_.open_incidents()) {
    if (book_.find(target) == nullptr) gone.push_back(target);
  }
  for (const std::string& target : gone) recorder_.removed(target, now);
  metrics_.isolated(book_.isolated());
}

void Pipeline::resume(const Restored& restored, Moment now) {
  const Duration away = restored.alive ? Duration(now.wall - *restored.alive) : Duration::zero();
  for (const auto& [name, saved] : restored.targets) {
    const TargetRecord* record = book_.find(name);
    if (record == nullptr || record->last != nullptr) continue;  // gone, or judged anew already
    book_.restore(name, resumed(saved.state, away, record->config->interval));
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
