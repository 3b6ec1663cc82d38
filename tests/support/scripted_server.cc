#include "tests/support/scripted_server.h"

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/scripted_connection.h"

namespace lookout::test {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

bool is_path(const std::string& address) { return address.front() == '/' || address.front() == '@'; }

SocketAddress socket_address(const std::string& address, std::uint16_t port) {
  SocketAddress result;
  if (is_path(address)) {
    auto* local = reinterpret_cast<sockaddr_un*>(&result.storage);
    local->sun_family = AF_UNIX;
    require(address.size() < sizeof local->sun_path, "path");
    address.copy(local->sun_path, address.size());
    if (address.front() == '@') local->sun_path[0] = '\0';
    result.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  } else if (address.find(':') != std::string::npos) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    require(::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1, "address");
    result.size = sizeof *v6;
  } else {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    require(::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1, "address");
    result.size = sizeof *v4;
  }
  return result;
}

std::uint16_t port_of(int socket) {
  SocketAddress address;
  address.size = sizeof address.storage;
  require(::getsockname(socket, reinterpret_cast<sockaddr*>(&address.storage), &address.size) == 0,
          "getsockname");
  return ntohs(
      reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port);  // at the same place for both families
}

int bound_socket(const std::string& address) {
  const SocketAddress where = socket_address(address, 0);
  const int socket = ::socket(where.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(socket >= 0, "socket");
  require(::bind(socket, reinterpret_cast<const sockaddr*>(&where.storage), where.size) == 0, "bind");
  return socket;
}

}  // namespace

struct ScriptedServer::State {
  Script script;
  Options options;
  int listener = -1;
  int stop_event = -1;
  std::uint16_t port = 0;
  std::atomic<int> accepted{0};
  mutable std::mutex mutex;
  mutable std::condition_variable idle;
  int running = 0;
  std::string trouble;
  std::vector<std::thread> threads;
  std::thread acceptor;

  void run();
  void serve(int socket, int number);
};

void ScriptedServer::State::serve(int socket, int number) {
  std::string went_wrong;
  {
    Peer::Connection connection{.socket = socket, .stop_event = stop_event, .number = number};
    Peer peer(connection);
    try {
      if (options.tls != nullptr) peer.start_tls(*options.tls);
      script(peer);
      if (connection.tls != nullptr) SSL_shutdown(connection.tls);
    } catch (const ScriptEnded& ended) {
      went_wrong = ended.trouble;
    }
    ERR_clear_error();
  }
  const std::lock_guard lock(mutex);
  if (!went_wrong.empty()) trouble += went_wrong + "\n";
  --running;
  idle.notify_all();
}

void ScriptedServer::State::run() {
  for (;;) {
    pollfd fds[2] = {{listener, POLLIN, 0}, {stop_event, POLLIN, 0}};
    ::poll(fds, 2, -1);
    if (fds[1].revents != 0) return;
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) continue;
    const std::lock_guard lock(mutex);
    ++running;
    threads.emplace_back([this, socket, number = accepted.fetch_add(1)] { serve(socket, number); });
  }
}

ScriptedServer::ScriptedServer(Script script, Options options) : state_(std::make_unique<State>()) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  state_->script = std::move(script);
  state_->options = std::move(options);
  state_->listener = bound_socket(state_->options.address);
  const int received_at_most = 64 * 1024;
  require(
      ::setsockopt(state_->listener, SOL_SOCKET, SO_RCVBUF, &received_at_most, sizeof received_at_most) == 0,
      "SO_RCVBUF");
  require(::listen(state_->listener, 1024) == 0, "listen");
  require(::fcntl(state_->listener, F_SETFL, O_NONBLOCK) == 0, "fcntl");
  if (!is_path(state_->options.address)) state_->port = port_of(state_->listener);
  state_->stop_event = ::eventfd(0, EFD_CLOEXEC);
  require(state_->stop_event >= 0, "eventfd");
  state_->acceptor = std::thread([state = state_.get()] { state->run(); });
}

ScriptedServer::~ScriptedServer() {
  const std::uint64_t one = 1;
  require(::write(state_->stop_event, &one, sizeof one) == sizeof one, "stopping");
  state_->acceptor.join();
  for (std::thread& thread : state_->threads) thread.join();
  ::close(state_->listener);
  ::close(state_->stop_event);
}

std::uint16_t ScriptedServer::port() const { return state_->port; }

std::string ScriptedServer::address() const {
  const std::string& host = state_->options.address;
  if (is_path(host)) return host;
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(state_->port);
}

int ScriptedServer::connections() const { return state_->accepted; }

std::string ScriptedServer::trouble() const {
  const std::lock_guard lock(state_->mutex);
  return state_->trouble;
}

bool ScriptedServer::wait_idle(milliseconds limit) const {
  std::unique_lock lock(state_->mutex);
  return state_->idle.wait_for(lock, limit, [this] { return state_->running == 0; });
}

ClosedPort::ClosedPort(const std::string& address)
    : socket_(bound_socket(address)), port_(port_of(socket_)) {}
ClosedPort::~ClosedPort() { ::close(socket_); }

DeafPort::DeafPort() : socket_(bound_socket("127.0.0.1")), port_(port_of(socket_)) {
  require(::listen(socket_, 0) == 0, "listen");
  const SocketAddress where = socket_address("127.0.0.1", port_);
  for (int i = 0; i < 4; ++i) {  // one more than fits; the later ones hang, too
    fillers_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::connect(fillers_.back(), reinterpret_cast<const sockaddr*>(&where.storage), where.size);
  }
}

DeafPort::~DeafPort() {
  for (const int filler : fillers_) ::close(filler);
  ::close(socket_);
}

}  // namespace lookout::test
