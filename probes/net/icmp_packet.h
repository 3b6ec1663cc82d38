// ICMP echo messages as bytes: building requests, telling our replies from everything else that arrives, and
// finding our request in what an ICMP error quotes (RFC 792, RFC 4443). Pure: no sockets, no clocks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lookout {

enum class IcmpFamily : std::uint8_t { v4, v6 };

// Random bytes at the start of the payload: identifier and sequence are 16 bit each, and an unprivileged
// socket's identifier is the kernel's, so they alone do not tell our reply from a stranger's.
using EchoToken = std::array<std::uint8_t, 8>;

inline constexpr std::size_t kEchoHeaderSize = 8;
inline constexpr std::size_t kDefaultEchoPayload = 28;
// What fits into an IPv4 packet with a header of 20 bytes.
inline constexpr std::size_t kMaximumEchoPayload = 65535 - 20 - kEchoHeaderSize;

struct Echo {
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
  EchoToken token{};
  std::size_t payload_size = kDefaultEchoPayload;  // shorter than the token: the token is cut
};

// Replaces the content of `packet`. The checksum of IPv6 is the kernel's work and left zero.
void build_echo_request(IcmpFamily family, const Echo& echo, std::vector<std::uint8_t>& packet);

// The ICMP message inside what a raw IPv4 socket delivers, which begins with the IP header. Empty if there is
// none.
std::span<const std::uint8_t> strip_ipv4_header(std::span<const std::uint8_t> packet);

// One's complement sum over an IPv4 message; 0 when the checksum that it holds is right (RFC 1071).
std::uint16_t internet_checksum(std::span<const std::uint8_t> message);

// What both a reply and a quoted request carry in their first eight bytes.
struct EchoHeader {
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
};
std::optional<EchoHeader> parse_echo_reply(IcmpFamily family, std::span<const std::uint8_t> message);
std::optional<EchoHeader> parse_quoted_request(IcmpFamily family, std::span<const std::uint8_t> quoted);

// Whether the payload after the header is exactly the one that was sent.
bool payload_matches(const Echo& echo, std::span<const std::uint8_t> message);
// The same for a quotation, which may be cut anywhere after the header.
bool quotation_matches(const Echo& echo, std::span<const std::uint8_t> quoted);

// An ICMP error about a request of ours.
struct IcmpError {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t mtu = 0;  // of "packet too big"; 0: not told
  std::string offender;   // who sent it; empty: unknown
};
bool is_packet_too_big(IcmpFamily family, const IcmpError& error);
// "10.0.0.1 says: host unreachable"
std::string describe(IcmpFamily family, const IcmpError& error);

}  // namespace lookout
