// Situations after the upgrade to WebSocket and in it.
#include "tests/net/failure_matrix.h"
#include "tests/net/websocket_peer.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;
constexpr Duration kShort = milliseconds(200);

std::function<ProbeResult()> meeting_websocket(ScriptedServer::Script script, Duration timeout = seconds(5)) {
  return [=] {
    ScriptedServer server(script);
    return probe_as("websocket", "query_response: [{expect: hello}]", "ws://" + server.address(), timeout);
  };
}

// Sends more than the kernel takes.
std::function<ProbeResult()> sending_much_in_messages(void (*then)(Peer&), Duration timeout) {
  return [=] {
    ScriptedServer server([=](Peer& peer) {
      upgrade(peer);
      then(peer);
    });
    WebsocketConfig config;
    config.query_response.emplace_back().send.assign(kMoreThanTheKernelTakes, 'x');
    return probe_once(config, {"ws://" + server.address(), {}}, timeout);
  };
}

}  // namespace

std::vector<Situation> websocket_situations() {
  const auto reset = [](Peer& peer) {
    peer.read_exactly(1);
    peer.reset();
  };
  const auto stall = [](Peer& peer) { peer.stall(); };
  const auto forbid = [](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 403 Forbidden\r\n\r\n");
  };
  const auto talk_otherwise = [](Peer& peer) {
    peer.send("SSH-2.0-test\r\n\r\n");
    peer.wait_for_close();
  };
  const auto endless = [](Peer& peer) {
    for (;;) peer.send(std::string(8192, 'x'));
  };
  const auto other = [](Peer& peer) {
    upgrade(peer);
    send_text(peer, "goodbye");
  };
  return {
      {"websocket", "request/timeout", sending_much_in_messages(stall, kShort)},
      {"websocket", "request/closed", sending_much_in_messages(reset, seconds(5))},
      {"websocket", "response/timeout", meeting_websocket(stall, kShort)},
      {"websocket", "response/closed", meeting_websocket([](Peer& peer) { upgrade(peer); })},
      {"websocket", "response/protocol", meeting_websocket(talk_otherwise)},
      {"websocket", "response/status", meeting_websocket(forbid)},
      {"websocket", "response/limit", meeting_websocket(endless)},
      {"websocket", "match/mismatch", meeting_websocket(other)},
  };
}

}  // namespace lookout::test
