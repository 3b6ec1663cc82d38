// A connected byte stream, over TCP or a local socket, plain or TLS: the one thing that kinds with a
// connection talk through; dial.h makes one. Owns its descriptor; lives on one loop; every failure is already
// classified (closed, protocol, certificate_*, ...) in the stage the run has reached. Waiting is cut by the
// run's deadline through cancellation.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include "probes/core/task.h"
#include "probes/net/tls.h"

namespace lookout {

using StreamSocket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;

class Stream {
 public:
  explicit Stream(StreamSocket socket);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();  // says goodbye under TLS, waits for nothing

  // 0 bytes: the peer closed in an orderly way.
  Task<Attempt<std::size_t>> read_some(ProbeRun& run, std::span<char> buffer);
  Task<Outcome> write_all(ProbeRun& run, std::string_view data);

  // Enters Stage::tls and shakes hands as a client. `server_name` is verified, and sent as SNI unless it is
  // an IP literal. Leaves the peer's certificates on the run. Facts about them are the caller's to state
  // after a success (state_tls_facts); `if_it_fails` is stated here when the handshake ends otherwise, also
  // by the deadline, after the peer has sent its certificates. Called again, it shakes hands within the TLS
  // that is spoken already, as a tunnel through a proxy of TLS wants it; tls() is then the inner one.
  Task<Outcome> start_tls(ProbeRun& run, std::shared_ptr<ssl_ctx_st> context, std::string server_name,
                          std::optional<TlsFacts> if_it_fails = std::nullopt);

  StreamSocket& socket() { return socket_; }
  ssl_st* tls() const;            // nullptr while plain
  std::string_view alpn() const;  // negotiated protocol or empty

 private:
  struct SslDeleter {
    void operator()(ssl_st* tls) const;
  };
  StreamSocket socket_;
  std::unique_ptr<ssl_st, SslDeleter> outer_, tls_;  // the inner one is destroyed first
  unsigned reads_ = 0;
};

// So many bytes and no further one. A peer that closes before is `closed`.
Task<Attempt<std::string>> read_exactly(ProbeRun& run, Stream& stream, std::size_t size);

// TLS as a kind's block asks for it: enters Stage::tls, shakes hands by `config` without ALPN, and states the
// facts that are `wanted`.
Task<Outcome> secure(ProbeRun& run, Stream& stream, const TlsConfig& config, std::string server_name,
                     std::optional<TlsFacts> wanted = TlsFacts{});

// For a kind's own calls on the socket. Throws only when the run's deadline cancels the wait.
Task<> wait_for(StreamSocket& socket, StreamSocket::wait_type direction);

}  // namespace lookout
