#include "exporter/target_form.h"

#include <algorithm>

#include <arpa/inet.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

bool is_ipv6(std::string_view text) {
  const std::string address(text.substr(0, text.find('%')));
  in6_addr parsed{};
  return ::inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char digit) { return digit >= '0' && digit <= '9'; });
}

}  // namespace

std::string_view module_for(std::string_view target) {
  constexpr std::string_view kHttp = "http_2xx", kTcp = "tcp_connect", kIcmp = "icmp";
  if (target.starts_with('/') || target.starts_with('@')) return "unix_connect";
  if (target.starts_with("ws://") || target.starts_with("wss://")) return "websocket";
  if (target.find_first_of("/?#@ ") != std::string_view::npos) return kHttp;
  if (is_ipv6(target)) return kIcmp;
  if (target.starts_with('[')) {
    const std::size_t end = target.find(']');
    if (end == std::string_view::npos || !is_ipv6(target.substr(1, end - 1))) return kHttp;
    const std::string_view rest = target.substr(end + 1);
    if (rest.empty()) return kIcmp;
    return rest[0] == ':' && is_port(rest.substr(1)) ? kTcp : kHttp;
  }
  const std::size_t colon = target.rfind(':');
  if (colon == std::string_view::npos) return kIcmp;
  return is_port(target.substr(colon + 1)) && target.find(':') == colon ? kTcp : kHttp;
}

}  // namespace lookout
