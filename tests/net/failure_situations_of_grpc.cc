// Situations of calls of the grpc kind.
#include "tests/net/failure_matrix.h"
#include "tests/support/http2_peer.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;
constexpr Duration kShort = milliseconds(200);

// A call that is answered so.
std::function<ProbeResult()> calling(std::string answer, void (Peer::*then)() = &Peer::wait_for_close,
                                     Duration timeout = seconds(5)) {
  return [=] {
    ScriptedServer server([=](Peer& peer) {
      read_http2_request(peer);
      peer.send(answer);
      (peer.*then)();
    });
    return probe_as("grpc", "", server.address(), timeout);
  };
}

std::string endless_message() {
  std::string frames =
      http2_greeting() + http2_frame(Http2::headers, kEndHeaders, 1, http2_field(":status", "200"));
  for (int i = 0; i < 5; ++i) frames += http2_frame(Http2::data, 0, 1, std::string(16000, 'x'));
  return frames;
}

std::function<ProbeResult()> ending_with(const std::string& status) {
  return calling(grpc_response({.trailers = {{"grpc-status", status}}}));
}

}  // namespace

std::vector<Situation> grpc_situations() {
  return {
      {"grpc", "response/timeout", calling(http2_greeting(), &Peer::stall, kShort)},
      {"grpc", "response/closed", calling(http2_greeting(), &Peer::close)},
      {"grpc", "response/refused", ending_with("7")},
      {"grpc", "response/not_found", ending_with("5")},
      {"grpc", "response/protocol", ending_with("12")},
      {"grpc", "response/status", calling(grpc_response(health(2)))},
      {"grpc", "response/limit", calling(endless_message())},
  };
}

}  // namespace lookout::test
