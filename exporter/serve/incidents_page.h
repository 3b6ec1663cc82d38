// The list of incidents, newest first, and the table of them that a target's page has too. Main loop.
#pragma once

#include <string>
#include <string_view>

#include "exporter/serve/incident_api.h"

namespace lookout {

inline constexpr std::size_t kIncidentsOnAPage = 50;

// ?target= a name, ?open=1, ?before= an incident's id: older ones
Task<Response> incidents_page(Backend& backend, const Request& request);

struct IncidentTable {
  std::string_view root;  // as in PageFrame
  bool of_one_target = false;
  std::string older;  // beginning of the link to the next page, up to and with "before="; escaped
};
void append_incidents(const FoundIncidents& found, const IncidentTable& table, WallTime now,
                      std::string& out);

}  // namespace lookout
