#include "tests/net/hard_network.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/net/icmp_packet.h"

namespace lookout::test {
namespace {

constexpr std::uint8_t kUnreachable = 3, kProhibited = 13;  // RFC 1812 section 5.2.7.1

int raw_socket(int protocol) {
  const int socket = ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (socket >= 0) return socket;
  std::fprintf(stderr, "raw socket: %s\n", std::strerror(errno));
  std::abort();
}

// Quotes the IP header and the first 8 bytes of what it carries (RFC 792).
std::vector<std::uint8_t> prohibition(const std::uint8_t* packet, std::size_t header_size) {
  std::vector<std::uint8_t> message{kUnreachable, kProhibited, 0, 0, 0, 0, 0, 0};
  message.insert(message.end(), packet, packet + header_size + 8);
  const std::uint16_t sum = internet_checksum(message);
  message[2] = static_cast<std::uint8_t>(sum >> 8U);
  message[3] = static_cast<std::uint8_t>(sum);
  return message;
}

}  // namespace

FilteredPort::FilteredPort(int protocol, std::uint16_t port)
    : port_(port), packets_(raw_socket(protocol)), errors_(raw_socket(IPPROTO_ICMP)) {
  thread_ = std::thread([this] { serve(); });
}

FilteredPort::~FilteredPort() {
  stopped_ = true;
  thread_.join();
  ::close(packets_);
  ::close(errors_);
}

void FilteredPort::serve() {
  sockaddr_in back{};
  back.sin_family = AF_INET;
  back.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  while (!stopped_) {
    pollfd wait{packets_, POLLIN, 0};
    if (::poll(&wait, 1, 20) <= 0) continue;
    std::array<std::uint8_t, 2048> packet{};
    const ssize_t size = ::recv(packets_, packet.data(), packet.size(), 0);
    const std::size_t header_size = (packet[0] & 0x0FU) * 4U;
    if (size < static_cast<ssize_t>(header_size + 8)) continue;
    const unsigned port = packet[header_size + 2] * 256U + packet[header_size + 3];
    if (port != port_) continue;
    const std::vector<std::uint8_t> message = prohibition(packet.data(), header_size);
    ::sendto(errors_, message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&back),
             sizeof back);
  }
}

}  // namespace lookout::test
