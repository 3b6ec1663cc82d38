// HTTP/1 and HTTP/2 over a connection that somebody else made: one request, one response, on one event loop.
//
// Who does what, and why. Names are resolved, addresses dialled and TLS handshakes done by the rest of
// probes/net; only the protocol itself is left to libcurl, which gets the finished connection and never opens
// one of its own:
//  * the times of resolving, connecting and the handshake are exact, and a failure in one of them is
//  classified once, the
//    same for every kind (libcurl reports a stalled handshake as a connect time-out and leaves its times at
//    0);
//  * libcurl creates an SSL_CTX for each connection, 0.25 ms of processor time; ours is shared by all probes
//  of a module.
// For plain HTTP over TCP, libcurl works on the descriptor itself. For TLS and for local sockets it gets one
// end of a local socket pair and believes that it speaks plain HTTP; a pump copies between the other end and
// the stream (http_pump.h). HTTP/2 is used if and only if the handshake chose it; the scheme is then
// corrected to https by a header of that name.
//
// Deliberately not here: HTTP/3 (http_quic.h), redirects, cookies, proxies, authentication, a connection used
// twice. Of all files, only http_engine.h includes curl.h. An exchange may be cancelled at any time
// (the deadline does): handle, descriptors and pump go with it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/net/stream.h"

namespace lookout {

struct HttpHeader {
  std::string name;
  std::string value;
  bool operator==(const HttpHeader&) const = default;
};

class HttpEngine;
class HttpTransfer;
class LocalListener;
struct PumpEnding;

// Filled while the response arrives, so that it tells how far a response got that was cut off.
struct HttpResponse {
  int status = 0;       // 0: no head yet
  std::string version;  // HTTP/1.0, HTTP/1.1, HTTP/2.0 or HTTP/3.0
  std::vector<HttpHeader>
      headers;  // of the final head, in order; interim heads (1xx) and trailers are dropped
  std::optional<SteadyTime> first_byte;  // of the first head, interim or not
  std::string body;                      // decoded; only with HttpRequest::keep_body
  std::uint64_t body_size = 0;           // decoded bytes taken, at most the limit

  // Of the first header of that name, whatever its letter case.
  const std::string* find(std::string_view name) const;
};

struct HttpRequest {
  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

  std::string method = "GET";
  std::string target = "/";                 // as it stands in the request line
  std::string host;                         // Host or :authority
  std::vector<HttpHeader> headers;          // all others, sent as they are
  std::shared_ptr<const std::string> body;  // nullptr: none. Shared, so that no redirect copies it
  std::string
      decode;  // gzip, br or deflate: undo that, whatever the head says; empty: leave the body as it came
  std::uint64_t body_limit = kUnlimited;
  bool keep_body = false;
  // Called once, when the final head is there and before any body. False: the body is not wanted and the
  // exchange ends well. Must neither throw nor start another exchange.
  std::function<bool(const HttpResponse&)> on_head;
};

// Lives on one loop and serves all its probes.
class HttpTransfers {
 public:
  explicit HttpTransfers(asio::io_context& loop);
  ~HttpTransfers();

  // Enters Stage::request, and Stage::response with the first byte. The stream cannot be used afterwards.
  // Fails with
  //   closed       the peer hung up before the response was complete
  //   protocol     what came is no HTTP, breaks its own chunks or HTTP/2 frames, or cannot be decoded
  //   limit        more header than kMaximumHead or more body than asked for
  Task<Outcome> exchange(ProbeRun& run, Stream& stream, const HttpRequest& request, HttpResponse& response);

  std::size_t in_flight() const;

  static constexpr std::size_t kMaximumHead = 256 * 1024;

 private:
  static Outcome conclude(ProbeRun& run, const HttpTransfer& transfer, const HttpResponse& response,
                          const PumpEnding& ending);
  Task<Outcome> exchange_by_pump(ProbeRun& run, Stream& stream, const HttpRequest& request,
                                 HttpResponse& response);

  // Shared, because coroutines that are destroyed together with the loop let go of their transfers after this
  // object went.
  std::shared_ptr<HttpEngine> engine_;
  std::unique_ptr<LocalListener> listener_;
};

}  // namespace lookout
