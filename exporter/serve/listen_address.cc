#include "exporter/serve/listen_address.h"

#include <fmt/format.h>

namespace lookout {
namespace {

using Endpoint = asio::ip::tcp::endpoint;

// Accepted sockets inherit it. Left to itself the kernel grows it to megabytes, which a thousand clients that
// take nothing would pin, and would say that a slow client takes something only when a third of that is free.
constexpr int kSendBuffer = 128 * 1024;

[[noreturn]] void refuse(std::string_view address, std::string_view reason) {
  throw std::runtime_error(fmt::format("cannot listen on {}: {}", address, reason));
}

// The first error wins; nullopt when it listens.
boost::system::error_code open(Acceptor& acceptor, const Endpoint& endpoint) {
  boost::system::error_code error;
  const bool any_ip6 = endpoint.address().is_v6() && endpoint.address().is_unspecified();
  if (acceptor.open(endpoint.protocol(), error); error) return error;
  if (acceptor.set_option(Acceptor::reuse_address(true), error); error) return error;
  if (endpoint.address().is_v6()) {
    if (acceptor.set_option(asio::ip::v6_only(!any_ip6), error); error) return error;
  }
  if (acceptor.set_option(Acceptor::send_buffer_size(kSendBuffer), error); error) return error;
  if (acceptor.bind(endpoint, error); error) return error;
  acceptor.listen(Acceptor::max_listen_connections, error);
  return error;
}

std::vector<Endpoint> endpoints(const Executor& executor, std::string_view address) {
  const HostAndService parts = split_listen_address(address);
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver(executor);
  boost::system::error_code error;
  const auto found = resolver.resolve(parts.host.empty() ? "::" : parts.host, parts.service,
                                      asio::ip::resolver_base::passive, error);
  if (error) refuse(address, error.message());
  std::vector<Endpoint> all;
  for (const auto& entry : found) all.push_back(entry.endpoint());
  // Without IPv6 in the kernel, every address means every IPv4 address.
  if (parts.host.empty() && !all.empty()) all.emplace_back(asio::ip::address_v4::any(), all.front().port());
  return all;
}

}  // namespace

HostAndService split_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) refuse(text, "a port is missing; write HOST:PORT or :PORT");
  std::string_view host = text.substr(0, colon);
  const std::string_view service = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    refuse(text, "an IPv6 address stands in brackets: [::1]:9115");
  }
  if (service.empty()) refuse(text, "a port is missing; write HOST:PORT or :PORT");
  if (service.find_first_not_of("0123456789") == std::string_view::npos &&
      (service.size() > 5 || std::stoi(std::string(service)) > 65535)) {
    refuse(text, "a port is at most 65535");
  }
  return {std::string(host), std::string(service)};
}

Acceptor listen_on(const Executor& executor, std::string_view address) {
  boost::system::error_code first;
  for (const Endpoint& endpoint : endpoints(executor, address)) {
    Acceptor acceptor(executor);
    const boost::system::error_code error = open(acceptor, endpoint);
    if (!error) return acceptor;
    if (!first) first = error;
    // Another family is tried only where this one does not exist.
    if (error != asio::error::address_family_not_supported && error != asio::error::no_protocol_option &&
        error.value() != EADDRNOTAVAIL) {
      break;
    }
  }
  refuse(address, first ? first.message() : "the name has no address");
}

}  // namespace lookout
