// The one wrapper around every probe: the only code that knows deadlines. A time-out becomes {stage reached,
// timeout}; an exception, a lack of descriptors, or a loop that stalled past the deadline becomes {stage
// reached, internal}, which is inconclusive. Runs on the loop of the services and ends at the deadline
// whatever the peer does.
//
// A module's retries are further attempts within the same time, each with a fresh run and an equal share of
// what is left, so that one that hangs leaves room for the next. A fault of ours is not tried again.
#pragma once

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/registry.h"

namespace lookout {

// A deadline handler that ran this much late means that the loop stalled: the verdict is then inconclusive.
inline constexpr Duration kStallTolerance = std::chrono::milliseconds(500);

Task<ProbeResult> run_probe(std::shared_ptr<const Module> module, Target target, Duration timeout,
                            ProbeServices& services);

}  // namespace lookout
