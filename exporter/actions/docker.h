// Restarts or starts a container, asking the engine over its local socket. The engine answers when it is
// done.
#pragma once

#include "exporter/actions/action.h"

namespace lookout {

Task<ActionResult> run_docker(const DockerAction& action, ActionRun& run);

}  // namespace lookout
