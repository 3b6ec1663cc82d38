// Which proxy a request takes, and the tunnel through it. Plain requests go through HTTP proxies in absolute
// form, TLS goes through a CONNECT of our own, so that the handshake with the target is ours as without a
// proxy.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "probes/core/task.h"
#include "probes/net/address.h"
#include "probes/net/http_client_config.h"
#include "probes/net/http_url.h"
#include "probes/net/stream.h"

namespace lookout {

// Looks up a variable of the environment; nullptr: not set.
using Environment = std::function<const char*(const char* name)>;

// The proxy for `url`, or none. `address` is what the host resolved to, if it was resolved: no_proxy may name
// either. As in Go, a loopback target never takes a proxy of the environment, nor one that comes with a
// no_proxy list. A proxy of the environment that is no URL is the operator's fault: internal.
Attempt<std::optional<HttpUrl>> choose_proxy(const ProbeRun& run, const ProxyConfig& config,
                                             const HttpUrl& url, const std::optional<IpAddress>& address,
                                             const Environment& environment);
const char* process_environment(const char* name);

// no_proxy by Go's rules: *, an address, a network, a name (with the names below it), .name (only those),
// each with an optional port.
bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::uint16_t port);

// A proxy's URL; without a scheme http:// is meant, and other schemes than https, socks5 and socks5h are
// taken for it, as in Go.
std::optional<HttpUrl> parse_proxy(std::string_view text);
bool is_socks(const HttpUrl& proxy);

// Asks the proxy for a tunnel to `authority` and reads its answer, nothing beyond it. In Stage::connect; a
// proxy that says no: refused; that breaks off: closed; that talks nonsense: protocol; that talks without
// end: limit.
Task<Outcome> open_tunnel(ProbeRun& run, Stream& stream, const ProxyConfig& config, const HttpUrl& proxy,
                          std::string authority);

// The failure, told as one on the way to or through the proxy.
Failure of_proxy(Failure failure);

inline constexpr std::size_t kMaximumTunnelHead = 16 * 1024;

}  // namespace lookout
