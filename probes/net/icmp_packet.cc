#include "probes/net/icmp_packet.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace lookout {
namespace {

constexpr std::uint8_t kEchoReplyV4 = 0, kUnreachableV4 = 3, kEchoRequestV4 = 8, kTimeExceededV4 = 11,
                       kParameterV4 = 12;
constexpr std::uint8_t kUnreachableV6 = 1, kTooBigV6 = 2, kTimeExceededV6 = 3, kParameterV6 = 4;
constexpr std::uint8_t kEchoRequestV6 = 128, kEchoReplyV6 = 129;
constexpr std::uint8_t kFragmentationNeededV4 = 4;

constexpr std::string_view kText = "Lookout echo request";
static_assert(sizeof(EchoToken) + kText.size() == kDefaultEchoPayload);

std::uint16_t read16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void write16(std::span<std::uint8_t> bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

std::uint8_t payload_byte(const Echo& echo, std::size_t at) {
  if (at < echo.token.size()) return echo.token[at];
  at -= echo.token.size();
  return at < kText.size() ? static_cast<std::uint8_t>(kText[at]) : 0;
}

std::optional<EchoHeader> parse_header(std::uint8_t type, std::span<const std::uint8_t> message) {
  if (message.size() < kEchoHeaderSize || message[0] != type || message[1] != 0) return std::nullopt;
  return EchoHeader{read16(message, 4), read16(message, 6)};
}

bool starts_with_payload(const Echo& echo, std::span<const std::uint8_t> payload) {
  for (std::size_t i = 0; i < payload.size(); ++i) {
    if (payload[i] != payload_byte(echo, i)) return false;
  }
  return true;
}

std::string_view unreachable_v4(std::uint8_t code) {
  switch (code) {
    case 0:
      return "network unreachable";
    case 1:
      return "host unreachable";
    case 2:
      return "protocol unreachable";
    case 3:
      return "port unreachable";
    case kFragmentationNeededV4:
      return "packet too big";
    case 9:
    case 10:
    case 13:
      return "administratively prohibited";
    default:
      return "destination unreachable";
  }
}

std::string_view unreachable_v6(std::uint8_t code) {
  switch (code) {
    case 0:
      return "no route to the destination";
    case 1:
      return "administratively prohibited";
    case 3:
      return "address unreachable";
    case 4:
      return "port unreachable";
    default:
      return "destination unreachable";
  }
}

std::string_view words(IcmpFamily family, const IcmpError& error) {
  if (family == IcmpFamily::v4) {
    if (error.type == kUnreachableV4) return unreachable_v4(error.code);
    if (error.type == kTimeExceededV4) return "time to live exceeded";
    if (error.type == kParameterV4) return "parameter problem";
  } else {
    if (error.type == kUnreachableV6) return unreachable_v6(error.code);
    if (error.type == kTooBigV6) return "packet too big";
    if (error.type == kTimeExceededV6) return "hop limit exceeded";
    if (error.type == kParameterV6) return "parameter problem";
  }
  return "an ICMP error";
}

}  // namespace

std::uint16_t internet_checksum(std::span<const std::uint8_t> message) {
  std::uint32_t sum = 0;
  std::size_t i = 0;
  for (; i + 1 < message.size(); i += 2) sum += read16(message, i);
  if (i < message.size()) sum += static_cast<std::uint32_t>(message[i]) << 8;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void build_echo_request(IcmpFamily family, const Echo& echo, std::vector<std::uint8_t>& packet) {
  packet.assign(kEchoHeaderSize + echo.payload_size, 0);
  packet[0] = family == IcmpFamily::v4 ? kEchoRequestV4 : kEchoRequestV6;
  write16(packet, 4, echo.identifier);
  write16(packet, 6, echo.sequence);
  const std::size_t written = std::min(echo.payload_size, kDefaultEchoPayload);
  for (std::size_t i = 0; i < written; ++i) packet[kEchoHeaderSize + i] = payload_byte(echo, i);
  if (family == IcmpFamily::v4) write16(packet, 2, internet_checksum(packet));
}

std::span<const std::uint8_t> strip_ipv4_header(std::span<const std::uint8_t> packet) {
  if (packet.empty()) return {};
  const std::size_t header = static_cast<std::size_t>(packet[0] & 0x0f) * 4;
  if (header < 20 || packet.size() < header) return {};
  return packet.subspan(header);
}

std::optional<EchoHeader> parse_echo_reply(IcmpFamily family, std::span<const std::uint8_t> message) {
  return parse_header(family == IcmpFamily::v4 ? kEchoReplyV4 : kEchoReplyV6, message);
}

std::optional<EchoHeader> parse_quoted_request(IcmpFamily family, std::span<const std::uint8_t> quoted) {
  return parse_header(family == IcmpFamily::v4 ? kEchoRequestV4 : kEchoRequestV6, quoted);
}

bool payload_matches(const Echo& echo, std::span<const std::uint8_t> message) {
  return message.size() == kEchoHeaderSize + echo.payload_size &&
         starts_with_payload(echo, message.subspan(kEchoHeaderSize));
}

bool quotation_matches(const Echo& echo, std::span<const std::uint8_t> quoted) {
  if (quoted.size() < kEchoHeaderSize) return false;
  // RFC 4884 lets extensions follow a padded quotation: only what we wrote counts.
  const std::size_t size =
      std::min(quoted.size() - kEchoHeaderSize, std::min(echo.payload_size, kDefaultEchoPayload));
  return starts_with_payload(echo, quoted.subspan(kEchoHeaderSize, size));
}

bool is_packet_too_big(IcmpFamily family, const IcmpError& error) {
  if (family == IcmpFamily::v6) return error.type == kTooBigV6;
  return error.type == kUnreachableV4 && error.code == kFragmentationNeededV4;
}

std::string describe(IcmpFamily family, const IcmpError& error) {
  std::string text =
      fmt::format("{} says: {}", error.offender.empty() ? "a router" : error.offender, words(family, error));
  if (is_packet_too_big(family, error) && error.mtu != 0)
    text += fmt::format(", at most {} bytes", error.mtu);
  return text;
}

}  // namespace lookout
