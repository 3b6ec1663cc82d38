// Runs a program: in a process group of its own, without a shell, with a small environment and no descriptors
// but its output; what it prints on either of its two outputs is kept as far as there is room. Cut off, the
// whole group is killed.
#pragma once

#include "exporter/actions/action.h"

namespace lookout {

Task<ActionResult> run_exec(const ExecAction& action, const ActionCause& cause, ActionRun& run);

}  // namespace lookout
