#include "probes/net/stream.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "probes/net/services.h"
#include "probes/net/tls_failure.h"

namespace lookout {
namespace {

using asio::ip::tcp;

constexpr unsigned kReadsBeforeOthers = 16;

std::string text_of(int error) {
  return boost::system::error_code(error, boost::system::system_category()).message();
}

// What the network or the peer told about a connection that stood.
Failure broken(const ProbeRun& run, int error) {
  switch (error) {
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED:
      return run.fail(Cause::closed, "the peer broke the connection");
    case ETIMEDOUT:
      return run.fail(Cause::timeout, "the peer stopped acknowledging data");
    case EHOSTUNREACH:
    case ENETUNREACH:
      return run.fail(Cause::unreachable, text_of(error));
    default:
      return run.fail(Cause::internal, text_of(error));
  }
}

// Throws only when the run's deadline cancels the wait.
Task<> wait_for(TcpSocket& socket, TcpSocket::wait_type direction) {
  const auto [error] = co_await socket.async_wait(direction, use_tuple);
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
}

// SSL_get_error() would take an older entry of this thread's queue for this call's.
void forget_errors() {
  ERR_clear_error();
  errno = 0;
}

std::optional<TcpSocket::wait_type> wait_wanted(int ssl_error) {
  if (ssl_error == SSL_ERROR_WANT_READ) return TcpSocket::wait_read;
  if (ssl_error == SSL_ERROR_WANT_WRITE) return TcpSocket::wait_write;
  return std::nullopt;
}

// Errors of bind() and connect() that the kernel knows without asking the network are ours; a refusal can
// come back at once on loopback.
Failure refused_at_once(const ProbeRun& run, const tcp::endpoint& endpoint, int error) {
  if (error == ECONNREFUSED)
    return run.fail(Cause::refused, fmt::format("{} refused the connection", endpoint.address().to_string()));
  return run.fail(Cause::internal, fmt::format("cannot connect to {} from here: {}",
                                               endpoint.address().to_string(), text_of(error)));
}

Failure refused_by_network(const ProbeRun& run, const tcp::endpoint& endpoint, int error) {
  const std::string address = endpoint.address().to_string();
  switch (error) {
    case ECONNREFUSED:
      return run.fail(Cause::refused, fmt::format("{} refused the connection", address));
    case ECONNRESET:
      return run.fail(Cause::closed, fmt::format("{} broke the connection off", address));
    case ETIMEDOUT:
      return run.fail(Cause::timeout, fmt::format("{} did not answer", address));
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ENONET:
    case ENOPROTOOPT:
    case EPROTO:
    case EACCES:
      return run.fail(Cause::unreachable, fmt::format("{}: {}", address, text_of(error)));
    default:
      return run.fail(Cause::internal, fmt::format("{}: {}", address, text_of(error)));
  }
}

Outcome open_socket(const ProbeRun& run, TcpSocket& socket, const tcp::endpoint& endpoint,
                    const NetworkOptions& network) {
  boost::system::error_code error;
  socket.open(endpoint.protocol(), error);
  if (!error) socket.native_non_blocking(true, error);
  if (!error) socket.set_option(tcp::no_delay(true), error);
  if (error) return run.fail(Cause::internal, fmt::format("no socket: {}", error.message()));
  const Attempt<Egress> egress = find_egress(run, network, endpoint.address());
  if (!egress) return egress.error();
  return bind_egress(run, socket.native_handle(), *egress);
}

// Tells of the peer's certificates however the handshake ends.
class HandshakeFacts {
 public:
  HandshakeFacts(ProbeRun& run, SSL* tls, const VerificationNote& note, std::optional<TlsFacts> if_it_fails)
      : run_(run), tls_(tls), note_(note), if_it_fails_(if_it_fails) {}
  HandshakeFacts(const HandshakeFacts&) = delete;
  HandshakeFacts& operator=(const HandshakeFacts&) = delete;
  ~HandshakeFacts() {
    if (succeeded_ || !note_.sent) return;
    keep_certificates(run_, note_.sent.get());
    if (if_it_fails_) state_refused_tls_facts(run_, tls_, note_.sent.get(), *if_it_fails_);
  }
  void succeeded() {
    succeeded_ = true;
    keep_certificates(run_, SSL_get_peer_cert_chain(tls_));
  }

 private:
  ProbeRun& run_;
  SSL* tls_;
  const VerificationNote& note_;
  std::optional<TlsFacts> if_it_fails_;
  bool succeeded_ = false;
};

}  // namespace

void Stream::SslDeleter::operator()(ssl_st* tls) const { SSL_free(tls); }

Stream::Stream(TcpSocket socket) : socket_(std::move(socket)) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
Stream::~Stream() {
  if (!tls_) return;
  SSL_shutdown(tls_.get());
  ERR_clear_error();
}

ssl_st* Stream::tls() const { return tls_.get(); }

std::string_view Stream::alpn() const {
  if (!tls_) return {};
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(tls_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

Task<Attempt<std::size_t>> Stream::read_some(ProbeRun& run, std::span<char> buffer) {
  // A peer that sends faster than we read would never let the loop come to the deadline.
  if (++reads_ % kReadsBeforeOthers == 0) co_await asio::post(socket_.get_executor(), use_task);
  for (;;) {
    TcpSocket::wait_type direction = TcpSocket::wait_read;
    if (tls_) {
      std::size_t received = 0;
      forget_errors();
      const int result = SSL_read_ex(tls_.get(), buffer.data(), buffer.size(), &received);
      if (result > 0) co_return received;
      const int error = SSL_get_error(tls_.get(), result);
      if (error == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
      const auto wanted = wait_wanted(error);
      if (!wanted) co_return tls_io_failure(run, error, errno);
      direction = *wanted;
    } else {
      const ssize_t received = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
      if (received >= 0) co_return static_cast<std::size_t>(received);
      if (errno != EAGAIN && errno != EINTR) co_return broken(run, errno);
    }
    co_await wait_for(socket_, direction);
  }
}

Task<Outcome> Stream::write_all(ProbeRun& run, std::string_view data) {
  while (!data.empty()) {
    TcpSocket::wait_type direction = TcpSocket::wait_write;
    if (tls_) {
      std::size_t sent = 0;
      forget_errors();
      const int result = SSL_write_ex(tls_.get(), data.data(), data.size(), &sent);
      data.remove_prefix(sent);
      if (result > 0) continue;
      const int error = SSL_get_error(tls_.get(), result);
      const auto wanted = wait_wanted(error);
      if (!wanted) co_return tls_io_failure(run, error, errno);
      direction = *wanted;
    } else {
      const ssize_t sent = ::send(socket_.native_handle(), data.data(), data.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        data.remove_prefix(static_cast<std::size_t>(sent));
        continue;
      }
      if (errno != EAGAIN && errno != EINTR) co_return broken(run, errno);
    }
    co_await wait_for(socket_, direction);
  }
  co_return std::nullopt;
}

Task<Outcome> Stream::start_tls(ProbeRun& run, std::shared_ptr<ssl_ctx_st> context, std::string server_name,
                                std::optional<TlsFacts> if_it_fails) {
  run.enter(Stage::tls);
  std::unique_ptr<ssl_st, SslDeleter> tls(SSL_new(context.get()));
  if (!tls || SSL_set_fd(tls.get(), socket_.native_handle()) != 1)
    co_return run.fail(Cause::internal, "no memory for TLS");
  if (Outcome failure = expect_name(run, tls.get(), server_name)) co_return failure;
  VerificationNote note;
  take_notes(tls.get(), note);
  HandshakeFacts facts(run, tls.get(), note, if_it_fails);
  SSL_set_connect_state(tls.get());
  for (;;) {
    forget_errors();
    const int result = SSL_do_handshake(tls.get());
    if (result == 1) break;
    const int error = SSL_get_error(tls.get(), result);
    const auto wanted = wait_wanted(error);
    if (!wanted) co_return handshake_failure(run, tls.get(), error, errno, note);
    co_await wait_for(socket_, *wanted);
  }
  SSL_set_app_data(tls.get(), nullptr);
  facts.succeeded();
  tls_ = std::move(tls);
  co_return std::nullopt;
}

Task<Attempt<Stream>> dial(ProbeRun& run, tcp::endpoint endpoint, const NetworkOptions& network) {
  run.enter(Stage::connect);
  TcpSocket socket(run.services.loop().get_executor());
  if (Outcome failure = open_socket(run, socket, endpoint, network)) co_return *failure;
  if (::connect(socket.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    if (errno != EINPROGRESS) co_return refused_at_once(run, endpoint, errno);
    co_await wait_for(socket, TcpSocket::wait_write);
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) co_return refused_by_network(run, endpoint, error);
  }
  run.note(fmt::format("connected to {}:{}", endpoint.address().to_string(), endpoint.port()));
  co_return Stream(std::move(socket));
}

}  // namespace lookout
