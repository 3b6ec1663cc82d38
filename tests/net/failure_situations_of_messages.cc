// Situations of kinds that stream_kinds() does not have: local sockets, datagrams.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/net/failure_matrix.h"
#include "tests/net/hard_network.h"

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

// A UDP port of 127.0.0.1 that somebody holds and never reads.
class SilentPort {
 public:
  SilentPort() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* where = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_, where, size), 0);
    EXPECT_EQ(::getsockname(socket_, where, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  ~SilentPort() { ::close(socket_); }
  std::uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

const std::string kAsk = "query_response: [{send: x}, {expect: '^y'}]";

ProbeResult ask_nobody() {
  const std::string address = SilentPort().address();
  return probe_as("udp", kAsk, address);
}

ProbeResult ask_in_silence() {
  const SilentPort port;
  return probe_as("udp", kAsk, port.address(), kShort);
}

ProbeResult ask_behind_a_filter() {
  const SilentPort port;
  const FilteredPort filter(IPPROTO_UDP, port.port());
  return probe_as("udp", kAsk, port.address());
}

ProbeResult ask_too_much() {
  UdpConfig config;
  config.query_response.emplace_back().send.assign(70'000, 'x');
  config.query_response.emplace_back().expect_bytes = "y";
  return probe_once(config, {"127.0.0.1:9", {}});
}

// A name server answers with something else than asked for.
ProbeResult ask_for_another_answer() {
  ScriptedDns server;
  server.script([](const DnsQuestion& question) { return question.reply(); });
  return probe_as("udp",
                  "query_response: [{send_hex: '797900000001000000000000 00 00010001'}, {expect_bytes: zz}]",
                  "127.0.0.1:" + std::to_string(server.port()));
}

}  // namespace

std::vector<Situation> udp_situations() {
  return {
      {"udp", "connect/internal", [] { return probe_without_descriptors("udp", kAsk, "127.0.0.1:9"); }},
      {"udp", "request/limit", ask_too_much},
      {"udp", "response/timeout", ask_in_silence},
      {"udp", "response/refused", ask_nobody},
      {"udp", "response/unreachable", ask_behind_a_filter, true},
      {"udp", "match/mismatch", ask_for_another_answer},
  };
}

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
