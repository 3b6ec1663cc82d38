// Servers that hang up, talk nonsense or nothing in a TLS handshake and after it.
#include <openssl/ssl.h>

#include "tests/net/tls_fixture.h"

namespace lookout::test {
namespace {

struct Trouble {
  const char* name;
  void (*script)(Peer&);
  std::string key;
};
void PrintTo(const Trouble& trouble, std::ostream* out) { *out << trouble.name; }

class BrokenHandshake : public ::testing::TestWithParam<Trouble> {};

TEST_P(BrokenHandshake, IsClassified) {
  ScriptedServer server(GetParam().script);
  const Got got = shake_hands(server.port(), {}, milliseconds(300));
  EXPECT_EQ(got.key, GetParam().key) << (got.conversed.failure ? got.conversed.failure->detail : "");
  EXPECT_EQ(names_of(got.conversed.stages), "connect tls");
  EXPECT_TRUE(got.conversed.facts.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Net, BrokenHandshake,
    ::testing::Values(Trouble{"closes_at_once", [](Peer& peer) { peer.close(); }, "tls/closed"},
                      Trouble{"closes_in_the_middle",
                              [](Peer& peer) {
                                peer.read_some();
                                peer.close();
                              },
                              "tls/closed"},
                      Trouble{"resets",
                              [](Peer& peer) {
                                peer.read_some();
                                peer.reset();
                              },
                              "tls/closed"},
                      Trouble{"speaks_plainly",
                              [](Peer& peer) {
                                peer.send("220 mail.test ESMTP ready\r\n");
                                peer.wait_for_close();
                              },
                              "tls/protocol"},
                      Trouble{"alerts",
                              [](Peer& peer) {
                                peer.read_some();
                                peer.send(std::string_view("\x15\x03\x03\x00\x02\x02\x28",
                                                           7));  // fatal, handshake_failure
                                peer.wait_for_close();
                              },
                              "tls/protocol"},
                      Trouble{"says_nothing", [](Peer& peer) { peer.stall(); }, "tls/timeout"},
                      Trouble{"drips",
                              [](Peer& peer) {
                                peer.read_some();
                                peer.drip(std::string_view("\x16\x03\x03\x20\x00", 5), milliseconds(10));
                                for (;;) peer.drip("x", milliseconds(10));
                              },
                              "tls/timeout"}),
    [](const auto& info) { return info.param.name; });

TEST_F(Tls, EndsAfterTheHandshake) {
  const ServerTls tls{.identity = certificates.good()};
  const auto end_with = [&](ScriptedServer::Script script, Duration timeout) {
    ScriptedServer server(std::move(script), {.tls = &tls});
    return shake_hands(server.port(), {trusting(), "localhost", {}, "hello"}, timeout);
  };
  const Got orderly = end_with(
      [](Peer& peer) {
        peer.expect("hello");
        peer.send("bye");
        peer.close();
      },
      seconds(5));
  EXPECT_EQ(orderly.key, "up");
  EXPECT_EQ(orderly.data, "bye");
  const Got cut = end_with(
      [](Peer& peer) {
        peer.expect("hello");
        peer.send("by");
        peer.cut();
      },
      seconds(5));
  EXPECT_EQ(cut.key, "response/closed");
  EXPECT_EQ(cut.data, "by");
  const Got reset = end_with(
      [](Peer& peer) {
        peer.expect("hello");
        peer.reset();
      },
      seconds(5));
  EXPECT_EQ(reset.key, "response/closed");
  const Got silent = end_with([](Peer& peer) { peer.stall(); }, milliseconds(300));
  EXPECT_EQ(silent.key, "response/timeout");
}

TEST_F(Tls, LargeDataBothWays) {
  const std::string text(400000, 'y');
  const ServerTls tls{.identity = certificates.good()};
  ScriptedServer server(
      [&](Peer& peer) {
        peer.expect(text);
        peer.send(text);
        peer.close();
      },
      {.tls = &tls});
  const Got got = shake_hands(server.port(), {trusting(), "localhost", {}, text});
  EXPECT_EQ(got.key, "up");
  EXPECT_EQ(got.data, text);
  EXPECT_EQ(server.trouble(), "");
}

TEST_F(Tls, RenegotiationIsRefused) {
  const ServerTls tls{
      .identity = certificates.good(), .maximum_version = TLS1_2_VERSION, .renegotiates = true};
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.tls = &tls});
  const Got got = shake_hands(server.port(), {trusting(), "localhost", {}, "hello"}, milliseconds(500));
  EXPECT_NE(got.key, "up");
  EXPECT_EQ(got.data, "");
}

}  // namespace
}  // namespace lookout::test
