// Cookies that one hop sets and the next presents.
#include <fmt/format.h>

#include "tests/net/http/http_fixture.h"
#include "tests/support/scripted_dns.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

TEST(HttpCookies, HTTP_103_are_presented_after_a_redirect) {
  Sequence sequence(
      {redirect(302, "/next", "", "Set-Cookie: session=abc; Path=/; HttpOnly\r\n"), reply(200)});
  const Conversed result = probe_http_once("", sequence.server().address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_THAT(sequence.request(0), Not(HasSubstr("Cookie")));
  EXPECT_THAT(sequence.request(1), HasSubstr("Cookie: session=abc\r\n"));
}

TEST(HttpCookies, follow_the_configured_one) {
  Sequence sequence({redirect(302, "/a", "", "Set-Cookie: one=1\r\n"),
                     redirect(302, "/b", "", "Set-Cookie: two=2\r\nSet-Cookie: one=; Max-Age=0\r\n"),
                     reply(200)});
  const Conversed result = probe_http_once("headers: {cookie: own=0}", sequence.server().address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_THAT(sequence.request(0), HasSubstr("Cookie: own=0\r\n"));
  EXPECT_THAT(sequence.request(1), HasSubstr("Cookie: own=0; one=1\r\n"));
  EXPECT_THAT(sequence.request(2), HasSubstr("Cookie: own=0; two=2\r\n"));
}

TEST(HttpCookies, live_for_one_probe) {
  Sequence sequence({reply(200, "", "Set-Cookie: a=1\r\n")});
  EXPECT_EQ(key_of(probe_http_once("", sequence.server().address()).failure), "up");
  EXPECT_EQ(key_of(probe_http_once("", sequence.server().address()).failure), "up");
  EXPECT_THAT(sequence.request(1), Not(HasSubstr("Cookie")));
}

// Set by login.example.test for all of example.test, they go to its other hosts and to no others.
TEST(HttpCookies, of_a_domain_go_to_its_hosts) {
  ScriptedDns dns;
  for (const char* name : {"login.example.test", "shop.example.test", "other.test"})
    dns.add(name, kA, ipv4("127.0.0.1"));
  Sequence other({reply(200)});
  Sequence shop({redirect(302, fmt::format("http://other.test:{}/", other.server().port()))});
  Sequence login({redirect(302, fmt::format("http://shop.example.test:{}/", shop.server().port()), "",
                           "Set-Cookie: wide=1; Domain=example.test\r\nSet-Cookie: narrow=1\r\n"
                           "Set-Cookie: greedy=1; Domain=test\r\n")});
  const HttpConfig config = http_config("preferred_ip_protocol: ip4");
  const Target start{fmt::format("http://login.example.test:{}/", login.server().port()), ""};
  const Conversed result = converse_until(
      5s, [&](ProbeRun& run) { return probe_http(config, start, run); }, name_server(dns.port()));
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_THAT(shop.request(0), HasSubstr("Cookie: wide=1\r\n"));
  EXPECT_THAT(other.request(0), Not(HasSubstr("Cookie")));
}

}  // namespace
}  // namespace lookout::test
