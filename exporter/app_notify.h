// Tells systemd what the service is doing (sd_notify(3)): one datagram to the socket of the environment;
// nothing without one.
#pragma once

#include <string_view>

namespace lookout {

void notify_service_manager(std::string_view state);

}  // namespace lookout
