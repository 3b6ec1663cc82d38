// Compressed bodies on the wire: large ones, ones that decode to far more than they are, over all that HTTP
// runs on.
#include <random>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "tests/net/http/http_fixture.h"
#include "tests/support/http2_peer.h"
#include "tests/support/patience.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;

// Hardly to be compressed, so that it waits for decoding in pieces that the wire makes.
std::string noise(std::size_t size) {
  std::mt19937 random(1);
  std::string out(size, '\0');
  for (char& each : out) each = static_cast<char>(random());
  return out;
}

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// 16 MiB each, from 16 KiB.
std::string bomb(int members) { return repeated(gzipped(std::string(16 << 20, '\0')), members); }

TEST(HttpCompression, a_large_body_is_decoded_whole) {
  const std::string body = noise(6'000'000);
  ScriptedServer server(answering(reply(200, gzipped(body))));
  const Conversed result = probe_http_once("compression: gzip", server.address());
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"), body.size());
}

TEST(HttpCompression, a_large_body_is_decoded_whole_over_tls) {
  const std::string body = noise(6'000'000);
  TestCertificates certificates;
  const ServerTls tls = tls_with(certificates.untrusted());
  ScriptedServer::Options options;
  options.tls = &tls;
  ScriptedServer server(answering(reply(200, gzipped(body))), options);
  const Conversed result = probe_http_once("{compression: gzip, tls_config: {insecure_skip_verify: true}}",
                                           "https://" + server.address());
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"), body.size());
}

// What comes first takes long to decode, so that the transfer is paused while the rest of the frames arrives.
TEST(HttpCompression, a_transfer_of_http2_goes_on_after_it_was_paused) {
  constexpr int kMembers = 24;
  const std::string tail = noise(3'000'000);
  const std::string body = bomb(kMembers) + gzipped(tail);
  ASSERT_GT(bomb(kMembers).size(), 300U * 1024) << "more than may wait for decoding";
  TestCertificates certificates;
  const ServerTls tls = tls_with(certificates.untrusted(), {"h2"});
  ScriptedServer::Options options;
  options.tls = &tls;
  ScriptedServer server(
      [&body](Peer& peer) {
        read_http2_request(peer);
        std::string frames =
            http2_greeting() + http2_frame(Http2::headers, kEndHeaders, 1, http2_field(":status", "200"));
        constexpr std::size_t kFrame = 16 * 1024;
        for (std::size_t sent = 0; sent < body.size(); sent += kFrame) {
          const bool last = sent + kFrame >= body.size();
          frames +=
              http2_frame(Http2::data, last ? kEndStream : 0, 1, std::string_view(body).substr(sent, kFrame));
        }
        peer.send(frames);
        peer.wait_for_close();
      },
      options);
  const Conversed result = probe_http_once(
      "{compression: gzip, valid_http_versions: [HTTP/2.0], tls_config: {insecure_skip_verify: true}}",
      "https://" + server.address(), 30s);
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"),
            kMembers * (16 << 20) + tail.size());
}

TEST(HttpCompression, what_expands_without_end_is_cut_by_the_deadline) {
  ScriptedServer server(answering(reply(200, bomb(400))));
  const Conversed result = probe_http_once("compression: gzip", server.address(), 300ms);
  EXPECT_EQ(key_of(result.failure), "response/timeout") << (result.failure ? result.failure->detail : "");
  EXPECT_LT(result.duration, 700ms * kPatience);
  EXPECT_GT(value_of(result.facts, "probe_http_uncompressed_body_length"), 0);
}

TEST(HttpCompression, what_expands_beyond_the_limit_fails_by_it) {
  ScriptedServer server(answering(reply(200, bomb(10))));
  const Conversed result = probe_http_once("{compression: gzip, body_size_limit: 10MB}", server.address());
  EXPECT_EQ(key_of(result.failure), "response/limit");
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"), 10 * 1024 * 1024);
}

TEST(HttpCompression, what_is_kept_for_patterns_has_a_limit_of_its_own) {
  ScriptedServer server(answering(reply(200, bomb(5))));
  const Conversed result =
      probe_http_once("{compression: gzip, fail_if_body_matches_regexp: [x]}", server.address());
  EXPECT_EQ(key_of(result.failure), "response/limit");
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"), 64 * 1024 * 1024);
}

TEST(HttpCompression, what_is_kept_for_patterns_may_be_more_where_that_is_said) {
  ScriptedServer server(answering(reply(200, bomb(5))));
  const Conversed result = probe_http_once(
      "{compression: gzip, body_size_limit: 100MB, fail_if_body_matches_regexp: [x]}", server.address(), 30s);
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(value_of(result.facts, "probe_http_uncompressed_body_length"), 80 * 1024 * 1024);
}

// Of what the loop does meanwhile, a timer stands for the rest: it may wait for a slice, never for the body.
TEST(HttpCompression, does_not_hold_its_loop) {
  ScriptedServer server(answering(reply(200, bomb(8))));
  const HttpConfig config = http_config("compression: gzip");
  const Target target{"http://" + server.address(), ""};
  int ticks = 0;
  const auto tick = [](int& count) -> Task<> {
    for (Timer timer(co_await asio::this_coro::executor);; ++count) {
      timer.expires_after(1ms);
      co_await timer.async_wait(use_task);
    }
  };
  const Conversed result = converse_until(10s, [&](ProbeRun& run) {
    asio::co_spawn(run.services.loop(), tick(ticks), asio::detached);
    return probe_http(config, target, run);
  });
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(result.duration).count();
  EXPECT_GT(ticks, milliseconds / 10);
}

}  // namespace
}  // namespace lookout::test
