// An incident, told whole: as JSON for programs, as Markdown and HTML for people, who find blanks there for
// what only they know. All three say the same. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "exporter/incident/incident.h"

namespace lookout {

struct IncidentReport {
  const Incident& incident;
  // Of the same target with the same failure, newest first; nullopt: nobody could be asked.
  std::optional<std::vector<Incident>> earlier;
  WallTime now;  // until when an open incident lasts
};

// Of an open one so far. Never negative.
Duration lasted(const Incident& incident, WallTime now);

// "connect/refused" of both, of the same target; both real, or both drills.
bool is_alike(const Incident& one, const Incident& other);

// {id, target, address, module, severity, labels{}, runbook_url or null, open, onset, detected, recovered or
// null, detection_seconds, duration_seconds, failure{stage, cause, meaning, detail}, flapped, drill, held_by
// or null, ended_by{kind, text} or null}. Times are RFC 3339 in UTC.
std::string incident_summary_json(const Incident& incident, WallTime now);
// {id, incident, target, plan, step (from 1), action, failure, fail_back, state, decided, started, ended,
// seconds, by, result, output}; what is not known is null.
boost::json::object attempt_json(const RecoveryAttempt& attempt);
// The same, and {timeline[{time, what, text}], attempts[], evidence (as probe_json()) or null, advice[],
// earlier[{id, onset, duration_seconds}] or null, root_cause, went_well: null, action_items[]}.
std::string incident_json(const IncidentReport& report);
std::string incident_markdown(const IncidentReport& report);
std::string incident_html(const IncidentReport& report);  // a fragment
// A page that stands alone, for a file.
std::string incident_html_page(const IncidentReport& report);

}  // namespace lookout
