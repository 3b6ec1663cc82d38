// Reading and writing: whose fault an end is, and that the deadline cuts each wait in its stage.
#include "probes/net/stream.h"

#include <gtest/gtest.h>

#include "probes/net/dial.h"
#include "tests/support/conversation.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using asio::ip::tcp;
using std::chrono::seconds;

tcp::endpoint loopback(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

// Sends, then reads to the end of the stream.
Task<Outcome> send_and_read(ProbeRun& run, tcp::endpoint endpoint, std::string_view data, std::string* got) {
  const NetworkOptions network;
  Attempt<Stream> stream = co_await dial(run, endpoint, network);
  if (!stream) co_return stream.error();
  run.enter(Stage::request);
  if (Outcome failure = co_await stream->write_all(run, data)) co_return failure;
  run.enter(Stage::response);
  std::array<char, 512> buffer{};
  for (;;) {
    Attempt<std::size_t> size = co_await stream->read_some(run, buffer);
    if (!size) co_return size.error();
    if (*size == 0) co_return std::nullopt;
    got->append(buffer.data(), *size);
  }
}

struct Talked {
  Conversed conversed;
  std::string key, got;
};

Talked talk_to(const ScriptedServer& server, const std::string& data, Duration timeout = seconds(5)) {
  std::string got;
  Conversed conversed = converse_until(
      timeout, [&](ProbeRun& run) { return send_and_read(run, loopback(server.port()), data, &got); });
  std::string key = key_of(conversed.failure);
  return {std::move(conversed), key, got};
}

TEST(Stream, SendsAndReadsToTheEnd) {
  const std::string long_text(300000, 'x');
  ScriptedServer server([&](Peer& peer) {
    peer.expect(long_text);
    peer.send("hello");
    peer.drip(" world", milliseconds(2));
    peer.close();
  });
  const Talked talked = talk_to(server, long_text);
  EXPECT_EQ(talked.key, "up");
  EXPECT_EQ(talked.got, "hello world");
  EXPECT_EQ(server.trouble(), "");
}

TEST(Stream, ResetWhileReading) {
  ScriptedServer server([](Peer& peer) {
    peer.expect("x");
    peer.send("hel");
    peer.pause(milliseconds(50));
    peer.reset();
  });
  const Talked talked = talk_to(server, "x");
  EXPECT_EQ(talked.key, "response/closed");
  EXPECT_EQ(talked.got, "hel");
}

TEST(Stream, ResetWhileWriting) {
  ScriptedServer server([](Peer& peer) {
    peer.read_exactly(10);
    peer.reset();
  });
  EXPECT_EQ(talk_to(server, std::string(kMoreThanTheKernelTakes, 'x')).key, "request/closed");
}

TEST(Stream, TheDeadlineCutsAReadThatHangs) {
  ScriptedServer server([](Peer& peer) { peer.stall(); });
  const Talked talked = talk_to(server, "x", milliseconds(150));
  EXPECT_EQ(talked.key, "response/timeout");
  EXPECT_EQ(names_of(talked.conversed.stages), "connect request response");
  EXPECT_GE(time_of(talked.conversed.stages, Stage::response), milliseconds(100));
}

TEST(Stream, TheDeadlineCutsAWriteThatHangs) {
  ScriptedServer server([](Peer& peer) { peer.stall(); });
  const Talked talked = talk_to(server, std::string(kMoreThanTheKernelTakes, 'x'), milliseconds(300));
  EXPECT_EQ(talked.key, "request/timeout");
}

TEST(Stream, TheDeadlineCutsADripThatNeverEnds) {
  ScriptedServer server([](Peer& peer) {
    for (;;) peer.drip("x", milliseconds(5));
  });
  const Talked talked = talk_to(server, "x", milliseconds(200));
  EXPECT_EQ(talked.key, "response/timeout");
  EXPECT_GT(talked.got.size(), 3U);
}

}  // namespace
}  // namespace lookout::test
