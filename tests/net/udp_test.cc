// The udp kind as a whole: datagrams that answer, those that do not, and what it states.
#include "probes/udp/udp.h"

#include <set>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/patience.h"
#include "tests/support/probe_once.h"

namespace lookout::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Answers each datagram with those that the script makes of it, from a thread of its own, until it is gone.
class UdpPeer {
 public:
  using Script = std::function<std::vector<std::string>(const std::string&)>;

  explicit UdpPeer(Script script)
      : script_(std::move(script)), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    auto* where = reinterpret_cast<sockaddr*>(&address_);
    EXPECT_EQ(::bind(socket_, where, size), 0);
    EXPECT_EQ(::getsockname(socket_, where, &size), 0);
    thread_ = std::thread([this] { run(); });
  }
  UdpPeer(const UdpPeer&) = delete;
  UdpPeer& operator=(const UdpPeer&) = delete;
  ~UdpPeer() {
    const auto* own = reinterpret_cast<const sockaddr*>(&address_);
    ::sendto(socket_, "", 0, 0, own, sizeof address_);  // what it has from itself ends it
    thread_.join();
    ::close(socket_);
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }

 private:
  void run() {
    for (;;) {
      std::string buffer(65536, '\0');
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got =
          ::recvfrom(socket_, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 0 || from.sin_port == address_.sin_port) return;
      buffer.resize(static_cast<std::size_t>(got));
      for (const std::string& answer : script_(buffer))
        ::sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
    }
  }

  Script script_;
  int socket_;
  sockaddr_in address_{};
  std::thread thread_;
};

std::vector<std::string> nothing(const std::string&) { return {}; }

ProbeResult probe_udp_at(const std::string& address, const std::string& block,
                         Duration timeout = seconds(5)) {
  return probe_once(module_of("{prober: udp, udp: {" + block + "}}"), Target{address, {}}, timeout);
}

std::set<std::string> metrics_of(const ProbeResult& result) {
  std::set<std::string> names;
  for (const Fact& fact : result.facts) names.insert(std::string(fact.family->metric));
  return names;
}

const std::set<std::string> kOpenMetrics{"probe_dns_lookup_time_seconds", "probe_ip_addr_hash",
                                         "probe_ip_protocol", "probe_failed_due_to_bytes",
                                         "probe_failed_due_to_regex"};

TEST(Udp, AnAnswerIsUp) {
  UdpPeer peer([](const std::string& asked) -> std::vector<std::string> {
    if (asked == "status") return {"ready 7.0"};
    if (asked == "version 7.0") return {std::string("\x00\x01rest", 6)};
    return {};
  });
  const ProbeResult result = probe_udp_at(peer.address(),
                                          "query_response: [{send: status}, {expect: 'ready (.*)', send: "
                                          "'version $1', labels: [{name: version, value: "
                                          "$1}]}, {expect_bytes: \"\\0\\x01\"}]");
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(names_of(result.stages), "resolve connect request response");
  EXPECT_EQ(value_of(result.facts, "probe_expect_info", "version=\"7.0\""), 1);
  EXPECT_THAT(metrics_of(result), testing::IsSupersetOf(kOpenMetrics));
}

TEST(Udp, BytesAreSentAsTheyAre) {
  UdpPeer echo([](const std::string& asked) { return std::vector<std::string>{asked}; });
  EXPECT_EQ(
      key_of(probe_udp_at(echo.address(), "query_response: [{send: ping}, {expect: '^ping$'}]").failure),
      "up");
  EXPECT_EQ(
      key_of(probe_udp_at(echo.address(), "query_response: [{send_hex: '00ff'}, {expect_bytes: \"\\0\"}]")
                 .failure),
      "up");
}

// No second datagram is looked at, and none twice.
TEST(Udp, EachStepLooksAtOneDatagram) {
  UdpPeer two([](const std::string&) { return std::vector<std::string>{"one", "two"}; });
  EXPECT_EQ(
      key_of(
          probe_udp_at(two.address(), "query_response: [{send: x}, {expect: one}, {expect: two}]").failure),
      "up");
  const ProbeResult result = probe_udp_at(two.address(), "query_response: [{send: x}, {expect: two}]");
  EXPECT_EQ(key_of(result.failure), "match/mismatch");
  EXPECT_EQ(value_of(result.facts, "probe_failed_due_to_regex"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_failed_due_to_bytes"), 0);
}

TEST(Udp, OtherBytes) {
  UdpPeer peer([](const std::string&) { return std::vector<std::string>{"PO"}; });
  const ProbeResult result =
      probe_udp_at(peer.address(), "query_response: [{send: x}, {expect_bytes: PONG}]");
  EXPECT_EQ(key_of(result.failure), "match/mismatch");
  EXPECT_EQ(value_of(result.facts, "probe_failed_due_to_bytes"), 1);
}

TEST(Udp, AnEmptyDatagramIsAnAnswer) {
  UdpPeer peer([](const std::string&) { return std::vector<std::string>{""}; });
  EXPECT_EQ(key_of(probe_udp_at(peer.address(), "query_response: [{send: x}, {expect: '^$'}]").failure),
            "up");
}

TEST(Udp, SilenceIsATimeout) {
  UdpPeer peer(nothing);
  const ProbeResult result =
      probe_udp_at(peer.address(), "query_response: [{send: x}, {expect: y}]", milliseconds(150));
  EXPECT_EQ(key_of(result.failure), "response/timeout");
  EXPECT_EQ(metrics_of(result), kOpenMetrics);
  EXPECT_EQ(value_of(result.facts, "probe_failed_due_to_regex"), 0);
  EXPECT_LT(result.duration, seconds(2) * kPatience);
}

TEST(Udp, APortWhereNobodyListensRefuses) {
  const std::string address = [] {
    UdpPeer gone(nothing);
    return gone.address();
  }();
  const ProbeResult result = probe_udp_at(address, "query_response: [{send: x}, {expect: y}]");
  EXPECT_EQ(key_of(result.failure), "response/refused");
  EXPECT_LT(result.duration, seconds(2) * kPatience);
}

TEST(Udp, WhatNoDatagramHolds) {
  UdpPeer peer(nothing);
  UdpConfig config;
  config.network.preferred_ip_protocol = "ip4";
  config.query_response.emplace_back().send = std::string(70000, 'x');
  config.query_response.emplace_back().expect_bytes = "y";
  EXPECT_EQ(key_of(probe_once(config, Target{peer.address(), {}}).failure), "request/limit");
}

TEST(Udp, MistakesOfTheOperatorAreNotTheTargets) {
  EXPECT_EQ(key_of(probe_udp_at("127.0.0.1", "query_response: [{expect: y}]").failure), "resolve/internal");
  EXPECT_EQ(
      key_of(probe_udp_at("127.0.0.1:9", "source_ip_address: '192.0.2.1', query_response: [{expect: y}]")
                 .failure),
      "connect/internal");
  EXPECT_EQ(key_of(probe_once(module_of("{prober: udp}"), Target{"127.0.0.1:9", {}}).failure),
            "resolve/internal");
}

}  // namespace
}  // namespace lookout::test
