// https over HTTP/1: certificates, the facts about them, and connections that break under TLS.
#include <fmt/format.h>

#include "tests/net/http/http_fixture.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;

// An https server and the probe of it, by name.
class HttpTls : public testing::Test {
 protected:
  Conversed probe(ServerTls tls, ScriptedServer::Script script, const std::string& yaml = {},
                  Duration timeout = 5s) {
    ScriptedServer::Options options;
    options.tls = &tls;
    ScriptedServer server(std::move(script), options);
    return probe_http_once(yaml.empty() ? trusting() : yaml,
                           fmt::format("https://localhost:{}/", server.port()), timeout);
  }
  std::string trusting(std::string_view more = {}) {
    return fmt::format("{{preferred_ip_protocol: ip4, tls_config: {{ca_file: {}{}}}}}",
                       certificates_.authority_file(), more);
  }

  TestCertificates certificates_;
};

TEST_F(HttpTls, HTTP_100_answer_over_tls_states_the_certificate) {
  const Conversed result = probe(tls_with(certificates_.good()), answering(reply(200, "hello")));
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(names_of(result.stages), "resolve connect tls request response match");
  EXPECT_EQ(value_of(result.facts, "probe_http_ssl"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"), 5);
  EXPECT_GT(value_of(result.facts, "probe_ssl_earliest_cert_expiry"), 1e9);
  EXPECT_GT(value_of(result.facts, "probe_ssl_last_chain_expiry_timestamp_seconds"), 1e9);
  EXPECT_EQ(value_of(result.facts, "probe_ssl_last_chain_info"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_tls_version_info", "TLS 1.3"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_tls_cipher_info", "TLS_AES_"), 1);
  for (const char* phase : {"connect", "tls", "processing", "transfer"}) {
    EXPECT_GT(value_of(result.facts, "probe_http_duration_seconds", phase), 0) << phase;
  }
}

// Unlike blackbox_exporter, so that an alert about expiry does not fall silent when the day has come.
TEST_F(HttpTls, HTTP_097_OBS_025_a_refused_certificate_is_told) {
  const Conversed result = probe(tls_with(certificates_.untrusted()), answering(reply(200)));
  EXPECT_EQ(key_of(result.failure), "tls/certificate_untrusted");
  EXPECT_EQ(value_of(result.facts, "probe_http_ssl"), 0);
  EXPECT_GT(value_of(result.facts, "probe_ssl_earliest_cert_expiry"), 1e9);
  EXPECT_EQ(value_of(result.facts, "probe_ssl_last_chain_info", "CN=localhost"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_tls_version_info", "TLS 1.3"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_tls_cipher_info", "TLS_AES_"), 1);
  EXPECT_EQ(fact_of(result.facts, "probe_ssl_last_chain_expiry_timestamp_seconds"), nullptr);
  EXPECT_EQ(value_of(result.facts, "probe_http_duration_seconds", "connect"), 0);
  EXPECT_EQ(value_of(result.facts, "probe_http_duration_seconds", "tls"), 0);
}

TEST_F(HttpTls, certificate_failures) {
  EXPECT_EQ(key_of(probe(tls_with(certificates_.expired()), answering(reply(200))).failure),
            "tls/certificate_expired");
  EXPECT_EQ(key_of(probe(tls_with(certificates_.wrong_name()), answering(reply(200))).failure),
            "tls/certificate_name");
}

TEST_F(HttpTls, HTTP_098_OBS_024_verification_can_be_switched_off) {
  const Conversed result = probe(tls_with(certificates_.untrusted()), answering(reply(200)),
                                 "{preferred_ip_protocol: ip4, tls_config: {insecure_skip_verify: true}}");
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_http_ssl"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_ssl_last_chain_expiry_timestamp_seconds"), -62135596800.0);
}

TEST_F(HttpTls, OBS_033_host_header_names_the_certificate_whatever_its_port) {
  const std::string yaml = fmt::format(
      "{{preferred_ip_protocol: ip4, headers: {{Host: 'example.test:444'}}, tls_config: {{ca_file: {}}}}}",
      certificates_.authority_file());
  EXPECT_EQ(key_of(probe(tls_with(certificates_.good()), answering(reply(200)), yaml).failure), "up");
  EXPECT_EQ(key_of(probe(tls_with(certificates_.good()), answering(reply(200)),
                         trusting(", server_name: else.test"))
                       .failure),
            "tls/certificate_name");
}

TEST_F(HttpTls, unwanted_tls) {
  const std::string yaml =
      fmt::format("{{preferred_ip_protocol: ip4, fail_if_ssl: true, tls_config: {{ca_file: {}}}}}",
                  certificates_.authority_file());
  EXPECT_EQ(key_of(probe(tls_with(certificates_.good()), answering(reply(200)), yaml).failure),
            "match/mismatch");
}

TEST_F(HttpTls, plain_server_on_the_port) {
  ScriptedServer server([](Peer& peer) {
    peer.read_some();
    peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    peer.close();
  });
  EXPECT_EQ(key_of(probe_http_once(trusting(), fmt::format("https://localhost:{}/", server.port())).failure),
            "tls/protocol");
}

TEST_F(HttpTls, handshake_that_stalls) {
  ScriptedServer server([](Peer& peer) { peer.stall(); });
  const Conversed result =
      probe_http_once(trusting(), fmt::format("https://localhost:{}/", server.port()), 300ms);
  EXPECT_EQ(key_of(result.failure), "tls/timeout");
  EXPECT_EQ(value_of(result.facts, "probe_http_duration_seconds", "connect"), 0);
}

TEST_F(HttpTls, breaks_under_tls_are_told_as_without) {
  const auto after_request = [](std::string data, void (Peer::*then)()) {
    return [data = std::move(data), then](Peer& peer) {
      peer.read_request();
      if (!data.empty()) peer.send(data);
      (peer.*then)();
    };
  };
  const auto key_after = [&](std::string data, void (Peer::*then)()) {
    return key_of(
        probe(tls_with(certificates_.good()), after_request(std::move(data), then), "", 1s).failure);
  };
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort";
  EXPECT_EQ(key_after("", &Peer::stall), "request/timeout");
  EXPECT_EQ(key_after("", &Peer::close), "request/closed");
  EXPECT_EQ(key_after("", &Peer::reset), "request/closed");
  EXPECT_EQ(key_after("", &Peer::cut), "request/closed");
  EXPECT_EQ(key_after(head, &Peer::stall), "response/timeout");
  EXPECT_EQ(key_after(head, &Peer::close), "response/closed");
  EXPECT_EQ(key_after(head, &Peer::cut), "response/closed");
  EXPECT_EQ(key_after("garbage garbage garbage\r\n\r\n", &Peer::close), "response/protocol");
}

TEST_F(HttpTls, end_of_connection_counts_as_end_of_body_only_if_tls_vouches_for_it) {
  const auto serve = [](void (Peer::*end)()) {
    return [end](Peer& peer) {
      peer.read_request();
      peer.send("HTTP/1.0 200 OK\r\n\r\nhello");
      (peer.*end)();
    };
  };
  EXPECT_EQ(key_of(probe(tls_with(certificates_.good()), serve(&Peer::close)).failure), "up");
  EXPECT_EQ(key_of(probe(tls_with(certificates_.good()), serve(&Peer::cut)).failure), "response/closed");
}

TEST_F(HttpTls, bodies_of_megabytes_both_ways) {
  const ServerTls tls = tls_with(certificates_.good());
  ScriptedServer::Options options;
  options.tls = &tls;
  HttpConfig config = http_config(trusting());
  config.method = "POST";
  config.body.assign(3'000'000, 'y');
  config.fail_if_body_not_matches_regexp =
      http_config("fail_if_body_not_matches_regexp: ['^y+the end$']").fail_if_body_not_matches_regexp;
  std::string received;
  ScriptedServer server(
      [&](Peer& peer) {
        received = peer.read_request();
        peer.send(reply(200, config.body + "the end"));
        peer.close();
      },
      options);
  const Conversed result = probe_http_once(config, fmt::format("https://localhost:{}/", server.port()));
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_TRUE(server.wait_idle());
  EXPECT_TRUE(received.ends_with(config.body));
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"), 3'000'007);
}

TEST_F(HttpTls, HTTP_101_redirect_from_plain_to_tls) {
  ServerTls tls = tls_with(certificates_.good());
  ScriptedServer::Options options;
  options.tls = &tls;
  ScriptedServer secure(answering(reply(200, "secure")), options);
  ScriptedServer plain(
      answering(reply(301, "", fmt::format("Location: https://localhost:{}/\r\n", secure.port()))));
  const Conversed result = probe_http_once(trusting(), plain.address());
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(value_of(result.facts, "probe_http_ssl"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_http_redirects"), 1);
}

TEST_F(HttpTls, redirect_from_tls_to_plain_states_no_certificate) {
  ScriptedServer plain(answering(reply(200, "plain")));
  const Conversed result =
      probe(tls_with(certificates_.good()),
            answering(reply(301, "", fmt::format("Location: http://{}/\r\n", plain.address()))));
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_http_ssl"), 0);
  EXPECT_EQ(fact_of(result.facts, "probe_ssl_earliest_cert_expiry"), nullptr);
  EXPECT_GT(value_of(result.facts, "probe_http_duration_seconds", "tls"), 0);
}

}  // namespace
}  // namespace lookout::test
