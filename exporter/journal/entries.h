// What the journal keeps, as values that cross between the main loop and the journal's thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/incident/incident.h"
#include "exporter/report/uptime.h"

namespace lookout {

// What a restart must know of a target.
struct SavedTarget {
  TargetState state;
  bool paused = false;
  bool operator==(const SavedTarget&) const = default;
};

// A time about which nothing can be said: Lookout did not run, or distrusted itself.
struct Gap {
  WallTime started, ended;
  std::string reason;  // "stopped", "isolated"
  bool operator==(const Gap&) const = default;
};

// Probes of one target that ended alike, one after another: what `lookout backtest` replays.
struct VerdictRun {
  WallTime started, ended;  // start of its first probe and of its last
  Verdict verdict = Verdict::inconclusive;
  std::string failure;  // "connect/refused"; empty of an up
  std::uint64_t probes = 0;
  bool operator==(const VerdictRun&) const = default;
};

// One target's probes of one hour, or of one day.
struct Summary {
  std::uint64_t probes = 0, failures = 0;
  Duration latency_sum{}, latency_most{};
  bool operator==(const Summary&) const = default;
};

// By target and by start of the hour.
using Summaries = std::map<std::pair<std::string, WallTime>, Summary>;

// Everything that waits to be written; one transaction. Of a target's state and of an incident only the
// newest version counts, so a batch stays small however long the disk is away.
struct Batch {
  std::map<std::string, SavedTarget> targets;
  std::map<std::string, Incident> incidents;                    // by id
  std::map<std::pair<std::string, WallTime>, VerdictRun> runs;  // by target and start
  Summaries hours;                                              // added to what is there
  std::vector<Gap> gaps;
  std::optional<WallTime> alive;                 // up to here this instance has watched
  std::map<std::string, std::int64_t> instance;  // what else this instance must know after a restart

  bool empty() const;
  std::size_t size() const;
  // Puts what an earlier batch could not write before what this one has.
  void follow(Batch earlier);
  // Gives up what matters least until at most so many entries are left: runs, then summaries, then the oldest
  // incidents that are closed; how many.
  std::size_t trim(std::size_t most);
};

// How long attempts to bring targets back count: longer than any limit looks back.
inline constexpr Duration kAttemptMemory = std::chrono::hours(8 * 24);

// What a start finds.
struct Restored {
  std::map<std::string, SavedTarget> targets;
  std::vector<Incident> open;
  std::vector<Incident> acted;  // over, and something was done about them within kAttemptMemory
  std::map<std::string, std::int64_t> instance;
  std::optional<WallTime> alive;  // none: a new journal
};

// What uptime is computed of.
struct TargetPast {
  std::optional<WallTime> first_seen;  // none: never probed
  std::vector<WallTime> probed_days;   // begins of days of UTC, sorted
  std::vector<Span> outages;           // incidents that are over, sorted by their detection
};
struct Past {
  std::map<std::string, TargetPast, std::less<>> targets;
  std::vector<Span> gaps;
};

struct IncidentFilter {
  std::string target = {};             // empty: all
  std::optional<WallTime> since = {};  // that ended after this, or are open
  bool open_only = false;
  std::string before = {};  // an id: those that were detected before it, for the next page
  std::size_t limit = 100;
};

}  // namespace lookout
