// Reports of incidents: what the store adds to them, and their files in the storage folder, reports/ID.md,
// .json and .html. Journal's thread; throws StoreError.
#pragma once

#include <string>
#include <vector>

#include "exporter/journal/store.h"

namespace lookout {

// Incidents of the same target with the same failure that were detected before it, newest first.
std::vector<Incident> earlier_alike(Store& store, const Incident& incident);

// Each file is there whole, or as it was before.
void write_report_files(const std::string& folder, Store& store, const Incident& incident, WallTime now);

// All of them.
bool has_report_files(const std::string& folder, const std::string& id);

// Those of incidents that ended before; files of other names stay.
void remove_report_files(const std::string& folder, WallTime before);

}  // namespace lookout
