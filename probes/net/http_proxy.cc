#include "probes/net/http_proxy.h"

#include <array>
#include <charconv>
#include <cstdlib>

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/net/http_authorization.h"
#include "probes/net/http_head.h"

namespace lookout {
namespace {

bool in_network(const IpAddress& address, std::string_view network) {
  boost::system::error_code error;
  const std::string text(network);
  if (address.is_v4()) {
    const auto wanted = asio::ip::make_network_v4(text, error);
    return !error &&
           asio::ip::network_v4(address.to_v4(), wanted.prefix_length()).network() == wanted.network();
  }
  const auto wanted = asio::ip::make_network_v6(text, error);
  return !error &&
         asio::ip::network_v6(address.to_v6(), wanted.prefix_length()).network() == wanted.network();
}

bool name_matches(std::string_view pattern, std::string_view host) {
  const bool only_below = pattern.starts_with('.') || pattern.starts_with("*.");
  if (pattern.starts_with("*.")) pattern.remove_prefix(1);
  if (!only_below && same_header_name(pattern, host)) return true;
  const std::string ending = only_below ? std::string(pattern) : "." + std::string(pattern);
  return host.size() > ending.size() && same_header_name(host.substr(host.size() - ending.size()), ending);
}

bool item_matches(std::string_view item, std::string_view host, std::uint16_t port) {
  if (item.empty()) return false;
  if (item == "*") return true;
  const std::optional<IpAddress> address = parse_ip(host);
  if (item.find('/') != std::string_view::npos) return address && in_network(*address, item);
  std::string name(item);
  if (const std::optional<IpAddress> whole = parse_ip(item)) return address && *whole == *address;
  const std::size_t colon = item.rfind(':');
  if (colon != std::string_view::npos) {
    if (item.substr(colon + 1) != std::to_string(port)) return false;
    name = host_without_port(item);
  }
  if (const std::optional<IpAddress> literal = parse_ip(name)) return address && *literal == *address;
  return !address && name_matches(name, host);
}

const char* first_set(const Environment& environment, const char* upper, const char* lower) {
  for (const char* name : {upper, lower}) {
    const char* value = environment(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "";
}

bool listed(std::string_view no_proxy, const HttpUrl& url, const std::optional<IpAddress>& address) {
  if (is_loopback(url.host) || bypasses_proxy(no_proxy, url.host, url.port)) return true;
  return address && bypasses_proxy(no_proxy, address->to_string(), url.port);
}

// Reads until the empty line is there.
Task<Attempt<std::string>> read_head(ProbeRun& run, Stream& stream) {
  std::string head;
  std::array<char, 1024> buffer;
  while (head.find("\r\n\r\n") == std::string::npos) {
    if (head.size() > kMaximumTunnelHead)
      co_return run.fail(Cause::limit, "its answer to CONNECT has no end");
    const Attempt<std::size_t> got = co_await stream.read_some(run, std::span<char>(buffer));
    if (!got) co_return got.error();
    if (*got == 0) co_return run.fail(Cause::closed, "it closed the connection instead of answering CONNECT");
    head.append(buffer.data(), *got);
  }
  co_return head;
}

Outcome judge_tunnel(const ProbeRun& run, std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  int status = 0;
  if (line.starts_with("HTTP/1.") && line.size() >= 12)
    std::from_chars(line.data() + 9, line.data() + 12, status);
  if (status == 0) return run.fail(Cause::protocol, "its answer to CONNECT is no HTTP");
  if (status >= 200 && status < 300) return std::nullopt;
  return run.fail(Cause::refused, fmt::format("it answered CONNECT with status {}", status));
}

}  // namespace

bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::uint16_t port) {
  while (!no_proxy.empty()) {
    const std::size_t comma = std::min(no_proxy.find(','), no_proxy.size());
    if (item_matches(trimmed(no_proxy.substr(0, comma)), host, port)) return true;
    no_proxy.remove_prefix(std::min(comma + 1, no_proxy.size()));
  }
  return false;
}

std::optional<HttpUrl> parse_proxy(std::string_view text) {
  const bool has_scheme = text.find("://") != std::string_view::npos;
  std::optional<HttpUrl> proxy = parse_url(has_scheme ? std::string(text) : "http://" + std::string(text));
  if (proxy && proxy->port == 0) proxy->port = is_socks(*proxy) ? 1080 : 80;
  return proxy;
}

bool is_socks(const HttpUrl& proxy) { return proxy.scheme == "socks5" || proxy.scheme == "socks5h"; }

const char* process_environment(const char* name) { return std::getenv(name); }

Attempt<std::optional<HttpUrl>> choose_proxy(const ProbeRun& run, const ProxyConfig& config,
                                             const HttpUrl& url, const std::optional<IpAddress>& address,
                                             const Environment& environment) {
  const std::optional<HttpUrl> direct;
  std::string text = config.proxy_url.value;
  if (!text.empty()) {
    if (!config.no_proxy.empty() && listed(config.no_proxy, url, address)) return direct;
  } else if (config.proxy_from_environment) {
    text = url.is_https() ? first_set(environment, "HTTPS_PROXY", "https_proxy")
                          : first_set(environment, "HTTP_PROXY", "http_proxy");
    if (text.empty() || listed(first_set(environment, "NO_PROXY", "no_proxy"), url, address)) return direct;
  }
  if (text.empty()) return direct;
  std::optional<HttpUrl> proxy = parse_proxy(text);
  if (proxy) return proxy;
  return run.fail(Cause::internal, "the proxy's URL is none");
}

Task<Outcome> open_tunnel(ProbeRun& run, Stream& stream, const ProxyConfig& config, const HttpUrl& proxy,
                          std::string authority) {
  std::string request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", authority);
  if (const auto authorization = userinfo_authorization(proxy))
    request += fmt::format("Proxy-Authorization: {}\r\n", *authorization);
  for (const auto& [name, values] : config.proxy_connect_header) {
    for (const Secret& value : values) request += fmt::format("{}: {}\r\n", name, value.value);
  }
  request += "\r\n";
  if (Outcome failure = co_await stream.write_all(run, request)) co_return failure;
  const Attempt<std::string> head = co_await read_head(run, stream);
  if (!head) co_return head.error();
  if (Outcome failure = judge_tunnel(run, *head)) co_return failure;
  // A TLS server waits for the client to speak first, so nothing of the target's can have followed already.
  if (!head->ends_with("\r\n\r\n"))
    co_return run.fail(Cause::protocol, "it sent more than an answer to CONNECT");
  co_return std::nullopt;
}

Failure of_proxy(Failure failure) {
  failure.detail.insert(0, "proxy: ");
  return failure;
}

}  // namespace lookout
