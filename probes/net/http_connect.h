// Connections that an HTTP request can be sent over: dialled, through a proxy where there is one, in TLS
// where the URL says so. One connection for each request.
#pragma once

#include "probes/core/task.h"
#include "probes/net/http_client_config.h"
#include "probes/net/http_proxy.h"
#include "probes/net/http_transfers.h"
#include "probes/net/http_url.h"
#include "probes/net/network_options.h"
#include "probes/net/stream.h"

namespace lookout {

// What all connections of a client share; refers to its module.
struct HttpClientNetwork {
  const NetworkOptions& options;
  const TlsConfig& tls;
  const ProxyConfig& proxy;
  std::vector<std::string> alpn;
  // Of the target's certificates, stated when they are refused.
  std::optional<TlsFacts> facts_if_refused{};
};

// Where one request goes.
struct HttpRoute {
  HttpUrl url;
  std::string tls_name;
  std::optional<HttpUrl> proxy;
  // Of the URL's host. Without a proxy there must be one; a proxy is told the name unless there is one.
  std::optional<IpAddress> address;
};

struct HttpConnection {
  Stream stream;
  Duration connect;  // to the target, or until the proxy can be talked to
  Duration tls;      // the target's handshake
};

// Through resolve (of a proxy's name), connect and tls. A proxy's TLS is verified by its own name, with the
// client's tls_config; the same CONNECT, SOCKS5 and handshake failures as everywhere, told as the proxy's.
Task<Attempt<HttpConnection>> connect_http(ProbeRun& run, const HttpClientNetwork& network, HttpRoute route);

// As resolve(), without facts: they are about the probe's target. `allowed` limits what comes of it: nullptr
// for what the operator chose, a proxy or a token's server.
Task<Attempt<IpAddress>> resolve_aside(ProbeRun& run, std::string host, const NetworkOptions& options,
                                       const AddressPolicy* allowed);

// Plain requests through HTTP proxies name the whole URL, and show the proxy its user and password.
void address_to_proxy(HttpRequest& request, const HttpRoute& route);

}  // namespace lookout
