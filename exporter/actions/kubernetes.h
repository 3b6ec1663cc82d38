// Acts on one object of a cluster: replaces a workload's pods by a rollout, deletes one pod, scales. What the
// kubelet or a rollout does already is left to them: then nothing is done, and the reason told.
#pragma once

#include "exporter/actions/action.h"

namespace lookout {

Task<ActionResult> run_kubernetes(const KubernetesAction& action, ActionRun& run);

}  // namespace lookout
