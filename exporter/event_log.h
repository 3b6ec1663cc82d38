// What the log says of incidents and of recovery.
#pragma once

#include "exporter/recovery/recovery.h"

namespace lookout {

void log_incident_event(const TargetConfig& target, const IncidentEvent& event);
Recovery::Events recovery_events();

}  // namespace lookout
