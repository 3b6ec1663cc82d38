// Where packets leave from and who is asked for names, for every kind that talks over a network. In a network
// of the test's own there is only the loopback interface and no route elsewhere: a packet to elsewhere fails
// at once, unless an interface is named that it is to leave through.
#include "probes/net/network_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/network_namespace.h"
#include "tests/support/probe_once.h"
#include "tests/support/scripted_dns.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

struct NetworkKind {
  std::string name, block;  // what the kind's block needs besides
  std::string scheme, port;
};

void PrintTo(const NetworkKind& kind, std::ostream* out) { *out << kind.name; }

class NetworkKindTest : public ::testing::TestWithParam<NetworkKind> {
 protected:
  static ProbeResult probe(const std::string& options, const std::string& host) {
    const NetworkKind& kind = GetParam();
    const std::string block = kind.block.empty() ? options : kind.block + ", " + options;
    return probe_once(module_of("{prober: " + kind.name + ", " + kind.name + ": {" + block + "}}"),
                      Target{kind.scheme + host + kind.port, {}}, milliseconds(300));
  }
};

INSTANTIATE_TEST_SUITE_P(Kinds, NetworkKindTest,
                         ::testing::Values(NetworkKind{"http", "", "http://", ":80"},
                                           NetworkKind{"tcp", "", "", ":80"},
                                           NetworkKind{"dns", "query_name: example.com", "", ":53"},
                                           NetworkKind{"grpc", "", "", ":80"},
                                           NetworkKind{"icmp", "", "", ""}),
                         [](const auto& info) { return info.param.name; });

TEST_P(NetworkKindTest, packets_leave_through_the_interface) {
  in_network_namespace([] {
    write_sysctl("net/ipv4/ping_group_range", "0 2147483647");
    become_nobody();
    EXPECT_THAT(key_of(probe("ip_protocol_fallback: true", "192.0.2.1").failure), HasSubstr("internal"));
    EXPECT_THAT(key_of(probe("source_interface: lo", "192.0.2.1").failure), HasSubstr("timeout"));
  });
}

TEST_P(NetworkKindTest, an_unknown_interface_is_our_own_fault) {
  in_network_namespace([] {
    write_sysctl("net/ipv4/ping_group_range", "0 2147483647");
    const ProbeResult result = probe("source_interface: eth9", "127.0.0.1");
    EXPECT_EQ(key_of(result.failure), "connect/internal");
    EXPECT_EQ(result.failure->detail, "source_interface: this machine has no interface \"eth9\"");
  });
}

TEST_P(NetworkKindTest, a_source_of_the_other_family_is_our_own_fault) {
  const ProbeResult v6 = probe("source_ip_address: '::1'", "127.0.0.1");
  EXPECT_EQ(key_of(v6.failure), "connect/internal");
  EXPECT_THAT(v6.failure->detail, HasSubstr("source_ip_address ::1 is not of the family of 127.0.0.1"));
  EXPECT_THAT(v6.failure->detail, HasSubstr("preferred_ip_protocol: ip6"));
  const ProbeResult v4 = probe("source_ip_address: 127.0.0.1", "[::1]");
  EXPECT_EQ(key_of(v4.failure), "connect/internal");
  EXPECT_THAT(v4.failure->detail, HasSubstr("preferred_ip_protocol: ip4"));
  const ProbeResult nonsense = probe("source_ip_address: here", "127.0.0.1");
  EXPECT_EQ(key_of(nonsense.failure), "connect/internal");
  EXPECT_THAT(nonsense.failure->detail, HasSubstr("source_ip_address \"here\" is no IP address"));
}

TEST_P(NetworkKindTest, names_are_asked_of_the_modules_own_name_servers) {
  ScriptedDns dns;
  dns.add("lookout.test", kA, ipv4("127.0.0.77"));
  const std::string resolvers = "resolvers: ['127.0.0.1:" + std::to_string(dns.port()) + "']";
  const ProbeResult result = probe(resolvers, "lookout.test");
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 4);
  EXPECT_EQ(value_of(result.facts, "probe_ip_addr_hash"), address_hash(asio::ip::make_address("127.0.0.77")));
  EXPECT_GT(dns.questions(), 0);
}

TEST_P(NetworkKindTest, own_name_servers_are_asked_through_the_interface) {
  in_network_namespace([] {
    become_nobody();
    const std::string resolvers = "resolvers: [192.0.2.53]";
    EXPECT_EQ(key_of(probe(resolvers, "lookout.test").failure), "resolve/internal");
    EXPECT_EQ(key_of(probe(resolvers + ", source_interface: lo", "lookout.test").failure), "resolve/timeout");
    const ProbeResult unknown = probe(resolvers + ", source_interface: eth9", "lookout.test");
    EXPECT_EQ(key_of(unknown.failure), "resolve/internal");
    EXPECT_EQ(unknown.failure->detail, "source_interface: this machine has no interface \"eth9\"");
  });
}

TEST_P(NetworkKindTest, without_name_servers_only_literals_are_probed) {
  EXPECT_EQ(key_of(probe("resolvers: []", "lookout.test").failure), "resolve/internal");
  EXPECT_EQ(value_of(probe("resolvers: []", "127.0.0.1").facts, "probe_ip_protocol"), 4);
}

std::optional<std::vector<NameServer>> servers(std::uint16_t port) {
  return std::vector<NameServer>{{{asio::ip::address_v4::loopback(), port}}};
}

TEST(NameServers, of_each_list_have_a_resolver_and_lists_are_bounded) {
  asio::io_context loop;
  ProbeServices services(loop);
  const auto first = services.resolver(servers(53));
  EXPECT_EQ(services.resolver(servers(53)), first);
  EXPECT_NE(services.resolver(servers(54)), first);
  EXPECT_NE(services.resolver(servers(53), 1), first) << "of another interface";
  EXPECT_NE(services.resolver(std::nullopt), first);
  for (std::uint16_t port = 1000; port < 1100; ++port) services.resolver(servers(port));
  EXPECT_NE(services.resolver(servers(53)), first);
}

TEST(SourceAddress, of_either_family_is_the_one_that_the_peer_sees) {
  in_network_namespace([] {
    for (const std::string address : {"127.0.0.9", "::1"}) {
      ScriptedServer server([](Peer& peer) { peer.send(peer.address() + "\n"); },
                            {.address = address == "::1" ? "::1" : "127.0.0.1"});
      const ProbeResult result =
          probe_once(module_of("{prober: tcp, tcp: {source_interface: lo, source_ip_address: '" + address +
                               "', query_response: [{expect: '^" + address + "$'}]}}"),
                     Target{server.address(), {}});
      EXPECT_EQ(key_of(result.failure), "up") << result.failure.value_or(Failure{}).detail;
    }
  });
}

}  // namespace
}  // namespace lookout::test
