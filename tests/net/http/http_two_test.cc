// HTTP/2 over TLS, against a server written out in frames (RFC 9113), so that it can also misbehave in them.
#include <fmt/format.h>

#include "tests/net/http/http_fixture.h"
#include "tests/support/http2_peer.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;

std::string field_block(std::string_view status, std::string_view body) {
  return http2_field(":status", status) + http2_field("content-length", std::to_string(body.size())) +
         http2_field("x-own", "two");
}

class HttpTwo : public testing::Test {
 protected:
  Conversed probe(ScriptedServer::Script script, std::string_view more = {}, Duration timeout = 5s) {
    ServerTls tls = tls_with(certificates_.good(), {"h2", "http/1.1"});
    ScriptedServer::Options options;
    options.tls = &tls;
    ScriptedServer server(std::move(script), options);
    const std::string yaml = fmt::format("{{preferred_ip_protocol: ip4, tls_config: {{ca_file: {}}}{}}}",
                                         certificates_.authority_file(), more);
    return probe_http_once(yaml, fmt::format("https://localhost:{}/path", server.port()), timeout);
  }

  TestCertificates certificates_;
};

TEST_F(HttpTwo, is_spoken_when_the_handshake_chose_it) {
  std::string asked;
  const Conversed result = probe(
      [&asked](Peer& peer) {
        asked = read_http2_request(peer).head_frame;
        peer.send(http2_greeting() +
                  http2_frame(Http2::headers, kEndHeaders, 1, field_block("200", "hello")) +
                  http2_frame(Http2::data, kEndStream, 1, "hello"));
        peer.wait_for_close();
      },
      ", valid_http_versions: [HTTP/2.0], fail_if_header_not_matches: [{header: X-Own, regexp: '^two$'}], "
      "fail_if_body_not_matches_regexp: ['^hello$']");
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(value_of(result.facts, "probe_http_version"), 2);
  EXPECT_EQ(value_of(result.facts, "probe_http_content_length"), 5);
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"), 5);
  // Entries 2 and 7 of the static table (RFC 7541 appendix A): `:method: GET` and `:scheme: https`; 6 would
  // be http.
  EXPECT_NE(asked.find('\x82'), std::string::npos);
  EXPECT_NE(asked.find('\x87'), std::string::npos);
  EXPECT_EQ(asked.find('\x86'), std::string::npos);
}

TEST_F(HttpTwo, is_not_spoken_when_switched_off) {
  const Conversed result = probe(answering(reply(200)), ", enable_http2: false");
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_http_version"), 1.1);
}

TEST_F(HttpTwo, post_with_body) {
  const Conversed result = probe(
      [](Peer& peer) {
        read_http2_request(peer);
        peer.send(http2_greeting() +
                  http2_frame(Http2::headers, kEndHeaders | kEndStream, 1, http2_field(":status", "204")));
        peer.wait_for_close();
      },
      ", method: POST, body: text, headers: {Connection: keep-alive, X-Upper: y}");
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
}

struct Break {
  const char* name;
  std::string answer;
  void (Peer::*then)();
  const char* expected;
};
class HttpTwoBreaks : public HttpTwo, public testing::WithParamInterface<Break> {};

TEST_P(HttpTwoBreaks, are_told_by_stage_and_cause) {
  const Break& row = GetParam();
  const Conversed result = probe(
      [&row](Peer& peer) {
        read_http2_request(peer);
        peer.send(row.answer);
        (peer.*row.then)();
      },
      "", 700ms);
  EXPECT_EQ(key_of(result.failure), row.expected)
      << row.name << ": " << (result.failure ? result.failure->detail : "");
}

std::string begun() {
  return http2_greeting() + http2_frame(Http2::headers, kEndHeaders, 1, field_block("200", "hello"));
}

INSTANTIATE_TEST_SUITE_P(
    all, HttpTwoBreaks,
    testing::Values(
        Break{"silence", http2_greeting(), &Peer::stall, "request/timeout"},
        Break{"closes", http2_greeting(), &Peer::close, "request/closed"},
        Break{"no frames", "HTTP/1.1 400 Bad Request\r\n\r\n", &Peer::wait_for_close, "response/protocol"},
        Break{"refused stream", http2_greeting() + http2_reset(7), &Peer::wait_for_close,
              "response/protocol"},
        Break{"reset within the body", begun() + http2_frame(Http2::data, 0, 1, "he") + http2_reset(2),
              &Peer::wait_for_close, "response/protocol"},
        Break{"stops within the body", begun() + http2_frame(Http2::data, 0, 1, "he"), &Peer::stall,
              "response/timeout"},
        Break{"closes within the body", begun() + http2_frame(Http2::data, 0, 1, "he"), &Peer::close,
              "response/closed"},
        Break{"unwell",
              http2_greeting() +
                  http2_frame(Http2::headers, kEndHeaders | kEndStream, 1, http2_field(":status", "503")),
              &Peer::wait_for_close, "response/status"}),
    [](const auto& info) { return std::to_string(info.index); });

}  // namespace
}  // namespace lookout::test
