// What the log says of incidents, of recovery and of drills.
#pragma once

#include "exporter/drill/drills.h"
#include "exporter/recovery/recovery.h"

namespace lookout {

void log_incident_event(const TargetConfig& target, const IncidentEvent& event);
Recovery::Events recovery_events();
void log_drill(const DrillOrder& order, const std::string& id, std::string_view what,
               const std::string& text);

}  // namespace lookout
