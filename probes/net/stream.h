// A connected byte stream, plain or TLS: the one thing that TCP-based kinds talk through. Owns its
// descriptor; lives on one loop; every failure is already classified (closed, protocol, certificate_*, ...)
// in the stage the run has reached. Waiting is cut by the run's deadline through cancellation.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "probes/core/task.h"
#include "probes/net/network_options.h"
#include "probes/net/tls.h"

namespace lookout {

using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

class Stream {
 public:
  explicit Stream(TcpSocket socket);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();  // says goodbye under TLS, waits for nothing

  // 0 bytes: the peer closed in an orderly way.
  Task<Attempt<std::size_t>> read_some(ProbeRun& run, std::span<char> buffer);
  Task<Outcome> write_all(ProbeRun& run, std::string_view data);

  // Enters Stage::tls and shakes hands as a client. `server_name` is verified, and sent as SNI unless it is
  // an IP literal. Leaves the peer's certificates on the run. Facts about them are the caller's to state
  // after a success (state_tls_facts); `if_it_fails` is stated here when the handshake ends otherwise, also
  // by the deadline, after the peer has sent its certificates.
  Task<Outcome> start_tls(ProbeRun& run, std::shared_ptr<ssl_ctx_st> context, std::string server_name,
                          std::optional<TlsFacts> if_it_fails = std::nullopt);

  TcpSocket& socket() { return socket_; }
  ssl_st* tls() const;            // nullptr while plain
  std::string_view alpn() const;  // negotiated protocol or empty

 private:
  struct SslDeleter {
    void operator()(ssl_st* tls) const;
  };
  TcpSocket socket_;
  std::unique_ptr<ssl_st, SslDeleter> tls_;
  unsigned reads_ = 0;
};

// Enters Stage::connect. One address, one attempt, as blackbox_exporter has it; from where `network` says. A
// synchronous ENETUNREACH or EMFILE is our own fault (internal); an asynchronous one is the network's answer.
Task<Attempt<Stream>> dial(ProbeRun& run, asio::ip::tcp::endpoint endpoint, const NetworkOptions& network);

}  // namespace lookout
