// Whether something is done about an incident now, pure and total: the gates of attempt.h, in their order;
// the first that does not let it pass is the answer, with its reason in words.
//
// Some refusals are for good as far as this incident goes (no step is left): then a person is needed. All
// others may be over the next time it is asked.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "exporter/config/recovery_config.h"
#include "exporter/incident/step.h"
#include "exporter/recovery/ledger.h"

namespace lookout {

// What is known at the moment of a decision. Refers to what outlives it.
struct Situation {
  const RecoveryConfig& recovery;
  const RecoveryPlan& plan;
  const Ledger& ledger;
  RecoveryMode mode;  // the lowest of all bounds
  std::string target;
  std::string incident;  // id of the open one; empty: none
  const TargetState& state;
  std::optional<Verdict> newest;           // of its newest probe
  std::optional<WallTime> newest_started;  // of its newest conclusive probe
  Circumstances circumstances;
  int targets = 0;                            // of the whole configuration
  int down = 0;                               // of these: are or were within the brake's window
  int unsure = 0;                             // of these: may have gone down together with this one
  std::string not_leading;                    // why another acts; empty: this one does
  std::string unknown;                        // why the ledger may not be all there is; empty: it is
  std::string asked_by;                       // the alert that asked; empty: none
  const RecoveryAttempt* approved = nullptr;  // an attempt that waited for this decision
  WallTime now;
};

struct Decision {
  std::optional<RecoveryGate> refused;  // none: act
  std::string why;                      // of a refusal, for people
  std::size_t step = 0;                 // of the plan, once the gate plan has been passed
  bool exhausted = false;               // nothing is left to be done in this incident
};

[[nodiscard]] Decision decide(const Situation& situation);

// Whether an earlier attempt may be undone: the gates but those that are about an open incident.
// `well_since`: the target that must be up is so since then; none: it is not up.
[[nodiscard]] Decision decide_fail_back(const Situation& situation, const FailBack& fail_back,
                                        std::optional<WallTime> well_since);

// Least time between the last action on a target and the next.
Duration cooldown_after(const RecoveryPlan& plan, int unhelped_in_row);

}  // namespace lookout
