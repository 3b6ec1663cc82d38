#include "exporter/event_log.h"

#include <fmt/format.h>

#include "exporter/incident/incident.h"
#include "exporter/log.h"

namespace lookout {

void log_incident_event(const TargetConfig& target, const IncidentEvent& event) {
  if (event.change == Change::opened) {
    log(LogLevel::warn, "Incident opened",
        {{"target", target.name},
         {"incident", incident_id(target.name, event.outage->detected.wall)},
         {"failure", key(event.outage->failure)},
         {"detail", event.outage->failure.detail}});
  } else if (event.change == Change::closed) {
    log(LogLevel::info, "Incident closed",
        {{"target", target.name},
         {"incident", incident_id(target.name, event.outage->detected.wall)},
         {"seconds", fmt::format("{:.3f}", seconds(elapsed(event.outage->onset, event.at)))}});
  } else if (event.change == Change::held) {
    log(LogLevel::info, "Down, and nobody is told",
        {{"target", target.name}, {"why", std::string(name(event.hold))}, {"by", event.by}});
  }
}

void log_drill(const DrillOrder& order, const std::string& id, std::string_view what,
               const std::string& text) {
  const bool well = what != "broken" && what != "refused" && what != "interrupted";
  log(well ? LogLevel::info : LogLevel::warn, "Drill",
      {{"target", order.target}, {"drill", id}, {"what", std::string(what)}, {"text", text}});
}

Recovery::Events recovery_events() {
  Recovery::Events events;
  events.happened = [](const RecoveryAttempt& attempt, std::string_view what) {
    log(attempt.did_not_help() ? LogLevel::warn : LogLevel::info, "Recovery",
        {{"target", attempt.target},
         {"incident", attempt.incident},
         {"action", attempt.action},
         {"what", std::string(what)},
         {"failure", attempt.failure},
         {"result", attempt.result}});
  };
  events.refused = [](const std::string& target, RecoveryGate gate, const std::string& why) {
    log(LogLevel::info, "Recovery refused",
        {{"target", target}, {"gate", std::string(name(gate))}, {"why", why}});
  };
  return events;
}

}  // namespace lookout
