#include "tests/net/icmp_peer.h"

#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/net/network_namespace.h"

namespace lookout::test {
namespace {

constexpr std::uint8_t kEchoRequestV4 = 8, kEchoRequestV6 = 128, kEchoReplyV6 = 129;

std::string text_of(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, address, text.data(), text.size());
  return text.data();
}

void set_checksum(std::vector<std::uint8_t>& message) {
  message[2] = message[3] = 0;
  const std::uint16_t checksum = internet_checksum(message);
  message[2] = static_cast<std::uint8_t>(checksum >> 8);
  message[3] = static_cast<std::uint8_t>(checksum);
}

}  // namespace

std::vector<std::uint8_t> SeenRequest::reply() const {
  std::vector<std::uint8_t> answer = message;
  answer[0] = message[0] == kEchoRequestV6 ? kEchoReplyV6 : 0;
  return answer;
}

std::vector<std::uint8_t> SeenRequest::error(std::uint8_t type, std::uint8_t code, std::uint32_t rest) const {
  std::vector<std::uint8_t> answer{type, code, 0, 0};
  for (int shift = 24; shift >= 0; shift -= 8) answer.push_back(static_cast<std::uint8_t>(rest >> shift));
  answer.insert(answer.end(), packet.begin(), packet.end());
  return answer;
}

IcmpPeer::IcmpPeer(IcmpFamily family, Script script) : family_(family), script_(std::move(script)) {
  const bool v4 = family == IcmpFamily::v4;
  write_sysctl(v4 ? "net/ipv4/icmp_echo_ignore_all" : "net/ipv6/icmp/echo_ignore_all", "1");
  socket_ = ::socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC,
                     v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6});
  EXPECT_GE(socket_, 0) << std::strerror(errno);
  const int on = 1;
  if (!v4) {
    ::setsockopt(socket_, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    ::setsockopt(socket_, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof on);
  }
  thread_ = std::thread([this] { serve(); });
}

IcmpPeer::~IcmpPeer() {
  stopped_ = true;
  thread_.join();
  ::close(socket_);
}

void IcmpPeer::serve() {
  while (!stopped_) {
    pollfd wait{socket_, POLLIN, 0};
    if (::poll(&wait, 1, 20) <= 0) continue;
    SeenRequest request;
    if (!receive(request)) continue;
    ++requests_;
    for (SentMessage& message : script_(request)) send(request, std::move(message));
  }
}

bool IcmpPeer::receive(SeenRequest& request) {
  std::vector<std::uint8_t> buffer(70000);
  std::array<char, 256> control{};
  sockaddr_in6 from{};
  iovec bytes{buffer.data(), buffer.size()};
  msghdr message{&from, sizeof from, &bytes, 1, control.data(), control.size(), 0};
  const ssize_t size = ::recvmsg(socket_, &message, 0);
  if (size <= 0) return false;
  buffer.resize(static_cast<std::size_t>(size));
  if (family_ == IcmpFamily::v4) {
    const auto inside = strip_ipv4_header(buffer);
    if (inside.size() < 8 || inside[0] != kEchoRequestV4) return false;
    request.source = text_of(AF_INET, buffer.data() + 12);
    request.destination = text_of(AF_INET, buffer.data() + 16);
    request.hop_limit = buffer[8];
    request.dont_fragment = (buffer[6] & 0x40) != 0;
    request.message.assign(inside.begin(), inside.end());
    request.packet = buffer;
    return true;
  }
  if (buffer.size() < 8 || buffer[0] != kEchoRequestV6) return false;
  request.source = text_of(AF_INET6, &from.sin6_addr);
  request.message = buffer;
  ip6_hdr header{};
  header.ip6_vfc = 0x60;
  header.ip6_plen = htons(static_cast<std::uint16_t>(buffer.size()));
  header.ip6_nxt = IPPROTO_ICMPV6;
  header.ip6_src = from.sin6_addr;
  for (cmsghdr* note = CMSG_FIRSTHDR(&message); note != nullptr; note = CMSG_NXTHDR(&message, note)) {
    if (note->cmsg_type == IPV6_HOPLIMIT)
      std::memcpy(&request.hop_limit, CMSG_DATA(note), sizeof request.hop_limit);
    if (note->cmsg_type == IPV6_PKTINFO) std::memcpy(&header.ip6_dst, CMSG_DATA(note), sizeof header.ip6_dst);
  }
  request.destination = text_of(AF_INET6, &header.ip6_dst);
  const auto* start = reinterpret_cast<const std::uint8_t*>(&header);
  request.packet.assign(start, start + sizeof header);
  request.packet.insert(request.packet.end(), buffer.begin(), buffer.end());
  return true;
}

void IcmpPeer::send(const SeenRequest& request, SentMessage message) {
  const std::string& source = message.source.empty() ? request.destination : message.source;
  const bool v4 = family_ == IcmpFamily::v4;
  const int sender = ::socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC,
                              v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6});
  sockaddr_storage here{}, there{};
  if (v4) {
    set_checksum(message.message);
    auto& a = reinterpret_cast<sockaddr_in&>(here);
    auto& b = reinterpret_cast<sockaddr_in&>(there);
    a.sin_family = b.sin_family = AF_INET;
    ::inet_pton(AF_INET, source.c_str(), &a.sin_addr);
    ::inet_pton(AF_INET, request.source.c_str(), &b.sin_addr);
  } else {
    auto& a = reinterpret_cast<sockaddr_in6&>(here);
    auto& b = reinterpret_cast<sockaddr_in6&>(there);
    a.sin6_family = b.sin6_family = AF_INET6;
    ::inet_pton(AF_INET6, source.c_str(), &a.sin6_addr);
    ::inet_pton(AF_INET6, request.source.c_str(), &b.sin6_addr);
  }
  const socklen_t size = v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  EXPECT_EQ(::bind(sender, reinterpret_cast<sockaddr*>(&here), size), 0) << std::strerror(errno);
  const ssize_t sent = ::sendto(sender, message.message.data(), message.message.size(), 0,
                                reinterpret_cast<sockaddr*>(&there), size);
  EXPECT_EQ(sent, static_cast<ssize_t>(message.message.size())) << std::strerror(errno);
  ::close(sender);
}

}  // namespace lookout::test
