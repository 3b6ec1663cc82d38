#include "probes/net/http_connect.h"

#include <chrono>

#include <fmt/format.h>

#include "probes/net/dial.h"
#include "probes/net/http_authorization.h"
#include "probes/net/http_transfers.h"
#include "probes/net/services.h"
#include "probes/net/socks5.h"

namespace lookout {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

Task<Outcome> shake_hands(ProbeRun& run, Stream& stream, const TlsConfig& config,
                          std::vector<std::string> alpn, std::string name,
                          std::optional<TlsFacts> facts_if_refused) {
  const Attempt<std::shared_ptr<ssl_ctx_st>> context = run.services.tls().get(run, config, alpn);
  if (!context) co_return context.error();
  co_return co_await stream.start_tls(run, *context, std::move(name), facts_if_refused);
}

Task<Attempt<Stream>> reach_proxy(ProbeRun& run, const HttpClientNetwork& network, HttpUrl proxy,
                                  IpAddress address) {
  Attempt<Stream> stream = co_await dial(run, asio::ip::tcp::endpoint(address, proxy.port), network.options);
  if (!stream) co_return of_proxy(stream.error());
  if (proxy.scheme != "https") co_return stream;
  const Outcome failure = co_await shake_hands(run, *stream, network.tls, {}, proxy.host, std::nullopt);
  if (failure) co_return of_proxy(*failure);
  run.enter(Stage::connect);
  co_return stream;
}

// What of the route is to be asked of the proxy before the request. socks5h is told names, as its users
// expect.
Task<Outcome> pass_proxy(ProbeRun& run, Stream& stream, const HttpClientNetwork& network,
                         const HttpRoute& route) {
  const HttpUrl& proxy = *route.proxy;
  const bool by_name = !route.address || proxy.scheme == "socks5h";
  const std::string host = by_name ? route.url.host : route.address->to_string();
  if (is_socks(proxy)) co_return co_await ask_socks5(run, stream, {host, route.url.port, proxy.userinfo});
  if (!route.url.is_https()) co_return std::nullopt;
  co_return co_await open_tunnel(run, stream, network.proxy, proxy,
                                 fmt::format("{}:{}", bracketed(host), route.url.port));
}

}  // namespace

Task<Attempt<HttpConnection>> connect_http(ProbeRun& run, const HttpClientNetwork& network, HttpRoute route) {
  Attempt<IpAddress> proxy_address = route.address.value_or(IpAddress());
  if (route.proxy) {
    proxy_address = co_await resolve_aside(run, route.proxy->host, network.options, nullptr);
    if (!proxy_address) co_return of_proxy(proxy_address.error());
  }
  const SteadyTime started = now();
  Attempt<Stream> stream = co_await (
      route.proxy ? reach_proxy(run, network, *route.proxy, *proxy_address)
                  : dial(run, asio::ip::tcp::endpoint(*route.address, route.url.port), network.options));
  if (!stream) co_return stream.error();
  const SteadyTime reached = now();
  if (route.proxy) {
    if (const Outcome failure = co_await pass_proxy(run, *stream, network, route))
      co_return of_proxy(*failure);
  }
  const SteadyTime handshake = now();
  if (route.url.is_https()) {
    const Outcome failure = co_await shake_hands(run, *stream, network.tls, network.alpn, route.tls_name,
                                                 network.facts_if_refused);
    if (failure) co_return *failure;
  }
  co_return HttpConnection{std::move(*stream), reached - started,
                           route.url.is_https() ? now() - handshake : Duration{}};
}

Task<Attempt<IpAddress>> resolve_aside(ProbeRun& run, std::string host, const NetworkOptions& options,
                                       const AddressPolicy* allowed) {
  run.enter(Stage::resolve);
  ProbeRun aside(run.services, run.start, run.deadline);
  aside.allowed = allowed;
  co_return co_await resolve(aside, std::move(host), options);
}

void address_to_proxy(HttpRequest& request, const HttpRoute& route) {
  if (!route.proxy || route.url.is_https() || is_socks(*route.proxy)) return;
  request.target = fmt::format("http://{}{}", request.host, request.target);
  if (const auto credentials = userinfo_authorization(*route.proxy))
    request.headers.push_back({"Proxy-Authorization", *credentials});
}

}  // namespace lookout
