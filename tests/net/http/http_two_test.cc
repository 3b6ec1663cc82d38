// HTTP/2 over TLS, against a server written out in frames (RFC 9113), so that it can also misbehave in them.
#include <fmt/format.h>

#include "tests/net/http/http_fixture.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
enum FrameType : std::uint8_t { data = 0, headers = 1, rst_stream = 3, settings = 4, goaway = 7 };
constexpr std::uint8_t kEndStream = 1, kAcknowledged = 1, kEndHeaders = 4;

std::string frame(FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  std::string out;
  const auto add = [&out](std::uint32_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
      out += static_cast<char>((value >> shift) & 0xff);
  };
  add(static_cast<std::uint32_t>(payload.size()), 3);
  add(type, 1);
  add(flags, 1);
  add(stream, 4);
  return out.append(payload);
}

// A field without indexing and Huffman code (RFC 7541 section 6.2.2); names and values under 127 bytes.
std::string field(std::string_view name, std::string_view value) {
  std::string out(1, '\0');
  for (std::string_view text : {name, value}) out.append(1, static_cast<char>(text.size())).append(text);
  return out;
}

std::string field_block(std::string_view status, std::string_view body) {
  return field(":status", status) + field("content-length", std::to_string(body.size())) +
         field("x-own", "two");
}

// Reads frames until the request's HEADERS, and returns its field block.
std::string read_h2_request(Peer& peer) {
  peer.expect(kPreface);
  for (;;) {
    const std::string head = peer.read_exactly(9);
    const auto byte = [&head](std::size_t at) {
      return static_cast<std::size_t>(static_cast<unsigned char>(head[at]));
    };
    std::string payload;
    if (const std::size_t size = byte(0) << 16 | byte(1) << 8 | byte(2)) payload = peer.read_exactly(size);
    if (byte(3) == headers) return payload;
  }
}

std::string server_preface() { return frame(settings, 0, 0, "") + frame(settings, kAcknowledged, 0, ""); }

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
        asked = read_h2_request(peer);
        peer.send(server_preface() + frame(headers, kEndHeaders, 1, field_block("200", "hello")) +
                  frame(data, kEndStream, 1, "hello"));
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
        read_h2_request(peer);
        peer.send(server_preface() + frame(headers, kEndHeaders | kEndStream, 1, field(":status", "204")));
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
        read_h2_request(peer);
        peer.send(row.answer);
        (peer.*row.then)();
      },
      "", 700ms);
  EXPECT_EQ(key_of(result.failure), row.expected)
      << row.name << ": " << (result.failure ? result.failure->detail : "");
}

std::string begun() { return server_preface() + frame(headers, kEndHeaders, 1, field_block("200", "hello")); }

INSTANTIATE_TEST_SUITE_P(
    all, HttpTwoBreaks,
    testing::Values(
        Break{"silence", server_preface(), &Peer::stall, "request/timeout"},
        Break{"closes", server_preface(), &Peer::close, "request/closed"},
        Break{"no frames", "HTTP/1.1 400 Bad Request\r\n\r\n", &Peer::wait_for_close, "response/protocol"},
        Break{"refused stream", server_preface() + frame(rst_stream, 0, 1, std::string("\0\0\0\7", 4)),
              &Peer::wait_for_close, "response/protocol"},
        Break{"reset within the body",
              begun() + frame(data, 0, 1, "he") + frame(rst_stream, 0, 1, std::string("\0\0\0\2", 4)),
              &Peer::wait_for_close, "response/protocol"},
        Break{"stops within the body", begun() + frame(data, 0, 1, "he"), &Peer::stall, "response/timeout"},
        Break{"closes within the body", begun() + frame(data, 0, 1, "he"), &Peer::close, "response/closed"},
        Break{"unwell",
              server_preface() + frame(headers, kEndHeaders | kEndStream, 1, field(":status", "503")),
              &Peer::wait_for_close, "response/status"}),
    [](const auto& info) { return std::to_string(info.index); });

}  // namespace
}  // namespace lookout::test
