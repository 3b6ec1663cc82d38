// Servers that break HTTP/2 or gRPC, or send more than anybody wants: stage, cause and code of each.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/http2_peer.h"
#include "tests/support/patience.h"
#include "tests/support/probe_once.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;

struct Break {
  const char* name;
  std::string answer;
  void (Peer::*then)();
  const char* key;
  int code;
};

void PrintTo(const Break& row, std::ostream* out) { *out << row.name; }

class GrpcBreaks : public ::testing::TestWithParam<Break> {};

TEST_P(GrpcBreaks, are_told_by_stage_cause_and_code) {
  const Break& row = GetParam();
  ScriptedServer server([&row](Peer& peer) {
    read_http2_request(peer);
    peer.send(row.answer);
    (peer.*row.then)();
  });
  const ProbeResult result =
      probe_once(module_of("{prober: grpc, grpc: {}}"), Target{server.address(), {}}, milliseconds(1500));
  EXPECT_EQ(key_of(result.failure), row.key) << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(value_of(result.facts, "probe_grpc_status_code"), row.code);
  EXPECT_NE(fact_of(result.facts, "probe_grpc_duration_seconds", "phase=\"check\""), nullptr);
  EXPECT_LT(result.duration, seconds(5) * kPatience);
}

std::string head(std::uint8_t flags = 0, const std::string& more = {}) {
  return http2_frame(Http2::headers, kEndHeaders | flags, 1,
                     http2_field(":status", "200") + http2_field("content-type", "application/grpc") + more);
}
std::string body(std::string_view message, std::uint8_t flags = 0) {
  return http2_frame(Http2::data, flags, 1, message);
}
std::string trailers(const std::string& status) {
  return http2_frame(Http2::headers, kEndHeaders | kEndStream, 1, http2_field("grpc-status", status));
}
const std::string kServingMessage = grpc_message("\x08\x01");

std::string interim() { return http2_frame(Http2::headers, kEndHeaders, 1, http2_field(":status", "103")); }

std::string repeated(const std::string& frame, int times) {
  std::string frames;
  for (int i = 0; i < times; ++i) frames += frame;
  return frames;
}

std::string http_answer(const std::string& status) {
  return http2_greeting() +
         http2_frame(Http2::headers, kEndHeaders | kEndStream, 1, http2_field(":status", status));
}

INSTANTIATE_TEST_SUITE_P(
    of_connections, GrpcBreaks,
    ::testing::Values(
        Break{"closes_at_once", "", &Peer::close, "response/closed", 14},
        Break{"resets", "", &Peer::reset, "response/closed", 14},
        Break{"closes_after_its_greeting", http2_greeting(), &Peer::close, "response/closed", 14},
        Break{"is_silent", http2_greeting(), &Peer::stall, "response/timeout", 4},
        Break{"closes_within_the_message", http2_greeting() + head() + body(kServingMessage.substr(0, 1)),
              &Peer::close, "response/closed", 14},
        Break{"stops_before_the_trailers", http2_greeting() + head() + body(kServingMessage), &Peer::stall,
              "response/timeout", 4},
        Break{"closes_before_the_trailers", http2_greeting() + head() + body(kServingMessage), &Peer::close,
              "response/closed", 14},
        Break{"speaks_something_else", "220 mail.test ESMTP\r\n", &Peer::wait_for_close, "response/protocol",
              14},
        Break{"goes_away_before_the_call", http2_greeting() + http2_goaway(0, 0), &Peer::close,
              "response/refused", 14},
        Break{"goes_away_with_the_call_taken", http2_greeting() + http2_goaway(1, 0), &Peer::close,
              "response/closed", 14},
        Break{"goes_away_and_answers",
              http2_greeting() + http2_goaway(1, 0) + head() + body(kServingMessage) + trailers("0"),
              &Peer::close, "up", 0}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    of_streams, GrpcBreaks,
    ::testing::Values(
        Break{"refuses_the_stream", http2_greeting() + http2_reset(7), &Peer::wait_for_close,
              "response/refused", 14},
        Break{"cancels", http2_greeting() + http2_reset(8), &Peer::wait_for_close, "response/closed", 1},
        Break{"breaks_down", http2_greeting() + http2_reset(2), &Peer::wait_for_close, "response/protocol",
              13},
        Break{"wants_calm", http2_greeting() + http2_reset(11), &Peer::wait_for_close, "response/refused", 8},
        Break{"resets_within_the_message",
              http2_greeting() + head() + body(kServingMessage.substr(0, 1)) + http2_reset(2),
              &Peer::wait_for_close, "response/protocol", 13},
        // Allowed (RFC 9113 section 8.1): the answer is whole, and the rest of the request is not wanted.
        Break{"resets_after_the_answer",
              http2_greeting() + head() + body(kServingMessage) + trailers("0") + http2_reset(0),
              &Peer::close, "up", 0},
        Break{"answers_after_an_interim_head",
              http2_greeting() + interim() + head() + body(kServingMessage) + trailers("0"),
              &Peer::wait_for_close, "up", 0},
        Break{"answers_in_pieces",
              http2_greeting() + head() + body(kServingMessage.substr(0, 3)) + body("") +
                  body(kServingMessage.substr(3)) + trailers("0"),
              &Peer::wait_for_close, "up", 0}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    of_responses, GrpcBreaks,
    ::testing::Values(
        Break{"is_a_web_server",
              http2_greeting() +
                  http2_frame(Http2::headers, kEndHeaders, 1,
                              http2_field(":status", "200") + http2_field("content-type", "text/html")) +
                  body("<html></html>", kEndStream),
              &Peer::wait_for_close, "response/protocol", 2},
        Break{"is_a_proxy_without_backend", http_answer("503"), &Peer::wait_for_close, "response/status", 14},
        Break{"knows_no_such_page", http_answer("404"), &Peer::wait_for_close, "response/protocol", 12},
        Break{"wants_a_login", http_answer("401"), &Peer::wait_for_close, "response/refused", 16},
        Break{"ends_without_trailers", http2_greeting() + head() + body(kServingMessage, kEndStream),
              &Peer::wait_for_close, "response/protocol", 13},
        Break{"has_no_status",
              http2_greeting() + head() + body(kServingMessage) +
                  http2_frame(Http2::headers, kEndHeaders | kEndStream, 1, http2_field("x", "y")),
              &Peer::wait_for_close, "response/protocol", 2},
        Break{"has_nonsense_for_a_status",
              http2_greeting() + head() + body(kServingMessage) + trailers("fine"), &Peer::wait_for_close,
              "response/protocol", 13},
        Break{"says_that_all_is_well_and_nothing_else",
              http2_greeting() + head(kEndStream, http2_field("grpc-status", "0")), &Peer::wait_for_close,
              "response/protocol", 13},
        Break{"sends_two_messages",
              http2_greeting() + head() + body(kServingMessage + kServingMessage) + trailers("0"),
              &Peer::wait_for_close, "response/protocol", 13},
        Break{"sends_another_message", http2_greeting() + head() + body(grpc_message("\x0b")) + trailers("0"),
              &Peer::wait_for_close, "response/protocol", 13},
        Break{"has_no_permission_for_us",
              http2_greeting() + head(kEndStream, http2_field("grpc-status", "7")), &Peer::wait_for_close,
              "response/refused", 7},
        Break{"ran_out_of_time", http2_greeting() + head(kEndStream, http2_field("grpc-status", "4")),
              &Peer::wait_for_close, "response/timeout", 4},
        Break{"is_overloaded", http2_greeting() + head(kEndStream, http2_field("grpc-status", "8")),
              &Peer::wait_for_close, "response/status", 8}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    of_patience, GrpcBreaks,
    ::testing::Values(
        Break{"sends_an_endless_message",
              http2_greeting() + head() + repeated(body(std::string(16000, 'x')), 5), &Peer::wait_for_close,
              "response/limit", 8},
        Break{"sends_endless_interim_heads",
              http2_greeting() +
                  repeated(http2_frame(Http2::headers, kEndHeaders, 1,
                                       http2_field(":status", "103") +
                                           repeated(http2_field("name", std::string(100, 'x')), 100)),
                           8),
              &Peer::wait_for_close, "response/limit", 8},
        Break{"floods_with_pings",
              http2_greeting() + repeated(http2_frame(Http2::ping, 0, 0, "12345678"), 70000),
              &Peer::wait_for_close, "response/limit", 8},
        Break{"pushes",
              http2_greeting() + http2_frame(Http2::push, kEndHeaders, 1, std::string("\0\0\0\2", 4)),
              &Peer::wait_for_close, "response/protocol", 14},
        Break{"sends_a_frame_that_is_too_large",
              http2_greeting() + http2_frame(Http2::data, 0, 1, std::string(20000, 'x')),
              &Peer::wait_for_close, "response/protocol", 14},
        Break{"sends_data_before_the_head", http2_greeting() + body(kServingMessage, kEndStream),
              &Peer::wait_for_close, "response/protocol", 14},
        Break{"sends_broken_header_compression",
              http2_greeting() + http2_frame(Http2::headers, kEndHeaders, 1, "\xff\xff\xff\xff\xff\xff"),
              &Peer::wait_for_close, "response/protocol", 14}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lookout::test
