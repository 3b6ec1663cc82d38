#include "exporter/actions/server_url.h"

#include "probes/core/text.h"
#include "probes/net/http_url.h"

namespace lookout {

bool read_config(const YamlNode& node, ServerUrl& value, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  const std::optional<HttpUrl> url = parse_url(text);
  if (!text.empty() && (!url || url->host.empty() || url->port == 0)) {
    problems.add(node.mark(), "is no http or https URL; write https://HOST[:PORT]/PATH");
    return false;
  }
  value.value = std::move(text);
  return true;
}

std::string print_config(const ServerUrl& value) { return mask_url_password(value.value); }

}  // namespace lookout
