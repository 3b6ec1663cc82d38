// Whether it is us who are cut off, rather than everything else that is down: judged by the reference
// targets, which had better be reachable whenever we are. Pure.
#pragma once

#include <optional>
#include <span>

#include "probes/core/probe.h"

namespace lookout {

// The newest conclusive verdict on each reference target; nullopt, or inconclusive: none yet. Isolated when
// more than half of all of them are down; never without any.
bool isolated_by(std::span<const std::optional<Verdict>> references);

}  // namespace lookout
