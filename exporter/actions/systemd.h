// Restarts or starts a unit over D-Bus: org.freedesktop.systemd1(5), RestartUnit and StartUnit. Done when
// systemd's job is done, which for a notifying service is when it says that it is ready.
#pragma once

#include "exporter/actions/action.h"

namespace lookout {

Task<ActionResult> run_systemd(const SystemdAction& action, ActionRun& run);

}  // namespace lookout
