#include "probes/net/icmp_packet.h"

#include <gtest/gtest.h>

namespace lookout {
namespace {

using Bytes = std::vector<std::uint8_t>;

Echo echo_of(std::size_t payload_size) { return {0x1234, 0x5678, {1, 2, 3, 4, 5, 6, 7, 8}, payload_size}; }

Bytes request(IcmpFamily family, std::size_t payload_size) {
  Bytes packet{9, 9, 9};
  build_echo_request(family, echo_of(payload_size), packet);
  return packet;
}

TEST(IcmpPacket, a_request_is_a_header_and_a_payload) {
  const Bytes v4 = request(IcmpFamily::v4, 4);
  EXPECT_EQ(v4, (Bytes{8, 0, 0x8b, 0x4d, 0x12, 0x34, 0x56, 0x78, 1, 2, 3, 4}));
  EXPECT_EQ(internet_checksum(v4), 0);
  EXPECT_EQ(request(IcmpFamily::v6, 2), (Bytes{128, 0, 0, 0, 0x12, 0x34, 0x56, 0x78, 1, 2}));
}

TEST(IcmpPacket, a_long_payload_is_token_text_and_zeros) {
  const Bytes packet = request(IcmpFamily::v4, 40);
  ASSERT_EQ(packet.size(), 48);
  EXPECT_EQ(std::string(packet.begin() + 16, packet.begin() + 36), "Lookout echo request");
  EXPECT_EQ(Bytes(packet.begin() + 36, packet.end()), Bytes(12, 0));
  EXPECT_TRUE(payload_matches(echo_of(40), packet));
  EXPECT_EQ(internet_checksum(packet), 0);
}

TEST(IcmpPacket, checksums_of_odd_length) {
  EXPECT_EQ(internet_checksum(Bytes{}), 0xffff);
  EXPECT_EQ(internet_checksum(Bytes{0x01}), 0xfeff);
  EXPECT_EQ(internet_checksum(request(IcmpFamily::v4, 5)), 0);
}

TEST(IcmpPacket, replies_are_told_from_other_messages) {
  Bytes reply = request(IcmpFamily::v4, 28);
  EXPECT_FALSE(parse_echo_reply(IcmpFamily::v4, reply));
  EXPECT_TRUE(parse_quoted_request(IcmpFamily::v4, reply));
  reply[0] = 0;
  const auto header = parse_echo_reply(IcmpFamily::v4, reply);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->identifier, 0x1234);
  EXPECT_EQ(header->sequence, 0x5678);
  EXPECT_FALSE(parse_echo_reply(IcmpFamily::v6, reply));
  EXPECT_FALSE(parse_echo_reply(IcmpFamily::v4, std::span(reply).first(7)));
  reply[1] = 1;
  EXPECT_FALSE(parse_echo_reply(IcmpFamily::v4, reply));
}

TEST(IcmpPacket, a_payload_matches_to_the_last_byte) {
  for (std::size_t size : {0, 1, 8, 9, 28, 29, 100}) {
    Bytes message = request(IcmpFamily::v6, size);
    EXPECT_TRUE(payload_matches(echo_of(size), message)) << size;
    EXPECT_FALSE(payload_matches(echo_of(size + 1), message)) << size;
    if (size == 0) continue;
    message.back() ^= 1;
    EXPECT_FALSE(payload_matches(echo_of(size), message)) << size;
  }
}

TEST(IcmpPacket, a_quotation_may_be_cut_or_padded) {
  Bytes quoted = request(IcmpFamily::v4, 28);
  const Echo echo = echo_of(28);
  for (std::size_t size = 8; size <= quoted.size(); ++size) {
    EXPECT_TRUE(quotation_matches(echo, std::span(quoted).first(size))) << size;
  }
  EXPECT_FALSE(quotation_matches(echo, std::span(quoted).first(7)));
  quoted.insert(quoted.end(), 100, 0xaa);
  EXPECT_TRUE(quotation_matches(echo, quoted));
  quoted[8] ^= 1;
  EXPECT_FALSE(quotation_matches(echo, quoted));
}

TEST(IcmpPacket, an_ip_header_is_stripped_by_its_own_length) {
  Bytes packet(30, 7);
  packet[0] = 0x45;
  EXPECT_EQ(strip_ipv4_header(packet).size(), 10);
  packet[0] = 0x47;
  EXPECT_EQ(strip_ipv4_header(packet).size(), 2);
  packet[0] = 0x4f;
  EXPECT_TRUE(strip_ipv4_header(packet).empty());
  packet[0] = 0x44;
  EXPECT_TRUE(strip_ipv4_header(packet).empty());
  EXPECT_TRUE(strip_ipv4_header({}).empty());
}

TEST(IcmpPacket, errors_have_words) {
  EXPECT_EQ(describe(IcmpFamily::v4, {3, 1, 0, "192.0.2.1"}), "192.0.2.1 says: host unreachable");
  EXPECT_EQ(describe(IcmpFamily::v4, {3, 4, 1400, ""}), "a router says: packet too big, at most 1400 bytes");
  EXPECT_EQ(describe(IcmpFamily::v6, {3, 0, 0, "::1"}), "::1 says: hop limit exceeded");
  EXPECT_EQ(describe(IcmpFamily::v6, {1, 0, 0, "::1"}), "::1 says: no route to the destination");
  EXPECT_EQ(describe(IcmpFamily::v6, {99, 0, 0, "::1"}), "::1 says: an ICMP error");
  EXPECT_TRUE(is_packet_too_big(IcmpFamily::v4, {3, 4, 0, ""}));
  EXPECT_FALSE(is_packet_too_big(IcmpFamily::v4, {2, 0, 0, ""}));
  EXPECT_TRUE(is_packet_too_big(IcmpFamily::v6, {2, 0, 0, ""}));
}

}  // namespace
}  // namespace lookout
