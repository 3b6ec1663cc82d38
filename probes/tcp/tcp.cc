#include "probes/tcp/tcp.h"

#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/net/dial.h"
#include "probes/net/http_connect.h"
#include "probes/net/http_proxy.h"
#include "probes/net/socks5.h"

namespace lookout {
namespace {

const std::string& tls_name(const TcpConfig& config, const Target& target, const HostPort& where) {
  if (!config.tls_config.server_name.empty()) return config.tls_config.server_name;
  return target.hostname.empty() ? where.host : target.hostname;
}

// To the target; a proxy is told its name, and only its own is resolved here.
Task<Attempt<Stream>> reach(const TcpConfig& config, const HostPort& where, ProbeRun& run) {
  if (!config.proxy_url.empty()) {
    const std::optional<HttpUrl> proxy = parse_proxy(config.proxy_url.value);
    if (!proxy) co_return run.fail(Cause::internal, "proxy_url is no URL");
    // Where addresses are limited, a proxy's target is judged by what its name is here.
    if (run.allowed != nullptr) {
      const Attempt<IpAddress> judged = co_await resolve_aside(run, where.host, config.network, run.allowed);
      if (!judged) co_return judged.error();
    }
    co_return co_await dial_through_socks5(run, config.network, *proxy, where.host, where.port);
  }
  const Attempt<IpAddress> address = co_await resolve(run, where.host, config.network);
  if (!address) co_return address.error();
  co_return co_await dial(run, asio::ip::tcp::endpoint(*address, where.port), config.network);
}

}  // namespace

Task<Outcome> probe_tcp(const TcpConfig& config, const Target& target, ProbeRun& run) {
  const std::optional<HostPort> where = parse_host_port(target.address);
  if (!where) {
    const std::optional<std::string> host = host_before_port(target.address);
    // States what blackbox_exporter does, which looks at the port only when it connects.
    if (host && config.proxy_url.empty()) static_cast<void>(co_await resolve(run, *host, config.network));
    co_return run.fail(Cause::internal,
                       fmt::format("{} is not of the form host:port", in_quotes(target.address)));
  }
  Attempt<Stream> stream = co_await reach(config, *where, run);
  if (!stream) co_return stream.error();
  const std::string name = tls_name(config, target, *where);
  if (config.tls) {
    if (Outcome failure = co_await secure(run, *stream, config.tls_config, name)) co_return failure;
  }
  co_return co_await converse(run, *stream, config.query_response, StartTls{&config.tls_config, name});
}

}  // namespace lookout
