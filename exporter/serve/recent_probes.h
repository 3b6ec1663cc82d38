// The table of the newest probes on request, on the first page, each with a link to what happened in it.
#pragma once

#include <string>
#include <vector>

#include "exporter/serve/history.h"

namespace lookout {

// Newest first; nothing without any. `records` in the history's order.
void append_recent_probes(const std::vector<ProbeRecordPtr>& records, WallTime now, std::string& out);

}  // namespace lookout
