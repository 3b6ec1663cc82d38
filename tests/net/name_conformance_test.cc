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

  ProbeResult probe_tcp_on(const std::string& address, const std::string& options,
                           const std::string& name = "both.test") const {
    const ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.address = address});
    const std::string resolvers = "resolvers: ['127.0.0.1:" + std::to_string(names_.port()) + "']";
    return probe_once(module_of("{prober: tcp, tcp: {" + resolvers + options + "}}"),
                      Target{name + ":" + std::to_string(server.port()), {}});
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

}  // namespace
}  // namespace lookout::test
