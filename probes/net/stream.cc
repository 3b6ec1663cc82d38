#include "probes/net/stream.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "probes/net/services.h"
#include "probes/net/system_error.h"
#include "probes/net/tls_failure.h"

namespace lookout {
namespace {

constexpr unsigned kReadsBeforeOthers = 16;

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
      return run.fail(Cause::unreachable, system_error_text(error));
    default:
      return run.fail(Cause::internal, system_error_text(error));
  }
}

// SSL_get_error() would take an older entry of this thread's queue for this call's.
void forget_errors() {
  ERR_clear_error();
  errno = 0;
}

// What `inner` wants to wait for is then what `outer` waits for, so that all goes on as over a socket.
bool speaks_within(ssl_st* inner, ssl_st* outer) {
  BIO* layer = BIO_new(BIO_f_ssl());
  if (layer == nullptr) return false;
  BIO_set_ssl(layer, outer, BIO_NOCLOSE);
  SSL_set_bio(inner, layer, layer);
  return true;
}

std::optional<StreamSocket::wait_type> wait_wanted(int ssl_error) {
  if (ssl_error == SSL_ERROR_WANT_READ) return StreamSocket::wait_read;
  if (ssl_error == SSL_ERROR_WANT_WRITE) return StreamSocket::wait_write;
  return std::nullopt;
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

Stream::Stream(StreamSocket socket) : socket_(std::move(socket)) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&& other) noexcept {
  tls_ = std::move(other.tls_);  // says goodbye through the outer one
  outer_ = std::move(other.outer_);
  socket_ = std::move(other.socket_);
  reads_ = other.reads_;
  return *this;
}
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
    StreamSocket::wait_type direction = StreamSocket::wait_read;
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
    StreamSocket::wait_type direction = StreamSocket::wait_write;
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
  if (!tls ||
      !(tls_ ? speaks_within(tls.get(), tls_.get()) : SSL_set_fd(tls.get(), socket_.native_handle()) == 1))
    co_return run.fail(Cause::internal, "no memory for TLS");
  if (Outcome failure = expect_name(run, tls.get(), server_name)) co_return failure;
  VerificationNote note;
  take_notes(tls.get(), &note);
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
  take_notes(tls.get(), nullptr);
  facts.succeeded();
  outer_ = std::move(tls_);
  tls_ = std::move(tls);
  co_return std::nullopt;
}

Task<> wait_for(StreamSocket& socket, StreamSocket::wait_type direction) {
  const auto [error] = co_await socket.async_wait(direction, use_tuple);
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
}

Task<Attempt<std::string>> read_exactly(ProbeRun& run, Stream& stream, std::size_t size) {
  std::string received;
  std::array<char, 4096> buffer;
  while (received.size() < size) {
    const std::size_t wanted = std::min(buffer.size(), size - received.size());
    const Attempt<std::size_t> count = co_await stream.read_some(run, std::span<char>(buffer).first(wanted));
    if (!count) co_return count.error();
    if (*count == 0) {
      co_return run.fail(Cause::closed,
                         fmt::format("the peer closed after {} of {} bytes", received.size(), size));
    }
    received.append(buffer.data(), *count);
  }
  co_return received;
}

Task<Outcome> secure(ProbeRun& run, Stream& stream, const TlsConfig& config, std::string server_name,
                     std::optional<TlsFacts> wanted) {
  run.enter(Stage::tls);
  auto context = run.services.tls().get(run, config, {});
  if (!context) co_return context.error();
  if (Outcome failure = co_await stream.start_tls(run, *context, std::move(server_name), wanted))
    co_return failure;
  if (wanted) state_tls_facts(run, stream.tls(), *wanted);
  co_return std::nullopt;
}

}  // namespace lookout
