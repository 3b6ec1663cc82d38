// An incident as it is kept and told: what pages, reports and the API read, and the journal writes. Values;
// times on the wall clock, durations as the steady clock measured them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/incident/step.h"

namespace lookout {

struct TimelineEntry {
  WallTime at;
  std::string what;  // a Change's name, or that of what else happens to an incident: "restarted", ...
  std::string text;  // for people
  bool operator==(const TimelineEntry&) const = default;
};

struct Incident {
  std::string id;
  std::string target, address, module, severity;  // as they were when it opened; no password in the address
  std::map<std::string, std::string> labels;
  std::string runbook_url;
  WallTime onset, detected;
  Duration detection{};               // from onset to detected
  std::optional<WallTime> recovered;  // none: open
  Duration duration{};                // from onset to recovered; of an open one until it was last written
  Failure failure;                    // that opened it
  bool flapped = false;
  std::string held_by;   // its opening had been held by this
  std::string evidence;  // the probe that opened it, as JSON of exporter/report
  std::vector<TimelineEntry> timeline;
  bool operator==(const Incident&) const = default;
};

// "20261125-030421-5f3a": detected at, UTC, and four digits of the target's name and the millisecond. The
// same for the same incident, whoever asks.
std::string incident_id(std::string_view target, WallTime detected);
// Whether it has that form.
bool is_incident_id(std::string_view text);

}  // namespace lookout
