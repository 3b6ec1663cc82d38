// The dns kind over TLS (RFC 7858), and over IPv6, and from a host without a route.
#include <atomic>
#include <thread>

#include <boost/asio/ip/udp.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "tests/net/dns_fixture.h"
#include "tests/net/network_namespace.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

void answer_one(Peer& peer) {
  const std::string prefix = peer.read_exactly(2);
  std::string message = peer.read_exactly(static_cast<std::uint8_t>(prefix[1]));
  message[2] |= static_cast<char>(0x80);
  peer.send(prefix + message);
  peer.wait_for_close();
}

class DnsOverTls : public ::testing::Test {
 protected:
  DnsConfig config(const std::string& server_name = "") {
    DnsConfig config = dns_config("tcp");
    config.dns_over_tls = true;
    config.tls_config.ca_file = certificates_.authority_file();
    config.tls_config.server_name = server_name;
    return config;
  }
  std::string ending_with(const Identity& identity, const DnsConfig& config) {
    ServerTls tls;
    tls.identity = identity;
    ScriptedServer server(answer_one, {.tls = &tls});
    const Conversed result = ask(config, server.port());
    // blackbox_exporter states no TLS facts here.
    EXPECT_EQ(fact_of(result.facts, "probe_tls_version_info"), nullptr);
    EXPECT_EQ(fact_of(result.facts, "probe_ssl_earliest_cert_expiry"), nullptr);
    return key_of(result.failure);
  }
  TestCertificates certificates_;
};

TEST_F(DnsOverTls, an_answer_comes_through) {
  EXPECT_EQ(ending_with(certificates_.good(), config()), "up");
  EXPECT_EQ(ending_with(certificates_.good(), config("example.test")), "up");
}

TEST_F(DnsOverTls, stages_and_phases) {
  ServerTls tls;
  tls.identity = certificates_.good();
  std::string name_sent;
  ScriptedServer server(
      [&](Peer& peer) {
        name_sent = peer.server_name();
        answer_one(peer);
      },
      {.tls = &tls});
  const Conversed result = ask(config("example.test"), server.port());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(names_of(result.stages), "resolve connect tls request response match");
  EXPECT_GT(value_of(result.facts, "probe_dns_duration_seconds", "connect"), 0);
  EXPECT_GT(value_of(result.facts, "probe_dns_duration_seconds", "request"), 0);
  ASSERT_TRUE(server.wait_idle());
  EXPECT_EQ(name_sent, "example.test");
}

TEST_F(DnsOverTls, certificates_are_verified) {
  EXPECT_EQ(ending_with(certificates_.expired(), config()), "tls/certificate_expired");
  EXPECT_EQ(ending_with(certificates_.not_yet_valid(), config()), "tls/certificate_expired");
  EXPECT_EQ(ending_with(certificates_.untrusted(), config()), "tls/certificate_untrusted");
  EXPECT_EQ(ending_with(certificates_.wrong_name(), config()), "tls/certificate_name");
  EXPECT_EQ(ending_with(certificates_.good(), config("other.example")), "tls/certificate_name");
  DnsConfig careless = config();
  careless.tls_config.insecure_skip_verify = true;
  EXPECT_EQ(ending_with(certificates_.expired(), careless), "up");
}

TEST_F(DnsOverTls, servers_that_do_not_shake_hands) {
  ScriptedServer plain([](Peer& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  EXPECT_EQ(key_of(ask(config(), plain.port()).failure), "tls/protocol");
  ScriptedServer silent([](Peer& peer) { peer.stall(); });
  const Conversed timeout = ask(config(), silent.port(), milliseconds(150));
  EXPECT_EQ(key_of(timeout.failure), "tls/timeout");
  EXPECT_EQ(value_of(timeout.facts, "probe_dns_duration_seconds", "request"), 0);
  ScriptedServer closing([](Peer& peer) { peer.close(); });
  EXPECT_EQ(key_of(ask(config(), closing.port()).failure), "tls/closed");
}

TEST_F(DnsOverTls, servers_that_stop_after_the_handshake) {
  ServerTls tls;
  tls.identity = certificates_.good();
  ScriptedServer closing(
      [](Peer& peer) {
        peer.read_exactly(2);
        peer.close();
      },
      {.tls = &tls});
  EXPECT_EQ(key_of(ask(config(), closing.port()).failure), "response/closed");
  ScriptedServer silent([](Peer& peer) { peer.stall(); }, {.tls = &tls});
  EXPECT_EQ(key_of(ask(config(), silent.port(), milliseconds(300)).failure), "response/timeout");
}

TEST_F(DnsOverTls, OBS_049_settings_that_cannot_be_are_our_own_fault) {
  DnsConfig over_udp = config();
  over_udp.transport_protocol = "udp";
  const Conversed result = ask(over_udp, 853);
  EXPECT_EQ(key_of(result.failure), "resolve/internal");
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 4) << "found out after resolving";
  DnsConfig without_file = config();
  without_file.tls_config.ca_file = "/nonexistent/ca.pem";
  EXPECT_EQ(key_of(ask(without_file, 853).failure), "resolve/internal");
}

// Answers on UDP of one address until destroyed, and keeps who asked.
class UdpResponder {
 public:
  explicit UdpResponder(const std::string& address)
      : socket_(loop_, asio::ip::udp::endpoint(asio::ip::make_address(address), 0)),
        port_(socket_.local_endpoint().port()),
        thread_([this] { serve(); }) {}
  UdpResponder(const UdpResponder&) = delete;
  UdpResponder& operator=(const UdpResponder&) = delete;
  ~UdpResponder() { stop(); }
  std::uint16_t port() const { return port_; }
  // Stops answering.
  std::string asked_from() {
    stop();
    return asked_from_;
  }

 private:
  void stop() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
  }
  void serve() {
    while (!stopped_) {
      pollfd wait{socket_.native_handle(), POLLIN, 0};
      if (::poll(&wait, 1, 20) <= 0) continue;
      std::array<char, 512> buffer{};
      asio::ip::udp::endpoint from;
      const std::size_t size = socket_.receive_from(asio::buffer(buffer), from);
      asked_from_ = from.address().to_string();
      buffer[2] |= static_cast<char>(0x80);
      socket_.send_to(asio::buffer(buffer.data(), size), from);
    }
  }

  asio::io_context loop_;
  asio::ip::udp::socket socket_;
  std::uint16_t port_;
  std::string asked_from_;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

// A name with an address of either family, and a server on the one that is to be chosen.
struct FamilyCase {
  const char *name, *preferred, *address;
  int protocol;
};

class DnsFamily : public ::testing::TestWithParam<std::tuple<std::string, FamilyCase>> {};

TEST_P(DnsFamily, is_chosen) {
  const auto& [transport, row] = GetParam();
  ScriptedDns names;
  names.add("both.test", kA, ipv4("127.0.0.1"));
  names.add("both.test", kAaaa, ipv6("::1"));
  UdpResponder over_udp(row.address);
  ScriptedServer over_tcp(answer_one, {.address = row.address});
  DnsConfig config = dns_config(transport);
  config.ip.preferred = row.preferred;
  const std::uint16_t port = transport == "udp" ? over_udp.port() : over_tcp.port();
  const Conversed result =
      ask(config, "both.test:" + std::to_string(port), seconds(3), name_server(names.port()));
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), row.protocol);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, DnsFamily,
    ::testing::Combine(::testing::Values("udp", "tcp"),
                       ::testing::Values(FamilyCase{"DNS_022_ip6", "ip6", "::1", 6},
                                         FamilyCase{"DNS_023_ip4", "ip4", "127.0.0.1", 4},
                                         FamilyCase{"DNS_024_none", "", "::1", 6})),
    [](const auto& info) { return std::get<0>(info.param) + "_" + std::get<1>(info.param).name; });

TEST(DnsFamilies, DNS_025_without_a_transport_udp_is_asked) {
  UdpResponder over_udp("::1");
  ScriptedServer over_tcp(answer_one, {.address = "::1"});
  DnsConfig config;
  config.query_name = "example.com";
  const Conversed well = ask(config, "[::1]:" + std::to_string(over_udp.port()));
  EXPECT_EQ(key_of(well.failure), "up");
  EXPECT_EQ(value_of(well.facts, "probe_ip_protocol"), 6);
  const Conversed refused = ask(config, over_tcp.address());
  EXPECT_EQ(key_of(refused.failure), "response/refused") << "only TCP listens there";
  EXPECT_EQ(value_of(refused.facts, "probe_ip_protocol"), 6);
}

TEST(DnsFamilies, the_source_address_is_the_one_wanted) {
  UdpResponder server("127.0.0.1");
  DnsConfig config = dns_config("udp");
  config.source_ip_address = "127.0.0.7";
  EXPECT_EQ(key_of(ask(config, server.port()).failure), "up");
  EXPECT_EQ(server.asked_from(), "127.0.0.7");
}

TEST(DnsRoutes, no_route_is_our_own_fault) {
  in_network_namespace([] {
    for (const char* transport : {"udp", "tcp"}) {
      const Conversed result = ask(dns_config(transport), "192.0.2.1");
      EXPECT_EQ(key_of(result.failure), "connect/internal") << transport;
      EXPECT_THAT(result.failure->detail, HasSubstr("unreachable"));
    }
  });
}

// Default ports need a namespace: they are privileged and perhaps in use.
TEST(DnsPorts, fifty_three_and_with_tls_eight_five_three) {
  in_network_namespace([] {
    for (const bool over_tls : {false, true}) {
      DnsConfig config = dns_config("tcp");
      config.dns_over_tls = over_tls;
      for (const char* server : {"127.0.0.1", "::1", "[::1]"}) {
        const Conversed result = ask(config, server);
        EXPECT_EQ(key_of(result.failure), "connect/refused") << server;
        ASSERT_FALSE(result.trace.empty());
        EXPECT_THAT(result.trace.back().text, HasSubstr(over_tls ? ":853 over TLS" : ":53 over TCP"))
            << server;
      }
    }
  });
}

}  // namespace
}  // namespace lookout::test
