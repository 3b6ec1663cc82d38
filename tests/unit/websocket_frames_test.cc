// Frames and the answer to an upgrade, against RFC 6455's own examples and against bytes that break its
// rules.
#include "probes/websocket/websocket_frames.h"

#include <gtest/gtest.h>

#include "probes/websocket/websocket_upgrade.h"

namespace lookout::test {
namespace {

using Opcode = WebsocketOpcode;
using namespace std::string_literals;

// Section 5.7.
TEST(WebsocketFrames, AreMaskedAsInTheExample) {
  EXPECT_EQ(client_frame(Opcode::text, "Hello", {'\x37', '\xfa', '\x21', '\x3d'}),
            "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s);
}

TEST(WebsocketFrames, StateTheirSizeInTheShortestForm) {
  EXPECT_EQ(client_frame(Opcode::binary, std::string(125, 'x'), {}).substr(0, 2), "\x82\xfd"s);
  EXPECT_EQ(client_frame(Opcode::binary, std::string(126, 'x'), {}).substr(0, 4), "\x82\xfe\x00\x7e"s);
  EXPECT_EQ(client_frame(Opcode::binary, std::string(65535, 'x'), {}).substr(0, 4), "\x82\xfe\xff\xff"s);
  EXPECT_EQ(client_frame(Opcode::binary, std::string(65536, 'x'), {}).substr(0, 10),
            "\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

struct Head {
  std::string bytes;
  bool whole = true;
  Opcode opcode = Opcode::text;
  bool final = true;
  std::size_t head = 2;
  std::uint64_t size = 0;
};

TEST(WebsocketFrames, HeadsAreRead) {
  for (const Head& wanted : std::vector<Head>{
           {"\x81\x05"s, true, Opcode::text, true, 2, 5},
           {"\x01\x03"s, true, Opcode::text, false, 2, 3},
           {"\x80\x02"s, true, Opcode::continuation, true, 2, 2},
           {"\x82\x7e\x01\x00"s, true, Opcode::binary, true, 4, 256},
           {"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s, true, Opcode::binary, true, 10, 65536},
           {"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff"s, true, Opcode::binary, true, 10, ~std::uint64_t{0}},
           {""s, false},
           {"\x81"s, false},
           {"\x82\x7e\x01"s, false},
           {"\x82\x7f\x00\x00\x00\x00\x00\x01\x00"s, false}}) {
    const std::optional<WebsocketFrame> frame = read_frame_head(wanted.bytes);
    ASSERT_EQ(frame.has_value(), wanted.whole) << wanted.bytes.size();
    if (!frame) continue;
    EXPECT_EQ(frame->opcode, wanted.opcode);
    EXPECT_EQ(frame->final, wanted.final);
    EXPECT_EQ(frame->head, wanted.head);
    EXPECT_EQ(frame->size, wanted.size);
    EXPECT_EQ(frame->broken_rule, "");
  }
}

TEST(WebsocketFrames, BrokenRulesAreSeen) {
  for (const auto& [bytes, rule] :
       std::vector<std::pair<std::string, std::string>>{{"\xc1\x00"s, "extension"},
                                                        {"\x81\x80"s, "masked"},
                                                        {"\x83\x00"s, "opcode"},
                                                        {"\x8b\x00"s, "opcode"},
                                                        {"\x09\x00"s, "in pieces"},
                                                        {"\x89\x7e\x00\x7e"s, "longer than 125"}}) {
    const std::optional<WebsocketFrame> frame = read_frame_head(bytes);
    ASSERT_TRUE(frame);
    EXPECT_NE(frame->broken_rule.find(rule), std::string_view::npos) << frame->broken_rule;
  }
}

TEST(WebsocketFrames, ReasonsOfClosing) {
  EXPECT_EQ(close_reason("\x03\xe9"
                         "going away"s),
            "1001 going away");
  EXPECT_EQ(close_reason("\x03\xe8"s), "1000");
  EXPECT_EQ(close_reason(""), "no code");
  EXPECT_EQ(close_reason("x"), "no code");
}

// Section 1.3.
TEST(WebsocketUpgrade, TheAnswerToTheExamplesKey) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebsocketUpgrade, KeysAreNewEachTime) {
  EXPECT_EQ(websocket_key().size(), 24U);
  EXPECT_NE(websocket_key(), websocket_key());
}

TEST(WebsocketUpgrade, TheAnswerIsJudged) {
  const std::string key = "dGhlIHNhbXBsZSBub25jZQ==",
                    accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
  const auto judged = [&](const std::string& head) { return read_upgrade_answer(head + "\r\n", key); };
  const std::string good =
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n";
  EXPECT_EQ(judged(good + accept).status, 101);
  EXPECT_EQ(judged(good + accept).broken_rule, "");
  EXPECT_NE(judged(good).broken_rule, "");
  EXPECT_NE(judged(good + "Sec-WebSocket-Accept: AAAA\r\n").broken_rule, "");
  EXPECT_NE(judged(good + accept + "Sec-WebSocket-Extensions: permessage-deflate\r\n").broken_rule, "");
  EXPECT_NE(judged("HTTP/1.1 101 S\r\nConnection: Upgrade\r\n" + accept).broken_rule, "");
  EXPECT_NE(judged("HTTP/1.1 101 S\r\nUpgrade: websocket\r\n" + accept).broken_rule, "");
  EXPECT_EQ(judged("HTTP/1.1 403 Forbidden\r\n").status, 403);
  for (const char* no_http : {"", "SSH-2.0-x", "HTTP/2 200\r\n", "HTTP/1.1 xyz\r\n", "HTTP/1.1 7\r\n"})
    EXPECT_EQ(judged(no_http).status, 0) << no_http;
}

}  // namespace
}  // namespace lookout::test
