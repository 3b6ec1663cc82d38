#include "exporter/serve/connection.h"

#include <utility>

#include "exporter/serve/gate.h"
#include "exporter/serve/http_message.h"
#include "exporter/serve/request_reader.h"
#include "exporter/serve/response_writer.h"
#include "exporter/serve/routes.h"

namespace lookout {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

// What a client may still send after our last word, and for how long we listen: closing earlier would reset
// the connection and take our answer away from it (RFC 9112 section 9.6).
constexpr std::size_t kLingerBytes = 1 << 20;
constexpr Duration kLingerTime = std::chrono::seconds(1);

struct ReadRequest {
  std::optional<Request> request;
  int refused = 0;  // without a request: the status to answer; 0: the client has gone
  std::string_view reason;
};

Task<ReadRequest> read_request(ServerShared& shared, Connection& connection) {
  const ServerLimits& limits = shared.options.limits;
  const SteadyTime deadline = now() + limits.header_timeout;
  RequestReader reader(limits.header_bytes, limits.body_bytes);
  connection.expect(Connection::Phase::reading, deadline);
  bool fresh = !connection.input.bytes().empty();
  for (;;) {
    if (fresh) {
      const auto progress = reader.advance(connection.input);
      if (progress == RequestReader::Progress::complete) co_return ReadRequest{reader.take(), 0, {}};
      if (progress == RequestReader::Progress::failed) {
        co_return ReadRequest{std::nullopt, reader.status(), reader.reason()};
      }
      if (progress == RequestReader::Progress::continue_expected) {
        if (!co_await connection.write("HTTP/1.1 100 Continue\r\n\r\n")) co_return ReadRequest{};
        connection.expect(Connection::Phase::reading, deadline);
      }
    }
    const Connection::Received received = connection.receive();
    if (received == Connection::Received::ended) co_return ReadRequest{};
    fresh = received == Connection::Received::some;
    if (fresh) {  // a client that never stops sending must not keep the loop to itself
      if (now() > deadline) co_return ReadRequest{std::nullopt, 408, "the request did not come in time"};
      co_await asio::post(shared.executor, use_task);
      continue;
    }
    if (connection.input.bytes().empty()) connection.input.shrink();
    const bool more = co_await connection.wait_for_input();
    if (connection.expired()) co_return ReadRequest{std::nullopt, 408, "the request did not come in time"};
    if (!more) co_return ReadRequest{};
  }
}

Task<Response> answer(ServerShared& shared, Request& request) {
  try {
    if (shared.gate) {
      if (auto refused = co_await shared.gate->admit(request)) co_return *std::move(refused);
      if (shared.backend == nullptr) co_return Response{};
      request.authenticated = shared.gate->authenticates();
      if (request.authenticated) request.user = shared.gate->user_of(request);
    }
    co_return co_await shared.routes->answer(request);
  } catch (const std::exception&) {
    co_return error_response(500, "this request met a fault of Lookout's own");
  }
}

enum class Next { request, linger, close };

Task<Next> serve_request(ServerShared& shared, Connection& connection) {
  ReadRequest read = co_await read_request(shared, connection);
  if (!read.request && read.refused == 0) co_return Next::close;
  Response response;
  Request request;
  bool close = true;
  if (read.request) {
    request = *std::move(read.request);
    connection.input.shrink();
    connection.expect(Connection::Phase::answering, SteadyTime::max());
    response = co_await answer(shared, request);
    close = !request.keep_alive;
  } else {
    response = error_response(read.refused, read.reason);
  }
  if (shared.backend == nullptr) co_return Next::close;
  if (shared.gate) shared.gate->add_headers(response);
  shared.backend->metrics().http_request(response.status);
  close = close || shared.draining;
  if (!co_await write_response(shared, connection, request, std::move(response), close))
    co_return Next::close;
  co_return close ? Next::linger : Next::request;
}

Task<> linger(Connection& connection) {
  connection.shut_down_sending();
  connection.expect(Connection::Phase::lingering, now() + kLingerTime);
  std::size_t left = kLingerBytes;
  for (;;) {
    connection.input.consume(connection.input.bytes().size());
    const Connection::Received received = connection.receive();
    if (received == Connection::Received::ended) co_return;
    if (received == Connection::Received::some) {
      const std::size_t count = connection.input.bytes().size();
      if (count >= left) co_return;
      left -= count;
      continue;
    }
    connection.input.shrink();
    if (!co_await connection.wait_for_input()) co_return;
  }
}

// What a client gets to read that speaks plain HTTP where TLS is spoken.
constexpr std::string_view kNoTls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
    "Client sent an HTTP request to an HTTPS server.\n";

}  // namespace

Connection::Connection(ServerShared& shared, Socket accepted)
    : socket(std::move(accepted)),
      input(shared.blocks, shared.options.limits.header_bytes + 1),
      shared_(shared) {
  shared_.connections.push_back(*this);
  shared_.backend->metrics().connections(shared_.connections.size());
}

Connection::~Connection() {
  shared_.connections.erase(Connections::s_iterator_to(*this));
  if (shared_.backend != nullptr) shared_.backend->metrics().connections(shared_.connections.size());
  if (shared_.connections.empty()) shared_.all_ended.cancel();
}

void Connection::expect(Phase phase, SteadyTime deadline) {
  phase_ = phase;
  deadline_ = deadline;
  expired_ = false;
}

void Connection::sweep(SteadyTime time) {
  if (deadline_ > time || expired_) return;
  expired_ = true;
  boost::system::error_code ignored;
  socket.cancel(ignored);
}

void Connection::close() {
  boost::system::error_code ignored;
  socket.close(ignored);
}

void Connection::close_if_idle() {
  if (phase_ == Phase::idle || phase_ == Phase::lingering) close();
}

Task<bool> Connection::wait(Socket::wait_type direction) {
  auto [error] = co_await socket.async_wait(direction, use_tuple);
  co_return !error && !expired_;
}

Task<bool> Connection::start_tls(ssl_ctx_st* context, Duration within) {
  if (context == nullptr) co_return false;
  expect(Phase::reading, now() + within);
  tls_.emplace(context, socket.native_handle());
  for (;;) {
    const TlsLayer::Step step = tls_->handshake();
    if (step.state == TlsLayer::State::done) co_return true;
    if (step.state == TlsLayer::State::ended) {
      boost::system::error_code ignored;
      if (tls_->peer_spoke_http()) {
        tls_.reset();
        socket.write_some(asio::buffer(kNoTls.data(), kNoTls.size()), ignored);
      }
      co_return false;
    }
    const bool reads = step.state == TlsLayer::State::wants_read;
    if (!co_await wait(reads ? Socket::wait_read : Socket::wait_write)) co_return false;
  }
}

Connection::Received Connection::receive() {
  const std::span<char> room = input.room();
  std::size_t count = 0;
  bool later = false;
  input_waits_to_write_ = false;
  if (tls_) {
    const TlsLayer::Step step = tls_->read(room);
    count = step.count;
    later = step.state == TlsLayer::State::wants_read || step.state == TlsLayer::State::wants_write;
    input_waits_to_write_ = step.state == TlsLayer::State::wants_write;
  } else {
    boost::system::error_code error;
    count = socket.read_some(asio::buffer(room.data(), room.size()), error);
    later = error == asio::error::would_block;
  }
  if (count > 0) {
    input.received(count);
    return Received::some;
  }
  return later ? Received::nothing_yet : Received::ended;
}

Task<bool> Connection::wait_for_input() {
  return wait(input_waits_to_write_ ? Socket::wait_write : Socket::wait_read);
}

TlsLayer::Step Connection::send_some(std::string_view bytes) {
  if (tls_) return tls_->write(bytes);
  boost::system::error_code error;
  const std::size_t count = socket.write_some(asio::buffer(bytes.data(), bytes.size()), error);
  if (error == asio::error::would_block) return {TlsLayer::State::wants_write, 0};
  return {error ? TlsLayer::State::ended : TlsLayer::State::done, count};
}

Task<bool> Connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const TlsLayer::Step step = send_some(bytes);
    if (step.state == TlsLayer::State::ended) co_return false;
    if (step.state == TlsLayer::State::done) {
      bytes.remove_prefix(step.count);
      continue;
    }
    expect(Phase::writing, now() + shared_.options.limits.write_timeout);
    const bool reads = step.state == TlsLayer::State::wants_read;
    if (!co_await wait(reads ? Socket::wait_read : Socket::wait_write)) co_return false;
  }
  co_return true;
}

void Connection::shut_down_sending() {
  if (tls_) tls_->shutdown();
  boost::system::error_code ignored;
  socket.shutdown(Socket::shutdown_send, ignored);
}

// The wait for the next request stands here, in the outermost frame, so that an idle connection holds no
// other.
Task<> serve_connection(std::shared_ptr<ServerShared> shared, Socket socket) {
  if (shared->backend == nullptr) co_return;
  Connection connection(*shared, std::move(socket));
  if (shared->gate && shared->gate->speaks_tls()) {
    const Duration within = shared->options.limits.header_timeout;
    if (!co_await connection.start_tls(shared->gate->handshake_context(), within)) {
      if (!connection.over_tls()) co_await linger(connection);  // it was told so in plain text
      co_return;
    }
  }
  Next next = Next::request;
  while (next == Next::request) {
    if (connection.input.bytes().empty()) {
      connection.expect(Connection::Phase::idle, now() + shared->options.limits.idle_timeout);
      if (shared->draining) co_return;
      // What TLS has decrypted already, no socket will announce.
      if (connection.over_tls()) {
        if (connection.receive() == Connection::Received::ended) co_return;
        connection.input.shrink();
      }
      if (connection.input.bytes().empty()) {
        auto [error] = co_await connection.socket.async_wait(Socket::wait_read, use_tuple);
        if (error || connection.expired()) co_return;
      }
    }
    next = co_await serve_request(*shared, connection);
    // A client whose next request is there already waits for everybody else's turn.
    if (!connection.input.bytes().empty()) co_await asio::post(shared->executor, use_task);
  }
  if (next == Next::linger) co_await linger(connection);
}

}  // namespace lookout
