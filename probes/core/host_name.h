// The name of this host.
#pragma once

#include <string>

namespace lookout {

// What this host calls itself; in a container, the container.
std::string host_name();

}  // namespace lookout
