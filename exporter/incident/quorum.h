// Many views of one target become one verdict: how many checkpoints must fail before the target counts as
// down, pure. What each checkpoint found stays with it; judgement needs only the verdict, the times and the
// failure.
#pragma once

#include <memory>
#include <span>

#include "probes/core/probe.h"

namespace lookout {

// One vote for each expected checkpoint; one that is silent is inconclusive. down: at least `needed` say so.
// up: so many say so that `needed` cannot be reached, whatever the undecided ones would say. With every
// checkpoint decided it is one of the two. `needed` counts as 1 if it is less, as all if it is more.
Verdict quorum(std::span<const Verdict> votes, int needed);

// What judgement takes the results of one round for; nullptr: that checkpoint is silent. It started with the
// first of them. It took until the last one ended; an `up` as long as the slowest of those that are up, so
// that a fast view does not hide a slow one and a failing one makes nothing slow. The failure is the most
// frequent stage and cause among those that are down, the first in order on ties. No facts, stages, trace or
// certificates. With none at all it started at the epoch.
ProbeResult combine(std::span<const std::shared_ptr<const ProbeResult>> results, int needed);

}  // namespace lookout
