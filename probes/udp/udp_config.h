// The `udp:` block, which blackbox_exporter lacks: a dialogue in datagrams.
#pragma once

#include <vector>

#include "probes/dialogue/query_response.h"
#include "probes/net/network_options.h"

namespace lookout {

struct UdpConfig {
  NetworkOptions network;
  std::vector<QueryResponse> query_response;
  bool operator==(const UdpConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, UdpConfig& config) {
  describe_inline(v, config.network);
  v.field("query_response", config.query_response,
          "The dialogue, in order: each send is a datagram, each expect or expect_bytes looks at one");
}
void validate(const UdpConfig& config, ConfigReader& reader);

// Of a target that was never heard nothing is known.
bool listens(const UdpConfig& config);

}  // namespace lookout
