#include "exporter/pipeline.h"

#include <algorithm>

namespace lookout {
namespace {

Policy policy(const TargetConfig& target) {
  return {target.failure_threshold, target.success_threshold, target.degraded_above};
}

Judged judged_parts(const ProbeResult& result) {
  return {result.verdict, result.started, result.duration, result.failure ? &*result.failure : nullptr};
}

// The wall clock may have been set back between the two.
Duration elapsed(WallTime from, WallTime to) { return std::max(Duration(to - from), Duration::zero()); }

}  // namespace

void Pipeline::on_result(const TargetConfig& target, std::shared_ptr<const ProbeResult> result) {
  const TargetRecord* record = book_.find(target.name);
  if (record == nullptr || record->config->address != target.address ||
      record->config->module_name != target.module_name) {
    return;
  }
  const Severity severity = record->config->severity;

  const Step judged = step(record->state, policy(*record->config), judged_parts(*result));
  book_.enter(target.name, std::move(result), judged);

  if (const auto* opened = std::get_if<IncidentOpened>(&judged.event)) {
    metrics_.incident_opened(severity, elapsed(opened->incident.onset, opened->incident.detected));
  } else if (const auto* closed = std::get_if<IncidentClosed>(&judged.event)) {
    metrics_.incident_closed(severity, elapsed(closed->incident.onset, closed->recovered));
  }
  metrics_.isolated(book_.isolated());
}

}  // namespace lookout
