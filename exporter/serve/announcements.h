// What stands on top of the first page: whether this instance can be believed, open incidents in plain words,
// maintenance that is open or near. Append to `out`. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exporter/config/config.h"
#include "exporter/incident/incident.h"
#include "exporter/incident/maintenance.h"
#include "exporter/serve/target_list.h"

namespace lookout {

void append_doubts(bool isolated, std::string_view journal_fault, std::string& out);

// The gravest first, then the oldest; beyond the first few a link to all.
void append_open_incidents(const Records& records, WallTime now, std::string& out);

// Failures that are only pretended now.
void append_drills(const std::vector<const Incident*>& drills, WallTime now, std::string& out);

// Windows that are open, or open within the next seven days.
void append_maintenance(const Config& config, WallTime now, std::string& out);

// "Maintenance: new racks. Open until 2026-... UTC, for web, mail" as one item of a list.
void append_window(const MaintenanceWindow& window, const Occurrence& occurrence, WallTime now,
                   std::string& out);

}  // namespace lookout
