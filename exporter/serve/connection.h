// One client's connection and what all connections of a server share. Main loop only. A connection is owned
// by its coroutine (serve_connection) and known to the server's list while it lives; deadlines are swept,
// about once a second, rather than held by a timer each, because thirty thousand timers that hardly ever fire
// are dear.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/intrusive/list.hpp>

#include "exporter/serve/encoding.h"
#include "exporter/serve/input_buffer.h"
#include "exporter/serve/server.h"
#include "exporter/serve/server_tls.h"

namespace lookout {

class Gate;
class Routes;
struct ServerShared;

using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;
using ConnectionHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>>;

class Connection : public ConnectionHook {
 public:
  enum class Phase : std::uint8_t { idle, reading, answering, writing, lingering };

  Connection(ServerShared& shared, Socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // From now on what is awaited must come before the deadline; the sweep cuts it then and sets expired().
  void expect(Phase phase, SteadyTime deadline);
  bool expired() const { return expired_; }
  void sweep(SteadyTime now);
  Phase phase() const { return phase_; }

  // Cuts what is awaited, now. The coroutine then ends by itself, once a probe that it waits for has ended.
  void close();
  // Ends the wait of a connection that has nothing to do.
  void close_if_idle();

  // To be called before anything is read or written, where TLS is spoken; false: there is no client to serve.
  Task<bool> start_tls(ssl_ctx_st* context, Duration within);

  enum class Received { some, nothing_yet, ended };
  // Into `input`, what is there already.
  Received receive();
  // Waits until something may have come, after receive() found nothing; false: cut, or out of time.
  Task<bool> wait_for_input();

  // Sends all of it; false: the client is gone, or took nothing for too long.
  Task<bool> write(std::string_view bytes);
  void shut_down_sending();
  bool over_tls() const { return tls_.has_value(); }

  Socket socket;
  InputBuffer input;

 private:
  Task<bool> wait(Socket::wait_type direction);
  TlsLayer::Step send_some(std::string_view bytes);

  std::optional<TlsLayer> tls_;
  bool input_waits_to_write_ = false;  // TLS must send something before it can go on reading
  ServerShared& shared_;
  SteadyTime deadline_ = SteadyTime::max();
  Phase phase_ = Phase::idle;
  bool expired_ = false;
};

using Connections = boost::intrusive::list<Connection, boost::intrusive::constant_time_size<true>>;

struct ServerShared {
  ServerShared(asio::io_context& loop, Backend& backend, ServerOptions options);
  ~ServerShared();

  const Executor executor;
  const ServerOptions options;
  Backend* backend;  // nullptr once the server is gone: coroutines that still hold us must not touch it
  std::unique_ptr<Routes> routes;
  std::unique_ptr<Gate> gate;  // nullptr: everybody may do everything
  BlockPool blocks;
  GzipPool compressors;
  Connections connections;
  Timer all_ended;  // cancelled when the last connection ends
  bool draining = false;

  std::string_view date(std::int64_t unix_seconds);  // for the Date header

 private:
  std::int64_t date_second_ = -1;
  std::string date_;
};

// Requests and answers, one after the other, until either side ends it.
Task<> serve_connection(std::shared_ptr<ServerShared> shared, Socket socket);

}  // namespace lookout
