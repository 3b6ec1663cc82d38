// One call of gRPC's over a connection that somebody else made: one message there, one message back, over
// HTTP/2. A coroutine on the loop of the run. The only user of the HTTP/2 library; what it makes of frames is
// judged in grpc_status.h.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/grpc/grpc_status.h"
#include "probes/net/stream.h"

namespace lookout {

struct GrpcCall {
  std::string path;  // "/package.Service/Method"
  std::string scheme, authority;
  std::vector<std::pair<std::string, std::string>> metadata;  // names in lower case, values as on the wire
  std::string message;
};

// Enters Stage::request, and Stage::response when the request is written. The server is told the run's
// deadline.
// The ending's cause is
//   closed       the peer hung up before the response was complete
//   protocol     what came is neither HTTP/2 nor gRPC
//   limit        more header than kMaximumGrpcHead or more message than kMaximumGrpcMessage
// or what the stream reports, or what grpc_status.h makes of a response.
Task<GrpcEnding> call_grpc(ProbeRun& run, Stream& stream, GrpcCall call);

inline constexpr std::size_t kMaximumGrpcHead = 64 * 1024;
// Of all frames, also those that mean nothing to us.
inline constexpr std::size_t kMaximumGrpcBytes = 1024 * 1024;

}  // namespace lookout
