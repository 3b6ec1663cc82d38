// blackbox_exporter's `tcp:` block.
#pragma once

#include <string>
#include <vector>

#include "probes/dialogue/query_response.h"
#include "probes/net/network_options.h"
#include "probes/net/tls.h"

namespace lookout {

struct TcpConfig {
  NetworkOptions network;
  std::vector<QueryResponse> query_response;
  bool tls = false;
  TlsConfig tls_config;
  bool operator==(const TcpConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, TcpConfig& config) {
  describe_inline(v, config.network);
  v.field("query_response", config.query_response, "The dialogue, in order");
  v.field("tls", config.tls, "TLS from the first byte");
  v.field("tls_config", config.tls_config, "Settings of TLS");
}

}  // namespace lookout
