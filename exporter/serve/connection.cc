#include "exporter/serve/connection.h"

#include <utility>

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

enum class Received { some, nothing_yet, ended };

Received receive(Connection& connection) {
  boost::system::error_code error;
  const std::span<char> room = connection.input.room();
  const std::size_t count = connection.socket.read_some(asio::buffer(room.data(), room.size()), error);
  if (!error && count > 0) {
    connection.input.received(count);
    return Received::some;
  }
  return error == asio::error::would_block ? Received::nothing_yet : Received::ended;
}

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
    const Received received = receive(connection);
    if (received == Received::ended) co_return ReadRequest{};
    fresh = received == Received::some;
    if (fresh) {  // a client that never stops sending must not keep the loop to itself
      if (now() > deadline) co_return ReadRequest{std::nullopt, 408, "the request did not come in time"};
      co_await asio::post(shared.executor, use_task);
      continue;
    }
    if (connection.input.bytes().empty()) connection.input.shrink();
    auto [error] = co_await connection.socket.async_wait(Socket::wait_read, use_tuple);
    if (connection.expired()) co_return ReadRequest{std::nullopt, 408, "the request did not come in time"};
    if (error) co_return ReadRequest{};
  }
}

Task<Response> answer(ServerShared& shared, const Request& request) {
  try {
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
  shared.backend->metrics().http_request(response.status);
  close = close || shared.draining;
  if (!co_await write_response(shared, connection, request, std::move(response), close))
    co_return Next::close;
  co_return close ? Next::linger : Next::request;
}

Task<> linger(Connection& connection) {
  boost::system::error_code ignored;
  connection.socket.shutdown(Socket::shutdown_send, ignored);
  connection.expect(Connection::Phase::lingering, now() + kLingerTime);
  std::size_t left = kLingerBytes;
  for (;;) {
    connection.input.consume(connection.input.bytes().size());
    const Received received = receive(connection);
    if (received == Received::ended) co_return;
    if (received == Received::some) {
      const std::size_t count = connection.input.bytes().size();
      if (count >= left) co_return;
      left -= count;
      continue;
    }
    connection.input.shrink();
    auto [error] = co_await connection.socket.async_wait(Socket::wait_read, use_tuple);
    if (error || connection.expired()) co_return;
  }
}

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

Task<bool> Connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    boost::system::error_code error;
    bytes.remove_prefix(socket.write_some(asio::buffer(bytes.data(), bytes.size()), error));
    if (error && error != asio::error::would_block) co_return false;
    if (bytes.empty()) break;
    expect(Phase::writing, now() + shared_.options.limits.write_timeout);
    auto [wait_error] = co_await socket.async_wait(Socket::wait_write, use_tuple);
    if (wait_error || expired_) co_return false;
  }
  co_return true;
}

// The wait for the next request stands here, in the outermost frame, so that an idle connection holds no
// other.
Task<> serve_connection(std::shared_ptr<ServerShared> shared, Socket socket) {
  if (shared->backend == nullptr) co_return;
  Connection connection(*shared, std::move(socket));
  Next next = Next::request;
  while (next == Next::request) {
    if (connection.input.bytes().empty()) {
      connection.expect(Connection::Phase::idle, now() + shared->options.limits.idle_timeout);
      if (shared->draining) co_return;
      auto [error] = co_await connection.socket.async_wait(Socket::wait_read, use_tuple);
      if (error || connection.expired()) co_return;
    }
    next = co_await serve_request(*shared, connection);
    // A client whose next request is there already waits for everybody else's turn.
    if (!connection.input.bytes().empty()) co_await asio::post(shared->executor, use_task);
  }
  if (next == Next::linger) co_await linger(connection);
}

}  // namespace lookout
