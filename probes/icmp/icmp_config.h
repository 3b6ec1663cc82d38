// blackbox_exporter's `icmp:` block.
#pragma once

#include <string>

#include "probes/net/network_options.h"

namespace lookout {

struct IcmpConfig {
  NetworkOptions network;
  int payload_size = 0;  // bytes; 0: a short text
  bool dont_fragment = false;
  int ttl = 64;  // 0: the system's default
  bool operator==(const IcmpConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, IcmpConfig& config) {
  describe_inline(v, config.network);
  v.field("payload_size", config.payload_size, "Bytes of payload");
  v.field("dont_fragment", config.dont_fragment, "Set the DF bit (IPv4)");
  v.field("ttl", config.ttl, "Time to live or hop limit, 0 to 255");
}
void validate(const IcmpConfig& config, ConfigReader& reader);

}  // namespace lookout
