// The conformance cases that depend on what a name resolves to, against a name server of the test's own: a
// name with both loopback addresses stands in for a localhost that has them, one with only AAAA for a host on
// IPv6.
#include <gtest/gtest.h>

#include "tests/support/probe_once.h"
#include "tests/support/scripted_dns.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

class NameConformance : public ::testing::Test {
 protected:
  NameConformance() {
    names_.add("both.test", kA, ipv4("127.0.0.1"));
    names_.add("both.test", kAaaa, ipv6("::1"));
    names_.add("six.test", kAaaa, ipv6("::1"));
  }

  // `options` of the kind's block, after the name server.
  ProbeResult probe(const std::string& kind, const std::string& options, const std::string& target) const {
    const std::string resolvers = "resolvers: ['127.0.0.1:" + std::to_string(names_.port()) + "']";
    return probe_once(module_of("{prober: " + kind + ", " + kind + ": {" + resolvers + options + "}}"),
                      Target{target, {}}, std::chrono::milliseconds(2000));
  }
  ProbeResult probe_tcp_on(const std::string& address, const std::string& options,
                           const std::string& name = "both.test") const {
    const ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.address = address});
    return probe("tcp", options, name + ":" + std::to_string(server.port()));
  }

  ScriptedDns names_;
};

void expect_well_over(int protocol, const ProbeResult& result) {
  EXPECT_EQ(key_of(result.failure), "up") << result.failure.value_or(Failure{}).detail;
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), protocol);
}

TEST_F(NameConformance, UTL_001_falls_back_to_ip6) {
  expect_well_over(6, probe_tcp_on("::1", ", preferred_ip_protocol: ip4", "six.test"));
}

TEST_F(NameConformance, UTL_002_does_not_fall_back_to_ip6) {
  const ProbeResult result =
      probe_tcp_on("::1", ", preferred_ip_protocol: ip4, ip_protocol_fallback: false", "six.test");
  EXPECT_EQ(key_of(result.failure), "resolve/not_found");
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 0);
  EXPECT_EQ(value_of(result.facts, "probe_ip_addr_hash"), 0);
}

TEST_F(NameConformance, TCP_013_ip4_without_fallback) {
  expect_well_over(4, probe_tcp_on("127.0.0.1", ", preferred_ip_protocol: ip4, ip_protocol_fallback: false"));
}

TEST_F(NameConformance, TCP_014_ip6_preferred) {
  expect_well_over(6, probe_tcp_on("::1", ", preferred_ip_protocol: ip6"));
}

TEST_F(NameConformance, TCP_015_no_preference) { expect_well_over(6, probe_tcp_on("::1", "")); }

// Each over UDP and over TCP.
class DnsNameConformance : public NameConformance, public ::testing::WithParamInterface<std::string> {
 protected:
  ProbeResult probe_dns_on(const std::string& address, const std::string& options) const {
    ScriptedDns server(address);
    server.add("example.com", kA, ipv4("127.0.0.1"));
    return probe("dns",
                 ", query_name: example.com, query_type: A, transport_protocol: " + GetParam() + options,
                 "both.test:" + std::to_string(server.port()));
  }
};

INSTANTIATE_TEST_SUITE_P(Transports, DnsNameConformance, ::testing::Values("udp", "tcp"),
                         [](const auto& info) { return info.param; });

TEST_P(DnsNameConformance, DNS_022_ip6_preferred) {
  expect_well_over(6, probe_dns_on("::1", ", preferred_ip_protocol: ip6"));
}

TEST_P(DnsNameConformance, DNS_023_ip4_preferred) {
  expect_well_over(4, probe_dns_on("127.0.0.1", ", preferred_ip_protocol: ip4"));
}

TEST_P(DnsNameConformance, DNS_024_no_preference) { expect_well_over(6, probe_dns_on("::1", "")); }

TEST_F(NameConformance, DNS_025_the_transport_is_udp_unless_set) {
  ScriptedDns server("::1");
  server.add("example.com", kA, ipv4("127.0.0.1"));
  const std::string question = ", query_name: example.com, query_type: A";
  expect_well_over(6, probe("dns", question, "both.test:" + std::to_string(server.port())));
  const ScriptedServer only_tcp([](Peer& peer) { peer.wait_for_close(); }, {.address = "::1"});
  const ProbeResult result = probe("dns", question, "both.test:" + std::to_string(only_tcp.port()));
  EXPECT_EQ(key_of(result.failure), "response/refused");
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 6);
}

}  // namespace
}  // namespace lookout::test
