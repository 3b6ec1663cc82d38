// HTTP/2 written out in frames (RFC 9113), for servers of tests that must be able to misbehave in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/scripted_server.h"

namespace lookout::test {

enum class Http2 : std::uint8_t {
  data = 0,
  headers = 1,
  rst_stream = 3,
  settings = 4,
  push = 5,
  ping = 6,
  goaway = 7
};
inline constexpr std::uint8_t kEndStream = 1, kAcknowledged = 1, kEndHeaders = 4;

std::string http2_frame(Http2 type, std::uint8_t flags, std::uint32_t stream, std::string_view payload);
// A field without indexing and Huffman code (RFC 7541 section 6.2.2); names and values under 127 bytes.
std::string http2_field(std::string_view name, std::string_view value);
// A server's settings, and its word that it has seen the client's.
std::string http2_greeting();
std::string http2_reset(std::uint32_t code);
std::string http2_goaway(std::uint32_t last_stream, std::uint32_t code);

struct Http2Request {
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::string head_frame;  // the fields as they came

  // All values of a field, joined by '|'.
  std::string all(std::string_view name) const;
};
// Reads a client's preface and frames, up to the end of the first request; of one with a body, too.
Http2Request read_http2_request(Peer& peer);

// A response of gRPC's. Empty trailers: none, and the body (or, without one, the head) is the end.
struct GrpcReply {
  std::string message = {};  // framed as gRPC has it
  std::vector<std::pair<std::string, std::string>> trailers = {{"grpc-status", "0"}};
  std::vector<std::pair<std::string, std::string>> head = {{":status", "200"},
                                                           {"content-type", "application/grpc"}};
};
// The frames of it, with the greeting before them.
std::string grpc_response(const GrpcReply& reply);
// A message with its prefix.
std::string grpc_message(std::string_view message);
// The health response with this serving status.
GrpcReply health(int serving_status);

}  // namespace lookout::test
