// blackbox_exporter's cases of targets, versions and phases (section 8.6 of the behaviour specification).
#include <set>

#include "tests/net/http/http_fixture.h"

namespace lookout::test {
namespace {

class HttpTarget : public testing::Test {
 protected:
  std::string key_at(const std::string& scheme) {
    ScriptedServer server(answering(reply(200)));
    return key_of(probe_http_once("", scheme + server.address()).failure);
  }
  std::string secure_key_at(const std::string& scheme) {
    const ServerTls tls = tls_with(certificates_.untrusted());
    ScriptedServer::Options options;
    options.tls = &tls;
    ScriptedServer server(answering(reply(200)), options);
    return key_of(
        probe_http_once("tls_config: {insecure_skip_verify: true}", scheme + server.address()).failure);
  }
  TestCertificates certificates_;
};

TEST_F(HttpTarget, HTTP_112_http) { EXPECT_EQ(key_at("http://"), "up"); }
TEST_F(HttpTarget, HTTP_113_https) { EXPECT_EQ(secure_key_at("https://"), "up"); }
TEST_F(HttpTarget, HTTP_114_upper_case) { EXPECT_EQ(key_at("HTTP://"), "up"); }
TEST_F(HttpTarget, HTTP_115_mixed_case) { EXPECT_EQ(secure_key_at("HtTpS://"), "up"); }
TEST_F(HttpTarget, HTTP_116_no_scheme) { EXPECT_EQ(key_at(""), "up"); }
TEST_F(HttpTarget, HTTP_117_another_scheme) { EXPECT_NE(key_at("invalid://"), "up"); }

TEST_F(HttpTarget, that_cannot_be_connected_to_is_resolved_all_the_same) {
  const Conversed port = probe_http_once("preferred_ip_protocol: ip4", "http://127.0.0.1:70000/");
  EXPECT_EQ(port.failure->cause, Cause::internal);
  EXPECT_EQ(value_of(port.facts, "probe_ip_protocol"), 4);
  EXPECT_EQ(value_of(port.facts, "probe_http_duration_seconds", "phase=\"connect\""), 0);
  const Conversed host = probe_http_once("", "http:///path");
  EXPECT_EQ(host.failure->cause, Cause::internal);
  EXPECT_EQ(value_of(host.facts, "probe_ip_protocol"), 0);
}

// A configuration cannot say it, a prober can.
TEST_F(HttpTarget, HTTP_014_one_of_three_versions) {
  ScriptedServer server(answering(reply(200)));
  HttpConfig config;
  config.valid_http_versions = {"HTTP/1.1", "HTTP/2.0", "HTTP/3.0"};
  EXPECT_EQ(key_of(probe_http_once(config, server.address()).failure), "up");
}

TEST_F(HttpTarget, HTTP_016_another_version) {
  ScriptedServer server(answering(reply(200)));
  HttpConfig config;
  config.valid_http_versions = {"HTTP/3.0"};
  EXPECT_EQ(key_of(probe_http_once(config, server.address()).failure), "response/protocol");
}

TEST_F(HttpTarget, HTTP_044_not_over_tls_is_told) {
  ScriptedServer server(answering(reply(200)));
  const Conversed result = probe_http_once("fail_if_not_ssl: true", server.address());
  ASSERT_EQ(key_of(result.failure), "match/mismatch");
  EXPECT_EQ(result.failure->detail, "the final response did not come over TLS");
}

TEST_F(HttpTarget, HTTP_099_tls_config_of_a_plain_target) {
  ScriptedServer server(answering(reply(200)));
  const Conversed result = probe_http_once("tls_config: {insecure_skip_verify: true}", server.address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_http_ssl"), 0);
}

TEST_F(HttpTarget, HTTP_102_phases_of_tls) {
  const ServerTls tls = tls_with(certificates_.untrusted());
  ScriptedServer::Options options;
  options.tls = &tls;
  ScriptedServer server(answering(reply(200)), options);
  const Conversed result =
      probe_http_once("tls_config: {insecure_skip_verify: true}", "https://" + server.address());
  EXPECT_EQ(key_of(result.failure), "up");
  std::multiset<std::string> phases;
  for (const Fact& fact : result.facts) {
    if (fact.family->metric == "probe_http_duration_seconds") phases.insert(fact.labels);
  }
  EXPECT_THAT(phases, testing::ElementsAre("phase=\"connect\"", "phase=\"processing\"", "phase=\"resolve\"",
                                           "phase=\"tls\"", "phase=\"transfer\""));
}

// A port whose connecting is refused stands for the proxy, which need not exist.
Conversed with_proxy(const std::string& yaml, bool in_environment) {
  const ClosedPort proxy;
  const std::string url = "http://127.0.0.1:" + std::to_string(proxy.port());
  if (in_environment) setenv("HTTP_PROXY", url.c_str(), 1);
  const Conversed result = probe_http_once(in_environment ? "{proxy_from_environment: true, " + yaml + "}"
                                                          : "{proxy_url: '" + url + "', " + yaml + "}",
                                           "http://192.0.2.1/");
  unsetenv("HTTP_PROXY");
  return result;
}

bool has_phase(const Conversed& result, const std::string& phase) {
  return fact_of(result.facts, "probe_http_duration_seconds", "phase=\"" + phase + "\"") != nullptr;
}

void expect_other_phases(const Conversed& result) {
  for (const char* phase : {"connect", "processing", "tls", "transfer"})
    EXPECT_TRUE(has_phase(result, phase)) << phase;
}

TEST(HttpResolvePhase, HTTP_104_without_a_proxy_although_it_may_be_skipped) {
  ScriptedServer server(answering(reply(200)));
  const Conversed result = probe_http_once("skip_resolve_phase_with_proxy: true", server.address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_TRUE(has_phase(result, "resolve"));
  expect_other_phases(result);
}

TEST(HttpResolvePhase, HTTP_105_without_a_proxy) {
  ScriptedServer server(answering(reply(200)));
  const Conversed result = probe_http_once("skip_resolve_phase_with_proxy: false", server.address());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_TRUE(has_phase(result, "resolve"));
  expect_other_phases(result);
}

TEST(HttpResolvePhase, HTTP_106_with_a_proxy) {
  const Conversed result = with_proxy("skip_resolve_phase_with_proxy: false", false);
  EXPECT_TRUE(has_phase(result, "resolve"));
  expect_other_phases(result);
}

TEST(HttpResolvePhase, HTTP_107_skipped_with_a_proxy) {
  const Conversed result = with_proxy("skip_resolve_phase_with_proxy: true", false);
  EXPECT_FALSE(has_phase(result, "resolve"));
  expect_other_phases(result);
}

TEST(HttpResolvePhase, HTTP_108_with_a_proxy_of_the_environment) {
  const Conversed result = with_proxy("skip_resolve_phase_with_proxy: false", true);
  EXPECT_TRUE(has_phase(result, "resolve"));
  expect_other_phases(result);
}

TEST(HttpResolvePhase, HTTP_109_skipped_with_a_proxy_of_the_environment) {
  const Conversed result = with_proxy("skip_resolve_phase_with_proxy: true", true);
  EXPECT_FALSE(has_phase(result, "resolve"));
  expect_other_phases(result);
}

}  // namespace
}  // namespace lookout::test
