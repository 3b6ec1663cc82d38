// Redirects, hop by hop.
#include <fmt/format.h>

#include "tests/net/http/http_fixture.h"
#include "tests/support/patience.h"
#include "tests/support/scripted_dns.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(HttpRedirect, http_headers_are_sent_on_every_hop) {
  Sequence sequence({redirect(302, "/next"), reply(200)});
  const Conversed result =
      probe_http_once("http_headers: {X-Key: {values: [one]}}", sequence.server().address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_THAT(sequence.request(0), HasSubstr("X-Key: one\r\n"));
  EXPECT_THAT(sequence.request(1), HasSubstr("X-Key: one\r\n"));
}

TEST(HttpRedirect, HTTP_037_relative_is_followed) {
  Sequence sequence({redirect(302, "/noredirect", "moved"), reply(200, "here")});
  const Conversed result = probe_http_once("", sequence.server().address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_http_redirects"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_http_status_code"), 200);
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"), 4);
  EXPECT_THAT(sequence.request(1), HasSubstr("GET /noredirect HTTP/1.1"));
  EXPECT_THAT(sequence.request(1), HasSubstr("Referer: http://" + sequence.server().address() + "/\r\n"));
}

TEST(HttpRedirect, OBS_016_ten_are_followed) {
  std::vector<std::string> answers;
  for (int i = 0; i < 10; ++i) answers.push_back(redirect(302, fmt::format("/{}", i)));
  answers.push_back(reply(200));
  Sequence sequence(std::move(answers));
  const Conversed result = probe_http_once("", sequence.server().address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_http_redirects"), 10);
}

TEST(HttpRedirect, HTTP_039_the_eleventh_is_not) {
  Sequence sequence({redirect(302, "/again")});
  const Conversed result = probe_http_once("", sequence.server().address());
  EXPECT_EQ(key_of(result.failure), "response/limit");
  EXPECT_EQ(value_of(result.facts, "probe_http_redirects"), 11);
  EXPECT_EQ(value_of(result.facts, "probe_http_status_code"), 302);
  EXPECT_EQ(sequence.server().connections(), 11);
}

TEST(HttpRedirect, body_without_end_is_left_alone) {
  ScriptedServer server([](Peer& peer) {
    peer.read_request();
    if (peer.number() > 0) return peer.send(reply(200));
    peer.send("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 100\r\n\r\nsome");
    peer.wait_for_close();
  });
  EXPECT_EQ(key_of(probe_http_once("", server.address(), 3s).failure), "up");
}

TEST(HttpRedirect, OBS_028_post_becomes_get) {
  Sequence sequence({redirect(302, "/x", "", "Set-Cookie: jar=1\r\n"), reply(200)});
  const Conversed result = probe_http_once(
      "{method: POST, body: text, headers: {Content-Type: text/plain, Host: name.test, Cookie: own=1}, "
      "basic_auth: {username: u, password: p}}",
      sequence.server().address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_THAT(sequence.request(1), HasSubstr("Cookie: own=1; jar=1\r\n"));
  EXPECT_THAT(sequence.request(1), HasSubstr("Referer: http://" + sequence.server().address() + "/\r\n"));
  EXPECT_THAT(sequence.request(1), AllOf(HasSubstr("GET /x HTTP/1.1"), HasSubstr("Host: name.test\r\n"),
                                         HasSubstr("Authorization: Basic"), Not(HasSubstr("Content-Type")),
                                         Not(HasSubstr("text"))));
}

TEST(HttpRedirect, head_stays_head) {
  Sequence sequence({redirect(301, "/x"), reply(200)});
  EXPECT_EQ(key_of(probe_http_once("method: HEAD", sequence.server().address()).failure), "up");
  EXPECT_THAT(sequence.request(1), HasSubstr("HEAD /x HTTP/1.1"));
}

TEST(HttpRedirect, OBS_029_307_keeps_method_and_body) {
  Sequence sequence({redirect(307, "/x"), reply(200)});
  EXPECT_EQ(key_of(probe_http_once("{method: POST, body: text}", sequence.server().address()).failure), "up");
  EXPECT_THAT(sequence.request(1), AllOf(HasSubstr("POST /x HTTP/1.1"), HasSubstr("\r\n\r\ntext")));
}

TEST(HttpRedirect, OBS_019_to_a_closed_port) {
  const ClosedPort closed;
  Sequence sequence({redirect(302, fmt::format("http://127.0.0.1:{}/", closed.port()))});
  const Conversed result = probe_http_once("", sequence.server().address());
  EXPECT_EQ(key_of(result.failure), "connect/refused");
  EXPECT_EQ(value_of(result.facts, "probe_http_redirects"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_http_status_code"), 0);
}

TEST(HttpRedirect, to_another_scheme) {
  Sequence sequence({redirect(302, "ftp://127.0.0.1/")});
  EXPECT_EQ(key_of(probe_http_once("", sequence.server().address()).failure), "response/protocol");
}

TEST(HttpRedirect, OBS_030_credentials_do_not_leave_their_host) {
  Sequence target({reply(200)});
  ScriptedDns dns;
  dns.add("other.test", kA, ipv4("127.0.0.1"));
  Sequence first({redirect(302, fmt::format("http://other.test:{}/", target.server().port()), "",
                           "Set-Cookie: jar=1\r\n")});
  const HttpConfig config =
      http_config("{preferred_ip_protocol: ip4, headers: {Cookie: a=b, X-Own: kept}, bearer_token: secret}");
  const Target start{first.server().address(), ""};
  const Conversed result = converse_until(
      5s, [&](ProbeRun& run) { return probe_http(config, start, run); }, name_server(dns.port()));
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_THAT(first.request(0), AllOf(HasSubstr("secret"), HasSubstr("Cookie: a=b")));
  EXPECT_THAT(target.request(0),
              AllOf(Not(HasSubstr("secret")), Not(HasSubstr("Cookie")), HasSubstr("X-Own: kept"),
                    HasSubstr(fmt::format("Host: other.test:{}", target.server().port()))));
  // The facts are about the first target's address.
  EXPECT_EQ(value_of(result.facts, "probe_ip_addr_hash"), 3668918509.0);
}

TEST(HttpRedirect, obeys_preferred_ip_protocol) {
  ScriptedDns dns;
  dns.add("both.test", kA, ipv4("127.0.0.1"));
  dns.add("both.test", kAaaa, ipv6("::1"));
  Sequence target({reply(200)});
  Sequence first({redirect(302, fmt::format("http://both.test:{}/", target.server().port()))});
  const HttpConfig config = http_config("preferred_ip_protocol: ip4");
  const Target start{first.server().address(), ""};
  const Conversed result = converse_until(
      5s, [&](ProbeRun& run) { return probe_http(config, start, run); }, name_server(dns.port()));
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
}

TEST(HttpRedirect, phases_sum_over_the_hops) {
  ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.pause(milliseconds(50));
    peer.send(peer.number() == 0 ? redirect(302, "/x") : reply(200));
    peer.close();
  });
  const Conversed result = probe_http_once("", server.address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_GE(value_of(result.facts, "probe_http_duration_seconds", "phase=\"processing\""), 0.1);
  EXPECT_LT(value_of(result.facts, "probe_http_duration_seconds", "phase=\"transfer\""), 0.05 * kPatience);
  EXPECT_EQ(names_of(result.stages), "resolve connect request response match");
}

}  // namespace
}  // namespace lookout::test
