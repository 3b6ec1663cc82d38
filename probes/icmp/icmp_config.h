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
  int count = 1;
  Duration interval = std::chrono::milliseconds(200);
  std::optional<double> max_loss;  // unset: one reply is enough
  bool operator==(const IcmpConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, IcmpConfig& config) {
  describe_inline(v, config.network);
  v.field("payload_size", config.payload_size, "Bytes of payload");
  v.field("dont_fragment", config.dont_fragment, "Set the DF bit (IPv4)");
  v.field("ttl", config.ttl, "Time to live or hop limit, 0 to 255");
  v.field("count", config.count, "Echo requests of one probe, 1 unless set");
  v.field("interval", config.interval, "Time between two of them, 200ms unless set");
  v.field("max_loss", config.max_loss,
          "Largest ratio of lost packets that is well; unset: one reply is enough");
}
void validate(const IcmpConfig& config, ConfigReader& reader);

}  // namespace lookout
