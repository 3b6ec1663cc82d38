// One echo through the icmp kind, for its tests.
#pragma once

#include "probes/icmp/icmp.h"
#include "tests/net/run_kind.h"

namespace lookout::test {

using std::chrono::milliseconds;

inline IcmpConfig config_for(std::string_view address) {
  IcmpConfig config;
  config.network.preferred_ip_protocol = address.find(':') == std::string_view::npos ? "ip4" : "ip6";
  return config;
}

inline KindResult ping(const std::string& address, IcmpConfig config, Duration timeout = milliseconds(3000)) {
  return run_kind<IcmpConfig>(probe_icmp, std::move(config), address, timeout);
}
inline KindResult ping(const std::string& address, Duration timeout = milliseconds(3000)) {
  return ping(address, config_for(address), timeout);
}

}  // namespace lookout::test
