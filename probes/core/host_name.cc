#include "probes/core/host_name.h"

#include <array>

#include <unistd.h>

namespace lookout {

std::string host_name() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return host.data();
}

}  // namespace lookout
