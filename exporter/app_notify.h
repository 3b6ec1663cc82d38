// Tells systemd what the service is doing (sd_notify(3)): one datagram to the socket of the environment;
// nothing without one.
#pragma once

#include <optional>
#include <string_view>

#include "probes/core/clock.h"

namespace lookout {

void notify_service_manager(std::string_view state);

// How often WATCHDOG=1 is to be sent: half of what systemd waits for it. nullopt: it does not.
std::optional<Duration> watchdog_period();

}  // namespace lookout
