// Incidents over HTTP: the list, one of them, its report in each form, its page. What is open is known here,
// what is past the journal is asked for. Main loop; the request must live until the answer is there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exporter/serve/backend.h"
#include "exporter/serve/http_message.h"

namespace lookout {

// {"incidents": [...], "next": path of the next page or null}, newest first, without evidence and timeline.
// While the journal cannot be read: 503 with those that are open and {"error": why}.
Task<Response> incidents_json(Backend& backend, const Request& request, std::string_view route_prefix);

// The rest of the path after /api/v1/incidents/: "ID", "ID/report.md", "ID/report.json", "ID/report.html".
Task<Response> incident_answer(Backend& backend, std::string rest);

// The page /incidents/ID; with a button for each decision that waits for whoever has shown who they are.
Task<Response> incident_page(Backend& backend, const Request& request, std::string id);

// Newest first, each as it is known now. What is open is found without the journal.
struct FoundIncidents {
  std::vector<Incident> incidents;  // at most limit + 1 of the filter
  std::string fault;                // why only those that are open are there; empty: all are
};
Task<FoundIncidents> find_incidents(Backend& backend, IncidentFilter filter,
                                    Duration patience = Journal::kAnswerTime);

}  // namespace lookout
