// Proxies that are spoken to in TLS, and the forms that a proxy's URL may have.
#include <fmt/format.h>

#include "tests/net/http/http_fixture.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class HttpSecureProxy : public testing::Test {
 protected:
  ScriptedServer::Options in_tls(const ServerTls& tls) {
    ScriptedServer::Options options;
    options.tls = &tls;
    return options;
  }
  std::string yaml(const ScriptedServer& proxy, std::string_view more = {}) {
    return fmt::format(
        "{{proxy_url: 'https://user:pass@localhost:{}', preferred_ip_protocol: ip4, "
        "skip_resolve_phase_with_proxy: true, tls_config: {{ca_file: {}{}}}}}",
        proxy.port(), certificates_.authority_file(), more);
  }
  TestCertificates certificates_;
};

TEST_F(HttpSecureProxy, carries_plain_requests) {
  const ServerTls tls = tls_with(certificates_.good());
  Sequence proxy({reply(200, "through")}, in_tls(tls));
  const Conversed result = probe_http_once(yaml(proxy.server()), "http://far.test/path");
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_THAT(proxy.request(0), AllOf(HasSubstr("GET http://far.test/path HTTP/1.1\r\n"),
                                      HasSubstr("Proxy-Authorization: Basic dXNlcjpwYXNz\r\n")));
  // The target's own response did not come over TLS.
  EXPECT_EQ(value_of(result.facts, "probe_http_ssl"), 0);
  EXPECT_EQ(fact_of(result.facts, "probe_tls_version_info"), nullptr);
  EXPECT_EQ(value_of(result.facts, "probe_http_duration_seconds", "phase=\"tls\""), 0);
  EXPECT_GT(value_of(result.facts, "probe_http_duration_seconds", "phase=\"connect\""), 0);
}

TEST_F(HttpSecureProxy, carries_tls_within_tls) {
  const ServerTls outer = tls_with(certificates_.good());
  CertificateRequest far;
  far.common_name = "far.test";
  far.dns_names = {"far.test"};
  const ServerTls inner = tls_with(certificates_.make(far));
  std::string asked, sni;
  ScriptedServer proxy(
      [&](Peer& peer) {
        asked = peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
        peer.start_tls(inner);
        sni = peer.server_name();
        peer.read_request();
        peer.send(reply(200, std::string(200'000, 'x')));
        peer.close();
      },
      in_tls(outer));
  const Conversed result = probe_http_once(yaml(proxy), "https://far.test:8443/");
  EXPECT_EQ(key_of(result.failure), "up")
      << (result.failure ? result.failure->detail : "") << proxy.trouble();
  EXPECT_TRUE(proxy.wait_idle());
  EXPECT_THAT(asked, AllOf(HasSubstr("CONNECT far.test:8443 HTTP/1.1\r\n"),
                           HasSubstr("Proxy-Authorization: Basic dXNlcjpwYXNz\r\n")));
  EXPECT_EQ(sni, "far.test");
  EXPECT_EQ(value_of(result.facts, "probe_http_ssl"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"), 200'000);
  EXPECT_THAT(fact_of(result.facts, "probe_ssl_last_chain_info")->labels, HasSubstr("far.test"));
  EXPECT_GT(value_of(result.facts, "probe_http_duration_seconds", "phase=\"tls\""), 0);
}

TEST_F(HttpSecureProxy, breaks_within_tls_within_tls) {
  const ServerTls outer = tls_with(certificates_.good());
  const ServerTls inner = tls_with(certificates_.good());
  const auto key_after = [&](void (Peer::*then)()) {
    ScriptedServer proxy(
        [&](Peer& peer) {
          peer.read_until("\r\n\r\n");
          peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
          peer.start_tls(inner);
          peer.read_request();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort");
          (peer.*then)();
        },
        in_tls(outer));
    return key_of(probe_http_once(yaml(proxy), "https://example.test/", 1s).failure);
  };
  EXPECT_EQ(key_after(&Peer::close), "response/closed");
  EXPECT_EQ(key_after(&Peer::cut), "response/closed");
  EXPECT_EQ(key_after(&Peer::stall), "response/timeout");
}

TEST_F(HttpSecureProxy, is_verified_by_its_own_name) {
  const ServerTls tls = tls_with(certificates_.good());
  Sequence proxy({reply(200)}, in_tls(tls));
  // server_name is the target's.
  EXPECT_EQ(
      key_of(probe_http_once(yaml(proxy.server(), ", server_name: far.test"), "http://far.test/").failure),
      "up");
  const ServerTls wrong = tls_with(certificates_.wrong_name());
  Sequence other({reply(200)}, in_tls(wrong));
  const Conversed result = probe_http_once(yaml(other.server()), "http://far.test/");
  EXPECT_EQ(key_of(result.failure), "tls/certificate_name");
  EXPECT_THAT(result.failure->detail, testing::StartsWith("proxy: "));
}

TEST(HttpProxyForms, of_the_environment) {
  Sequence proxy({reply(200)});
  for (const std::string& form :
       {proxy.server().address(), "http://" + proxy.server().address(),
        "HTTP://u:p@" + proxy.server().address() + "/", "other://" + proxy.server().address()}) {
    setenv("HTTP_PROXY", form.c_str(), 1);
    EXPECT_EQ(key_of(probe_http_once("proxy_from_environment: true", "http://192.0.2.1/").failure), "up")
        << form;
  }
  setenv("HTTP_PROXY", "http://[", 1);
  const Conversed broken = probe_http_once("proxy_from_environment: true", "http://192.0.2.1/");
  EXPECT_EQ(key_of(broken.failure), "resolve/internal");
  EXPECT_EQ(broken.failure->detail, "the proxy's URL is none");
  unsetenv("HTTP_PROXY");
  EXPECT_THAT(proxy.request(2), HasSubstr("Proxy-Authorization: Basic dTpw\r\n"));
}

TEST(HttpProxyForms, NO_PROXY_of_the_environment) {
  const ClosedPort nobody;
  setenv("HTTPS_PROXY", fmt::format("127.0.0.1:{}", nobody.port()).c_str(), 1);
  setenv("NO_PROXY", "10.0.0.0/8", 1);
  EXPECT_EQ(key_of(probe_http_once("proxy_from_environment: true", "https://192.0.2.1/").failure),
            "connect/refused");
  setenv("NO_PROXY", "192.0.2.0/24", 1);
  const Conversed direct = probe_http_once("proxy_from_environment: true", "https://192.0.2.1/", 200ms);
  EXPECT_TRUE(!direct.failure || direct.failure->detail.find("proxy") == std::string::npos);
  unsetenv("HTTPS_PROXY");
  unsetenv("NO_PROXY");
}

TEST(HttpProxyForms, refusal_is_told_as_the_proxys) {
  const ClosedPort nobody;
  const Conversed result = probe_http_once(
      fmt::format("{{proxy_url: 'http://127.0.0.1:{}', skip_resolve_phase_with_proxy: true}}", nobody.port()),
      "http://far.test/");
  EXPECT_EQ(key_of(result.failure), "connect/refused");
  EXPECT_EQ(result.failure->detail, "proxy: 127.0.0.1 refused the connection");
}

}  // namespace
}  // namespace lookout::test
