// Requests through an http:// proxy: plain ones in absolute form, TLS through a tunnel.
#include <future>

#include <fmt/format.h>

#include "tests/net/http/http_fixture.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(HttpProxy, OBS_026_plain_request_in_absolute_form) {
  std::promise<std::string> received;
  ScriptedServer proxy([&](Peer& peer) {
    received.set_value(peer.read_request());
    peer.send(reply(200, "through"));
    peer.close();
  });
  const Conversed result = probe_http_once(
      fmt::format("{{proxy_url: 'http://us%65r:pass@{}', preferred_ip_protocol: ip4}}", proxy.address()),
      "http://localhost:81/path?q");
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_THAT(received.get_future().get(), AllOf(HasSubstr("GET http://localhost:81/path?q HTTP/1.1\r\n"),
                                                 HasSubstr("Host: localhost:81\r\n"),
                                                 HasSubstr("Proxy-Authorization: Basic dXNlcjpwYXNz\r\n")));
  EXPECT_NE(fact_of(result.facts, "probe_http_duration_seconds", "phase=\"resolve\""), nullptr);
}

TEST(HttpProxy, HTTP_107_skipped_resolving_leaves_no_trace) {
  ScriptedServer proxy(answering(reply(200)));
  const Conversed result = probe_http_once(
      fmt::format("{{proxy_url: 'http://{}', skip_resolve_phase_with_proxy: true}}", proxy.address()),
      "http://only-the-proxy-knows.test/");
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(fact_of(result.facts, "probe_http_duration_seconds", "phase=\"resolve\""), nullptr);
  EXPECT_EQ(fact_of(result.facts, "probe_ip_protocol"), nullptr);
  EXPECT_NE(fact_of(result.facts, "probe_http_duration_seconds", "phase=\"connect\""), nullptr);
}

TEST(HttpProxy, OBS_027_tls_goes_through_a_tunnel) {
  TestCertificates certificates;
  const ServerTls tls = tls_with(certificates.good());
  std::promise<std::string> asked;
  ScriptedServer proxy([&](Peer& peer) {
    asked.set_value(peer.read_until("\r\n\r\n"));
    peer.send("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
    peer.start_tls(tls);
    peer.read_request();
    peer.send(reply(200, "inside"));
    peer.close();
  });
  const Conversed result =
      probe_http_once(fmt::format("{{proxy_url: 'http://{}', preferred_ip_protocol: ip4, tls_config: "
                                  "{{ca_file: {}}}, proxy_connect_header: {{X-Key: [one, two]}}}}",
                                  proxy.address(), certificates.authority_file()),
                      "https://localhost:8443/");
  EXPECT_EQ(key_of(result.failure), "up")
      << (result.failure ? result.failure->detail : "") << proxy.trouble();
  EXPECT_THAT(asked.get_future().get(), AllOf(HasSubstr("CONNECT 127.0.0.1:8443 HTTP/1.1\r\n"),
                                              HasSubstr("X-Key: one\r\n"), HasSubstr("X-Key: two\r\n")));
  EXPECT_EQ(value_of(result.facts, "probe_http_ssl"), 1);
  EXPECT_GT(value_of(result.facts, "probe_http_duration_seconds", "phase=\"tls\""), 0);
}

struct Refusal {
  const char* name;
  ScriptedServer::Script script;
  const char* expected;
};
void PrintTo(const Refusal& row, std::ostream* out) { *out << row.name; }
class HttpTunnel : public testing::TestWithParam<Refusal> {};

TEST_P(HttpTunnel, fails_as_a_connection_does) {
  ScriptedServer proxy(GetParam().script);
  const Conversed result = probe_http_once(
      fmt::format("{{proxy_url: 'http://{}', skip_resolve_phase_with_proxy: true}}", proxy.address()),
      "https://far.test/", 500ms);
  EXPECT_EQ(key_of(result.failure), GetParam().expected) << (result.failure ? result.failure->detail : "");
}

ScriptedServer::Script saying(std::string answer) {
  return [answer](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(answer);
    peer.wait_for_close();
  };
}

INSTANTIATE_TEST_SUITE_P(
    all, HttpTunnel,
    testing::Values(
        Refusal{"no", saying("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
                "connect/refused"},
        Refusal{"garbage", saying("SSH-2.0\r\n\r\n"), "connect/protocol"},
        Refusal{"too eager", saying("HTTP/1.1 200 OK\r\n\r\nHello"), "connect/protocol"},
        Refusal{"endless", saying("HTTP/1.1 200 OK\r\n" + std::string(40'000, 'x')), "connect/limit"},
        Refusal{"silent", saying(""), "connect/timeout"},
        Refusal{"hangs up", [](Peer& peer) { peer.close(); }, "connect/closed"}));

TEST(HttpProxy, no_proxy_bypasses_it) {
  ScriptedServer server(answering(reply(200)));
  const ClosedPort nobody;
  const auto yaml = [&](const char* list) {
    return fmt::format("{{proxy_url: 'http://127.0.0.1:{}', no_proxy: '{}'}}", nobody.port(), list);
  };
  // A loopback target never takes the proxy once there is a list; another one does unless it is listed.
  EXPECT_EQ(key_of(probe_http_once(yaml("example.test"), server.address()).failure), "up");
  EXPECT_EQ(key_of(probe_http_once(yaml("example.test"), "http://192.0.2.1/").failure), "connect/refused");
}

TEST(HttpProxy, from_the_environment) {
  ScriptedServer proxy(answering(reply(200)));
  setenv("http_proxy", ("http://" + proxy.address()).c_str(), 1);
  const Conversed used = probe_http_once("proxy_from_environment: true", "http://192.0.2.1/");
  const ClosedPort nobody;
  const Conversed ignored = probe_http_once("", fmt::format("http://127.0.0.1:{}", nobody.port()));
  unsetenv("http_proxy");
  EXPECT_EQ(key_of(used.failure), "up") << (used.failure ? used.failure->detail : "");
  EXPECT_EQ(key_of(ignored.failure), "connect/refused");
}

}  // namespace
}  // namespace lookout::test
