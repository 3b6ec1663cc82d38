// Situations of kinds that stream_kinds() does not have: local sockets.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/net/failure_matrix.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;
constexpr Duration kShort = milliseconds(200);

// A name in the abstract namespace that no other test has.
std::string local_name(const std::string& word) {
  static int number = 0;
  return "@lookout-matrix-" + std::to_string(::getpid()) + "-" + std::to_string(number++) + "-" + word;
}

// A local socket that listens with room for nobody more.
class BusySocket {
 public:
  explicit BusySocket(const std::string& name) : socket_(new_socket()), filler_(new_socket()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path);
    address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    const auto* where = reinterpret_cast<const sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_, where, size), 0);
    EXPECT_EQ(::listen(socket_, 0), 0);
    EXPECT_EQ(::connect(filler_, where, size), 0);
  }
  BusySocket(const BusySocket&) = delete;
  BusySocket& operator=(const BusySocket&) = delete;
  ~BusySocket() {
    ::close(socket_);
    ::close(filler_);
  }

 private:
  static int new_socket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }

  int socket_, filler_;
};

std::function<ProbeResult()> meeting_locally(ScriptedServer::Script script, const std::string& block,
                                             Duration timeout = seconds(5), const ServerTls* tls = nullptr) {
  return [=] {
    ScriptedServer server(script, {.address = local_name("server"), .tls = tls});
    return probe_as("unix", block, server.address(), timeout);
  };
}

ProbeResult connect_to_the_busy() {
  const std::string name = local_name("busy");
  const BusySocket busy(name);
  return probe_as("unix", "", name, kShort);
}

std::function<ProbeResult()> shaking_hands_locally(Identity (TestCertificates::*make)()) {
  return [=] {
    TestCertificates certificates;
    const ServerTls tls{.identity = (certificates.*make)()};
    return meeting_locally(
        [](Peer& peer) { peer.wait_for_close(); },
        "tls: true, tls_config: {server_name: localhost, ca_file: '" + certificates.authority_file() + "'}",
        seconds(5), &tls)();
  };
}

// Sends more than the kernel takes.
std::function<ProbeResult()> sending_much_locally(ScriptedServer::Script script, Duration timeout) {
  return [=] {
    ScriptedServer server(script, {.address = local_name("server")});
    UnixConfig config;
    config.query_response.emplace_back().send.assign(2'000'000, 'x');
    return probe_once(config, {server.address(), {}}, timeout);
  };
}

}  // namespace

std::vector<Situation> unix_situations() {
  const std::string hello = "query_response: [{expect: hello}]";
  const std::string tls = "tls: true, tls_config: {insecure_skip_verify: true}";
  const ScriptedServer::Script hang_up = [](Peer& peer) { peer.close(); };
  const ScriptedServer::Script reset = [](Peer& peer) {
    peer.read_exactly(1);
    peer.reset();
  };
  const ScriptedServer::Script stall = [](Peer& peer) { peer.stall(); };
  const auto talk = [](Peer& peer) {
    peer.send("220 no TLS here\r\n");
    peer.wait_for_close();
  };
  return {
      {"unix", "connect/timeout", connect_to_the_busy},
      {"unix", "connect/protocol", [] { return probe_as("unix", "", "/proc/self/exe"); }},
      {"unix", "connect/refused", [] { return probe_as("unix", "", local_name("nobody")); }},
      {"unix", "connect/not_found", [] { return probe_as("unix", "", "/nowhere/socket"); }},
      {"unix", "connect/internal", [] { return probe_without_descriptors("unix", "", "/nowhere/socket"); }},
      {"unix", "tls/certificate_expired", shaking_hands_locally(&TestCertificates::expired)},
      {"unix", "tls/certificate_untrusted", shaking_hands_locally(&TestCertificates::untrusted)},
      {"unix", "tls/certificate_name", shaking_hands_locally(&TestCertificates::wrong_name)},
      {"unix", "tls/internal", meeting_locally(stall, "tls: true")},
      {"unix", "tls/timeout", meeting_locally(stall, tls, kShort)},
      {"unix", "tls/closed", meeting_locally(hang_up, tls)},
      {"unix", "tls/protocol", meeting_locally(talk, tls)},
      {"unix", "request/timeout", sending_much_locally(stall, kShort)},
      {"unix", "request/closed", sending_much_locally(reset, seconds(5))},
      {"unix", "response/timeout", meeting_locally(stall, hello, kShort)},
      {"unix", "response/closed", meeting_locally(hang_up, hello)},
      {"unix", "response/limit",
       meeting_locally([](Peer& peer) { peer.send(std::string(100'000, 'x')); }, hello)},
      {"unix", "match/mismatch", meeting_locally([](Peer& peer) { peer.send("no\n"); }, hello)},
  };
}

}  // namespace lookout::test
