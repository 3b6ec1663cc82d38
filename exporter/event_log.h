// What the log says of incidents, of recovery and of what this instance leaves to others.
#pragma once

#include "exporter/recovery/recovery.h"

namespace lookout {

void log_incident_event(const TargetConfig& target, const IncidentEvent& event);
Recovery::Events recovery_events();
void log_shard(const Config& config);

}  // namespace lookout
