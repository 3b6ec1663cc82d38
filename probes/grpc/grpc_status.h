// How a call ended, in gRPC's numbers: read off a response, or off what HTTP/2 said instead of one. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "probes/core/failure.h"

namespace lookout {

enum class GrpcCode : std::uint32_t {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  deadline_exceeded = 4,
  not_found = 5,
  permission_denied = 7,
  resource_exhausted = 8,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  unauthenticated = 16,
};

// What arrived of a response, as far as gRPC looks at it.
struct GrpcResponse {
  int http_status = 0;  // 0: no head yet
  std::string content_type;
  std::optional<std::string> status;  // grpc-status, of the trailers or of a head without a body
  std::string message;                // grpc-message, as it came
  std::string body;
  bool trailers = false;  // a second head came, or the first was the last
  bool ended = false;
};

// The end of a call, whether or not a response came.
struct GrpcEnding {
  GrpcCode code = GrpcCode::ok;
  Cause cause = Cause::internal;  // unless the code is ok
  std::string detail;             // likewise; for people
  std::string message;            // the one message of a response that is ok
};

inline constexpr std::size_t kMaximumGrpcMessage = 64 * 1024;

// Length before each message, uncompressed.
std::string grpc_frame(std::string_view message);

// Of a response that ended.
GrpcEnding judge_response(const GrpcResponse& response);
// Of a stream that was reset with this code of HTTP/2's before it ended; `name` is the code's.
GrpcEnding judge_reset(std::uint32_t http2_code, std::string_view name);

}  // namespace lookout
