#include "probes/websocket/websocket_config.h"

#include <boost/json/array.hpp>

#include "probes/core/config_schema.h"

namespace lookout {

bool read_config(const YamlNode& node, WebsocketHeader& header, Problems& problems) {
  if (node.kind() != YamlNode::Kind::scalar) return read_value(node, header.values, problems);
  std::string value;
  if (!read_value(node, value, problems)) return false;
  header.values.values = {std::move(value)};
  return true;
}

PrintedValue printed(const WebsocketHeader& header) { return printed(header.values); }

boost::json::object config_schema(const WebsocketHeader& header) {
  return {{"anyOf", boost::json::array{schema::text(), schema_of(header.values)}}};
}

HttpHeadersConfig header_values(const WebsocketConfig& config) {
  HttpHeadersConfig headers;
  for (const auto& [name, header] : config.headers) headers.emplace(name, header.values);
  return headers;
}

void validate(const WebsocketConfig& config, ConfigReader& reader) {
  validate_http_headers(header_values(config), ReservedHeaders::allowed, "headers", reader);
}

}  // namespace lookout
