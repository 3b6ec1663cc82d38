// The icmp kind where sockets are not permitted, descriptors have run out, or there is no address to ask.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "probes/net/icmp_echo_socket.h"
#include "tests/net/icmp_ping.h"
#include "tests/net/network_namespace.h"

namespace lookout::test {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kResolve = "phase=\"resolve\"", kSetup = "phase=\"setup\"", kRtt = "phase=\"rtt\"";

TEST(IcmpPermission, nobody_pings_where_the_group_range_allows_it) {
  in_network_namespace([] {
    write_sysctl("net/ipv4/ping_group_range", "0 2147483647");
    become_nobody();
    EXPECT_EQ(ping("127.0.0.1").ending(), "up");
    EXPECT_EQ(ping("::1").ending(), "up");
  });
}

TEST(IcmpPermission, without_any_permission_the_remedy_is_named) {
  in_network_namespace([] {
    write_sysctl("net/ipv4/ping_group_range", "1 0");
    become_nobody();
    for (const char* address : {"127.0.0.1", "::1"}) {
      const KindResult result = ping(address);
      EXPECT_EQ(result.ending(), "connect/internal");
      EXPECT_THAT(result.detail(), HasSubstr("net.ipv4.ping_group_range"));
      EXPECT_THAT(result.detail(), HasSubstr("CAP_NET_RAW"));
      EXPECT_EQ(result.fact(kIcmpDuration, kRtt), 0);
    }
  });
}

// Below the sentence that IcmpSockets makes of it: the sanitizers' own checks need descriptors too.
TEST(IcmpPermission, no_descriptors_left_is_told_and_passes) {
  in_network_namespace([] {
    asio::io_context loop;
    rlimit some{}, none{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &some), 0);
    none = {0, some.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const auto socket = EchoSocket::open(loop, IcmpFamily::v4, true);
    const int error = errno;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &some), 0);
    EXPECT_EQ(socket, nullptr);
    EXPECT_EQ(error, EMFILE);
    EXPECT_EQ(ping("127.0.0.1").ending(), "up");
  });
}

TEST(IcmpResolve, a_name_without_an_address_of_the_family_is_not_found) {
  IcmpConfig config;
  config.network = {"ip6", false};
  const KindResult result = ping("127.0.0.1", config);
  EXPECT_EQ(result.ending(), "resolve/not_found") << result.detail();
  for (std::string_view phase : {kResolve, kSetup, kRtt})
    EXPECT_EQ(result.fact(kIcmpDuration, phase), 0) << phase;
  EXPECT_EQ(result.fact(kIpProtocol), 0);
  EXPECT_FALSE(result.fact(kIcmpReplyHopLimit));
}

}  // namespace
}  // namespace lookout::test
