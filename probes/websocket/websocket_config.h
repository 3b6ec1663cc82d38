// blackbox_exporter's `websocket:` block.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "probes/dialogue/query_response.h"
#include "probes/net/http_client_config.h"
#include "probes/net/network_options.h"

namespace lookout {

// A header's values, as in http_headers; one value may also be written by itself.
struct WebsocketHeader {
  HeaderValues values;
  bool operator==(const WebsocketHeader&) const = default;
};
bool read_config(const YamlNode& node, WebsocketHeader& header, Problems& problems);
PrintedValue printed(const WebsocketHeader& header);
boost::json::object config_schema(const WebsocketHeader& header);

struct WebsocketConfig {
  NetworkOptions network;
  HttpClientConfig http_config;
  std::map<std::string, WebsocketHeader> headers;
  std::vector<QueryResponse> query_response;
  bool operator==(const WebsocketConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, WebsocketConfig& config) {
  describe_inline(v, config.network);
  v.field("http_config", config.http_config, "basic_auth, authorization and tls_config of the upgrade");
  v.field("headers", config.headers, "Further headers of the upgrade: a value, or values, secrets and files");
  v.field("query_response", config.query_response, "The dialogue, in order, a message at a time");
}
void validate(const WebsocketConfig& config, ConfigReader& reader);

HttpHeadersConfig header_values(const WebsocketConfig& config);

}  // namespace lookout
