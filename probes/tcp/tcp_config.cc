#include "probes/tcp/tcp_config.h"

#include "probes/net/http_proxy.h"

namespace lookout {

void validate(const TcpConfig& config, ConfigReader& reader) {
  const std::optional<HttpUrl> proxy = parse_proxy(config.proxy_url.value);
  if (!config.proxy_url.empty() && proxy && !is_socks(*proxy))
    reader.problem("proxy_url", "a tcp probe goes through SOCKS5 only; write socks5://HOST:PORT");
}

}  // namespace lookout
