#include "exporter/serve/server.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <sys/resource.h>

#include "exporter/serve/connection.h"
#include "exporter/serve/gate.h"
#include "exporter/serve/listen_address.h"
#include "exporter/serve/routes.h"

namespace lookout {
namespace {

constexpr Duration kAcceptPause =
    std::chrono::milliseconds(100);  // without descriptors: no spinning on accept
constexpr std::string_view kTooMany =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\nRetry-After: 1\r\n\r\n";

// Connections are refused while there are descriptors left for probing.
std::size_t bounded_connections(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  const auto descriptors = static_cast<std::size_t>(limit.rlim_cur);
  return std::min(wanted, std::max<std::size_t>(descriptors * 3 / 4, 16));
}

Duration sweep_period(const ServerLimits& limits) {
  const Duration shortest = std::min({limits.header_timeout, limits.idle_timeout, limits.write_timeout});
  return std::clamp<Duration>(shortest / 4, std::chrono::milliseconds(10), std::chrono::seconds(1));
}

bool out_of_descriptors(const boost::system::error_code& error) {
  return error.value() == EMFILE || error.value() == ENFILE || error.value() == ENOBUFS ||
         error.value() == ENOMEM;
}

void refuse(Socket& socket) {
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(kTooMany.data(), kTooMany.size()), ignored);
}

}  // namespace

ServerShared::ServerShared(asio::io_context& loop, Backend& backend_, ServerOptions options_)
    : executor(loop.get_executor()),
      options(std::move(options_)),
      backend(&backend_),
      routes(std::make_unique<Routes>(backend_, options)),
      gate(options.web_config_file.empty()
               ? nullptr
               : std::make_unique<Gate>(executor, options.web_config_file, options.on_web_config_problems)),
      all_ended(executor) {}

ServerShared::~ServerShared() = default;

std::string_view ServerShared::date(std::int64_t unix_seconds) {
  if (unix_seconds != date_second_) {
    date_second_ = unix_seconds;
    date_ = http_date(unix_seconds);
  }
  return date_;
}

struct Server::State {
  State(asio::io_context& loop, Backend& backend, ServerOptions options)
      : shared(std::make_shared<ServerShared>(loop, backend, std::move(options))),
        most_connections(bounded_connections(shared->options.limits.connections)),
        sweeper(shared->executor) {
    if (shared->options.systemd_sockets) {
      acceptors = inherited_listeners(shared->executor);
    } else {
      for (const std::string& address : shared->options.listen_addresses)
        acceptors.push_back(listen_on(shared->executor, address));
    }
    for (std::size_t i = 0; i < acceptors.size(); ++i) accept_pauses.emplace_back(shared->executor);
  }

  void stop_accepting() {
    shared->draining = true;
    boost::system::error_code ignored;
    for (Acceptor& acceptor : acceptors) acceptor.close(ignored);
    for (Timer& pause : accept_pauses) pause.cancel();
  }

  // The list changes only when coroutines resume, never while this runs.
  template <class Action>
  void for_each_connection(Action action) {
    for (Connection& connection : shared->connections) action(connection);
  }

  std::shared_ptr<ServerShared> shared;
  const std::size_t most_connections;
  std::vector<Acceptor> acceptors;
  Timer sweeper;
  std::vector<Timer> accept_pauses;  // one for each acceptor
  bool stopped = false;

  static Task<> sweep(std::shared_ptr<State> state);
  static Task<> accept(std::shared_ptr<State> state, std::size_t index);
};

Task<> Server::State::sweep(std::shared_ptr<State> state) {
  const Duration period = sweep_period(state->shared->options.limits);
  while (!state->stopped) {
    state->sweeper.expires_after(period);
    co_await state->sweeper.async_wait(use_tuple);
    const SteadyTime now = std::chrono::steady_clock::now();
    state->for_each_connection([now](Connection& connection) { connection.sweep(now); });
  }
}

Task<> Server::State::accept(std::shared_ptr<State> state, std::size_t index) {
  const std::shared_ptr<ServerShared> shared = state->shared;
  Acceptor& acceptor = state->acceptors[index];
  while (!shared->draining) {
    auto [error, socket] = co_await acceptor.async_accept(use_tuple);
    if (shared->draining) co_return;
    if (out_of_descriptors(error)) {
      shared->backend->metrics().connection_refused();
      Timer& pause = state->accept_pauses[index];
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(use_tuple);
      continue;
    }
    if (error) continue;  // the client gave up before we came to it
    if (shared->connections.size() >= state->most_connections) {
      shared->backend->metrics().connection_refused();
      refuse(socket);
      continue;
    }
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    asio::co_spawn(shared->executor, serve_connection(shared, std::move(socket)), asio::detached);
  }
}

Server::Server(asio::io_context& loop, Backend& backend, ServerOptions options)
    : state_(std::make_shared<State>(loop, backend, std::move(options))) {}

Server::~Server() {
  state_->stop_accepting();
  state_->stopped = true;
  state_->sweeper.cancel();
  state_->shared->backend = nullptr;
  if (state_->shared->gate) state_->shared->gate->stop();
  state_->for_each_connection([](Connection& connection) { connection.close(); });
}

void Server::start() {
  asio::co_spawn(state_->shared->executor, State::sweep(state_), asio::detached);
  for (std::size_t index = 0; index < state_->acceptors.size(); ++index) {
    asio::co_spawn(state_->shared->executor, State::accept(state_, index), asio::detached);
  }
}

Task<> Server::drain(Duration grace) {
  const std::shared_ptr<State> state = state_;
  state->stop_accepting();
  state->for_each_connection([](Connection& connection) { connection.close_if_idle(); });
  if (!state->shared->connections.empty()) {
    state->shared->all_ended.expires_after(grace);
    co_await state->shared->all_ended.async_wait(use_tuple);
  }
  state->for_each_connection([](Connection& connection) { connection.close(); });
}

std::vector<std::uint16_t> Server::ports() const {
  std::vector<std::uint16_t> ports;
  for (const Acceptor& acceptor : state_->acceptors) ports.push_back(port_of(acceptor));
  return ports;
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> addresses;
  for (const Acceptor& acceptor : state_->acceptors) addresses.push_back(address_text(acceptor));
  return addresses;
}

}  // namespace lookout
