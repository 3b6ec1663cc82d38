// blackbox_exporter's `tcp:` block.
#pragma once

#include <string>
#include <vector>

#include "probes/dialogue/query_response.h"
#include "probes/net/http_client_config.h"
#include "probes/net/network_options.h"
#include "probes/net/tls.h"

namespace lookout {

struct TcpConfig {
  NetworkOptions network;
  ProxyUrl proxy_url;
  std::vector<QueryResponse> query_response;
  bool tls = false;
  TlsConfig tls_config;
  bool operator==(const TcpConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, TcpConfig& config) {
  describe_inline(v, config.network);
  v.field("proxy_url", config.proxy_url,
          "socks5://[user:password@]host:port: connect through this proxy, which resolves the target's name");
  v.field("query_response", config.query_response, "The dialogue, in order");
  v.field("tls", config.tls, "TLS from the first byte");
  v.field("tls_config", config.tls_config, "Settings of TLS");
}
void validate(const TcpConfig& config, ConfigReader& reader);

}  // namespace lookout
