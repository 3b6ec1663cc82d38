// blackbox_exporter's `unix:` block.
#pragma once

#include <vector>

#include "probes/dialogue/query_response.h"
#include "probes/net/tls.h"

namespace lookout {

struct UnixConfig {
  std::vector<QueryResponse> query_response;
  bool tls = false;
  TlsConfig tls_config;
  bool operator==(const UnixConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, UnixConfig& config) {
  v.field("query_response", config.query_response, "The dialogue, in order");
  v.field("tls", config.tls, "TLS from the first byte");
  v.field("tls_config", config.tls_config,
          "Settings of TLS; server_name is needed unless insecure_skip_verify");
}

}  // namespace lookout
