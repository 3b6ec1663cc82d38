// An incident as it is kept and told: what pages, reports and the API read, and the journal writes. Values;
// times on the wall clock, durations as the steady clock measured them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/incident/recovery_attempt.h"
#include "exporter/incident/step.h"

namespace lookout {

// To whom a recovery is owed, as far as that can be known.
enum class Ending : std::uint8_t {
  none,
  itself,   // before anything was done
  action,   // after the newest action, and before it was seen not to help
  person,   // after every action was seen not to help: somebody else's doing, or its own
  unknown,  // after an action of which nobody knows whether it was done
};
std::string_view name(Ending ending);
std::optional<Ending> parse_ending(std::string_view text);

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
  bool drill = false;    // pretended: it counts nowhere
  std::string held_by;   // its opening had been held by this
  std::string evidence;  // the probe that opened it, as JSON of exporter/report
  std::vector<TimelineEntry> timeline;
  std::vector<RecoveryAttempt> attempts;  // to bring the target back, in order
  Ending ending = Ending::none;           // of one that has recovered
  bool operator==(const Incident&) const = default;
};

// Whether the incident is one that recovery has done something about; when last.
std::optional<WallTime> last_acted(const Incident& incident);
// At recovery: what of its attempts became, and what it is ended by. An attempt helped when it was begun
// before the first of the probes that succeeded.
void conclude_attempts(Incident& incident);
// The same of one that nobody watches any more.
void abandon_attempts(Incident& incident);
// "After restart-service, 3.2 s after it began".
std::string ending_in_words(const Incident& incident);

// "20261125-030421-5f3a": detected at, UTC, and four digits of the target's name and the millisecond. The
// same for the same incident, whoever asks.
std::string incident_id(std::string_view target, WallTime detected);
// Whether it has that form.
bool is_incident_id(std::string_view text);

}  // namespace lookout
