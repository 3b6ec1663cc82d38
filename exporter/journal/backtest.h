// What other thresholds would have made of a target's recorded probes: runs of verdicts, replayed through the
// judgement itself. What held an incident at the time (maintenance, dependencies) is not recorded with them,
// and holds none here. Pure.
#pragma once

#include <optional>
#include <vector>

#include "exporter/journal/entries.h"

namespace lookout {

struct BacktestTerms {
  Policy policy;
  Duration interval{};                 // between two probes
  std::optional<Duration> brief = {};  // incidents that are shorter were false alarms
};

struct BacktestOutcome {
  std::uint64_t probes = 0;
  std::size_t incidents = 0;
  // Ended by themselves within one interval of their detection, or were brief: nobody needed to know.
  std::size_t false_alarms = 0;
  Duration detection_sum{}, detection_most{};  // from the first failing probe to the one that opened it
  Duration down{};                             // of all incidents; an open one until the last probe
  bool operator==(const BacktestOutcome&) const = default;
};

// `runs`: in order, as Store::runs() has them.
BacktestOutcome backtest(const std::vector<VerdictRun>& runs, const BacktestTerms& terms);

// What the runs say themselves; zero: too few probes to say.
Duration interval_of(const std::vector<VerdictRun>& runs);

}  // namespace lookout
