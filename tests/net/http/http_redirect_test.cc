// Redirects, hop by hop.
#include <mutex>

#include <fmt/format.h>

#include "tests/net/http/http_fixture.h"
#include "tests/support/scripted_dns.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Answers the n-th connection with the n-th answer (further ones with the last) and remembers the requests.
class Sequence {
 public:
  explicit Sequence(std::vector<std::string> answers)
      : answers_(std::move(answers)), server_([this](Peer& peer) { serve(peer); }) {}

  const ScriptedServer& server() const { return server_; }
  std::string request(std::size_t number) {
    const std::lock_guard lock(mutex_);
    return number < requests_.size() ? requests_[number] : "no such request";
  }

 private:
  void serve(Peer& peer) {
    const std::string request = peer.read_request();
    const auto number = static_cast<std::size_t>(peer.number());
    {
      const std::lock_guard lock(mutex_);
      requests_.resize(std::max(requests_.size(), number + 1));
      requests_[number] = request;
    }
    peer.send(answers_[std::min(number, answers_.size() - 1)]);
    peer.close();
  }

  std::vector<std::string> answers_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  ScriptedServer server_;
};

std::string redirect(int status, const std::string& location, std::string_view body = {}) {
  return reply(status, body, fmt::format("Location: {}\r\n", location));
}

TEST(HttpRedirect, http_headers_are_sent_on_every_hop) {
  Sequence sequence({redirect(302, "/next"), reply(200)});
  const Conversed result =
      probe_http_once("http_headers: {X-Key: {values: [one]}}", sequence.server().address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_THAT(sequence.request(0), HasSubstr("X-Key: one\r\n"));
  EXPECT_THAT(sequence.request(1), HasSubstr("X-Key: one\r\n"));
}

TEST(HttpRedirect, relative_is_followed) {  // HTTP-037
  Sequence sequence({redirect(302, "/noredirect", "moved"), reply(200, "here")});
  const Conversed result = probe_http_once("", sequence.server().address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_http_redirects"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_http_status_code"), 200);
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"), 4);
  EXPECT_THAT(sequence.request(1), HasSubstr("GET /noredirect HTTP/1.1"));
  EXPECT_THAT(sequence.request(1), HasSubstr("Referer: http://" + sequence.server().address() + "/\r\n"));
}

TEST(HttpRedirect, ten_are_followed) {  // OBS-016
  std::vector<std::string> answers;
  for (int i = 0; i < 10; ++i) answers.push_back(redirect(302, fmt::format("/{}", i)));
  answers.push_back(reply(200));
  Sequence sequence(std::move(answers));
  const Conversed result = probe_http_once("", sequence.server().address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_http_redirects"), 10);
}

TEST(HttpRedirect, the_eleventh_is_not) {  // HTTP-039
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

TEST(HttpRedirect, post_becomes_get) {  // OBS-028
  Sequence sequence({redirect(302, "/x"), reply(200)});
  const Conversed result = probe_http_once(
      "{method: POST, body: text, headers: {Content-Type: text/plain, Host: name.test}, basic_auth: "
      "{username: u, password: p}}",
      sequence.server().address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_THAT(sequence.request(1), AllOf(HasSubstr("GET /x HTTP/1.1"), HasSubstr("Host: name.test\r\n"),
                                         HasSubstr("Authorization: Basic"), Not(HasSubstr("Content-Type")),
                                         Not(HasSubstr("text"))));
}

TEST(HttpRedirect, head_stays_head) {
  Sequence sequence({redirect(301, "/x"), reply(200)});
  EXPECT_EQ(key_of(probe_http_once("method: HEAD", sequence.server().address()).failure), "up");
  EXPECT_THAT(sequence.request(1), HasSubstr("HEAD /x HTTP/1.1"));
}

TEST(HttpRedirect, 307_keeps_method_and_body) {  // OBS-029
  Sequence sequence({redirect(307, "/x"), reply(200)});
  EXPECT_EQ(key_of(probe_http_once("{method: POST, body: text}", sequence.server().address()).failure), "up");
  EXPECT_THAT(sequence.request(1), AllOf(HasSubstr("POST /x HTTP/1.1"), HasSubstr("\r\n\r\ntext")));
}

TEST(HttpRedirect, to_a_closed_port) {  // OBS-019
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

TEST(HttpRedirect, credentials_do_not_leave_their_host) {  // OBS-030
  Sequence target({reply(200)});
  ScriptedDns dns;
  dns.add("other.test", kA, ipv4("127.0.0.1"));
  Sequence first({redirect(302, fmt::format("http://other.test:{}/", target.server().port()))});
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
  EXPECT_LT(value_of(result.facts, "probe_http_duration_seconds", "phase=\"transfer\""), 0.05);
  EXPECT_EQ(names_of(result.stages), "resolve connect request response match");
}

}  // namespace
}  // namespace lookout::test
