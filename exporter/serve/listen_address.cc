#include "exporter/serve/listen_address.h"

#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>
#include <sstream>

#include <boost/asio/ip/tcp.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/vm_sockets.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace lookout {
namespace {

using Endpoint = asio::generic::stream_protocol::endpoint;
using TcpEndpoint = asio::ip::tcp::endpoint;
using asio::generic::stream_protocol;

// Accepted sockets inherit it. Left to itself the kernel grows it to megabytes, which a thousand clients that
// take nothing would pin, and would say that a slow client takes something only when a third of that is free.
constexpr int kSendBuffer = 128 * 1024;

[[noreturn]] void refuse(std::string_view address, std::string_view reason) {
  throw std::runtime_error(fmt::format("cannot listen on {}: {}", address, reason));
}

// The first error wins; nullopt when it listens.
boost::system::error_code open(Acceptor& acceptor, const TcpEndpoint& endpoint) {
  boost::system::error_code error;
  const bool any_ip6 = endpoint.address().is_v6() && endpoint.address().is_unspecified();
  if (acceptor.open(stream_protocol(endpoint.protocol()), error); error) return error;
  if (acceptor.set_option(Acceptor::reuse_address(true), error); error) return error;
  if (endpoint.address().is_v6()) {
    if (acceptor.set_option(asio::ip::v6_only(!any_ip6), error); error) return error;
  }
  if (acceptor.set_option(Acceptor::send_buffer_size(kSendBuffer), error); error) return error;
  if (acceptor.bind(Endpoint(endpoint), error); error) return error;
  acceptor.listen(Acceptor::max_listen_connections, error);
  return error;
}

std::vector<TcpEndpoint> endpoints(const Executor& executor, std::string_view address) {
  const HostAndService parts = split_listen_address(address);
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver(executor);
  boost::system::error_code error;
  const auto found = resolver.resolve(parts.host.empty() ? "::" : parts.host, parts.service,
                                      asio::ip::resolver_base::passive, error);
  if (error) refuse(address, error.message());
  std::vector<TcpEndpoint> all;
  for (const auto& entry : found) all.push_back(entry.endpoint());
  // Without IPv6 in the kernel, every address means every IPv4 address.
  if (parts.host.empty() && !all.empty()) all.emplace_back(asio::ip::address_v4::any(), all.front().port());
  return all;
}

constexpr std::string_view kVsock = "vsock://";

// The host of a virtual machine reaches it so without any network.
Acceptor listen_on_vsock(const Executor& executor, std::string_view address) {
  std::string_view port = address.substr(kVsock.size());
  sockaddr_vm where{};
  where.svm_family = AF_VSOCK;
  where.svm_cid = VMADDR_CID_ANY;
  if (!port.starts_with(':')) refuse(address, "write vsock://:PORT");
  port.remove_prefix(1);
  const auto [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), where.svm_port);
  if (wrong != std::errc() || end != port.data() + port.size()) refuse(address, "write vsock://:PORT");
  Acceptor acceptor(executor);
  boost::system::error_code error;
  acceptor.open(stream_protocol(AF_VSOCK, 0), error);
  if (!error) acceptor.bind(Endpoint(&where, sizeof where), error);
  if (!error) acceptor.listen(Acceptor::max_listen_connections, error);
  if (error) refuse(address, error.message());
  return acceptor;
}

std::optional<int> number(const char* text) {
  if (text == nullptr) return std::nullopt;
  int value = 0;
  const char* end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, value);
  return read.ec == std::errc() && read.ptr == end ? std::optional(value) : std::nullopt;
}

constexpr int kFirstInherited = 3;

int socket_option(int descriptor, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

std::string unix_text(const Endpoint& endpoint) {
  constexpr std::size_t kHead = offsetof(sockaddr_un, sun_path);
  const auto* address = reinterpret_cast<const sockaddr_un*>(endpoint.data());
  if (endpoint.size() <= kHead) return "unix:";
  const std::string path(address->sun_path, endpoint.size() - kHead);
  if (path[0] == '\0') return "unix:@" + path.substr(1);
  return "unix:" + path.substr(0, path.find('\0'));
}

// nullopt: of another family.
std::optional<TcpEndpoint> tcp_endpoint(const Endpoint& endpoint) {
  const int family = endpoint.protocol().family();
  if (family != AF_INET && family != AF_INET6) return std::nullopt;
  TcpEndpoint result;
  if (endpoint.size() > result.capacity()) return std::nullopt;
  std::memcpy(result.data(), endpoint.data(), endpoint.size());
  result.resize(endpoint.size());
  return result;
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
  if (address.starts_with(kVsock)) return listen_on_vsock(executor, address);
  boost::system::error_code first;
  for (const TcpEndpoint& endpoint : endpoints(executor, address)) {
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

int inherited_count(const char* listen_pid, const char* listen_fds, int own_pid) {
  if (number(listen_pid) != own_pid) return 0;
  return std::max(number(listen_fds).value_or(0), 0);
}

std::vector<Acceptor> inherited_listeners(const Executor& executor) {
  const int count = inherited_count(std::getenv("LISTEN_PID"), std::getenv("LISTEN_FDS"), ::getpid());
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  if (count == 0)
    throw std::runtime_error("--web.systemd-socket: systemd passed no socket; start through lookout.socket");
  std::vector<Acceptor> listeners;
  for (int descriptor = kFirstInherited; descriptor < kFirstInherited + count; ++descriptor) {
    if (socket_option(descriptor, SO_ACCEPTCONN) != 1 || socket_option(descriptor, SO_TYPE) != SOCK_STREAM) {
      throw std::runtime_error(fmt::format(
          "--web.systemd-socket: descriptor {} is no socket that listens for streams; write ListenStream=",
          descriptor));
    }
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    Acceptor& listener = listeners.emplace_back(executor);
    listener.assign(stream_protocol(socket_option(descriptor, SO_DOMAIN), 0), descriptor);
  }
  return listeners;
}

std::string address_text(const Acceptor& acceptor) {
  boost::system::error_code ignored;
  const Endpoint endpoint = acceptor.local_endpoint(ignored);
  if (const auto tcp = tcp_endpoint(endpoint)) {
    std::ostringstream text;
    text << *tcp;
    return text.str();
  }
  if (endpoint.protocol().family() == AF_UNIX) return unix_text(endpoint);
  if (endpoint.protocol().family() == AF_VSOCK)
    return fmt::format("vsock://:{}", reinterpret_cast<const sockaddr_vm*>(endpoint.data())->svm_port);
  return "?";
}

std::uint16_t port_of(const Acceptor& acceptor) {
  boost::system::error_code ignored;
  const auto tcp = tcp_endpoint(acceptor.local_endpoint(ignored));
  return tcp ? tcp->port() : 0;
}

}  // namespace lookout
