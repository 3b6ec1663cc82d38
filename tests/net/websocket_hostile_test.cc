// Servers that do to a WebSocket client what they should not: each has its end in time and its cause.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/websocket_peer.h"
#include "tests/support/probe_once.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;
using namespace std::string_literals;

struct Meeting {
  const char* name;
  void (*script)(Peer&);  // after the upgrade
  std::string key;
};
void PrintTo(const Meeting& meeting, std::ostream* out) { *out << meeting.name; }

class WebsocketMeeting : public testing::TestWithParam<Meeting> {};

ProbeResult meet(const ScriptedServer::Script& script, Duration timeout = seconds(5)) {
  ScriptedServer server(script);
  return probe_once(module_of("{prober: websocket, websocket: {query_response: [{expect: '^hello$'}]}}"),
                    Target{"ws://" + server.address(), {}}, timeout);
}

TEST_P(WebsocketMeeting, EndsAsItShould) {
  const bool waits = GetParam().key.ends_with("/timeout");
  const ProbeResult result = meet(
      [](Peer& peer) {
        upgrade(peer);
        GetParam().script(peer);
      },
      waits ? Duration(milliseconds(300)) : Duration(seconds(5)));
  EXPECT_EQ(key_of(result.failure), GetParam().key) << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(value_of(result.facts, "probe_websocket_failed_due_to_regex"), GetParam().key == "up" ? 0 : 1);
}

const std::vector<Meeting> kMeetings{
    {"a_message_in_pieces",
     [](Peer& peer) {
       peer.send(server_frame(0x01, "he") + server_frame(0x00, "") + server_frame(0x80, "llo"));
       peer.wait_for_close();
     },
     "up"},
    {"a_message_that_drips",
     [](Peer& peer) {
       peer.drip(server_frame(kText, "hello"), milliseconds(3));
       peer.wait_for_close();
     },
     "up"},
    {"pings_between_pieces",
     [](Peer& peer) {
       peer.send(server_frame(0x01, "he") + server_frame(kPing, "are you there"));
       EXPECT_EQ(read_frame(peer), "\x8a"s + "are you there");
       peer.send(server_frame(kPong, "") + server_frame(0x80, "llo"));
       peer.wait_for_close();
     },
     "up"},
    {"closes",
     [](Peer& peer) {
       peer.send(server_frame(kClose, "\x03\xe9gone"));
       peer.wait_for_close();
     },
     "response/closed"},
    {"hangs_up", [](Peer& peer) { peer.close(); }, "response/closed"},
    {"resets",
     [](Peer& peer) {
       peer.pause(milliseconds(30));
       peer.reset();
     },
     "response/closed"},
    {"other_message", [](Peer& peer) { send_text(peer, "goodbye"); }, "match/mismatch"},
    {"masked",
     [](Peer& peer) {
       peer.send("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s);
       peer.wait_for_close();
     },
     "response/protocol"},
    {"begins_in_the_middle",
     [](Peer& peer) {
       peer.send(server_frame(0x80, "hello"));
       peer.wait_for_close();
     },
     "response/protocol"},
    {"begins_twice",
     [](Peer& peer) {
       peer.send(server_frame(0x01, "hel") + server_frame(kText, "hello"));
       peer.wait_for_close();
     },
     "response/protocol"},
    {"claims_a_huge_frame",
     [](Peer& peer) {
       peer.send("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"s);
       peer.wait_for_close();
     },
     "response/limit"},
    {"pieces_without_end",
     [](Peer& peer) {
       peer.send(server_frame(0x01, std::string(60000, 'x')));
       for (;;) peer.send(server_frame(0x00, std::string(60000, 'x')));
     },
     "response/limit"},
    {"empty_pieces_without_end",
     [](Peer& peer) {
       peer.send(server_frame(0x01, ""));
       std::string many;
       for (int i = 0; i < 20000; ++i) many += server_frame(0x00, "");
       for (;;) peer.send(many);
     },
     "response/timeout"},
    {"pings_without_end",
     [](Peer& peer) {
       std::string many;
       for (int i = 0; i < 5000; ++i) many += server_frame(kPing, "x");
       for (;;) peer.send(many);
     },
     "response/timeout"},
    {"half_a_frame",
     [](Peer& peer) {
       peer.send("\x81\x05hel");
       peer.stall();
     },
     "response/timeout"},
};

INSTANTIATE_TEST_SUITE_P(Net, WebsocketMeeting, testing::ValuesIn(kMeetings),
                         [](const auto& info) { return info.param.name; });

TEST(WebsocketUpgradeOf, ServersThatSpeakSomethingElse) {
  const auto answering = [](std::string answer) {
    return [answer = std::move(answer)](Peer& peer) {
      peer.read_until("\r\n\r\n");
      peer.send(answer);
      peer.wait_for_close();
    };
  };
  EXPECT_EQ(key_of(meet(answering("SSH-2.0-x\r\n\r\n")).failure), "response/protocol");
  EXPECT_EQ(key_of(meet(answering("HTTP/1.1 101 Switching\r\n\r\n")).failure), "response/protocol");
  EXPECT_EQ(key_of(meet(answering(std::string(200'000, 'x'))).failure), "response/limit");
  EXPECT_EQ(key_of(meet([](Peer& peer) {
                     peer.read_until("\r\n\r\n");
                     peer.close();
                   }).failure),
            "response/closed");
  EXPECT_EQ(key_of(meet([](Peer& peer) { peer.stall(); }, milliseconds(200)).failure), "response/timeout");
}

TEST(WebsocketUpgradeOf, MessagesThatComeWithTheAnswer) {
  EXPECT_EQ(key_of(meet([](Peer& peer) {
                     const std::string request = peer.read_until("\r\n\r\n");
                     peer.send(upgrade_answer(request) + server_frame(kText, "hello"));
                     peer.wait_for_close();
                   }).failure),
            "up");
}

}  // namespace
}  // namespace lookout::test
