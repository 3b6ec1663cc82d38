#include "probes/net/http_quic.h"

#include <chrono>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "probes/net/datagrams.h"
#include "probes/net/http_transfer.h"
#include "probes/net/http_url.h"
#include "probes/net/services.h"
#include "probes/net/tls_failure.h"

namespace lookout {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

// Longer than any probe: the run's deadline decides.
constexpr long kDayInSeconds = 24L * 60 * 60;

// QUIC has no TLS but 1.3.
TlsConfig with_tls13(TlsConfig config) {
  config.min_version = TlsVersion::tls13;
  return config;
}

// Trust, verification and the client's certificate, from a context of ours to one of libcurl's.
bool copy_settings(SSL_CTX* from, SSL_CTX* to) {
  SSL_CTX_set_verify(to, SSL_CTX_get_verify_mode(from), SSL_CTX_get_verify_callback(from));
  SSL_CTX_set1_cert_store(to, SSL_CTX_get_cert_store(from));
  X509* const certificate = SSL_CTX_get0_certificate(from);
  if (certificate == nullptr) return true;
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(from, &chain);
  return SSL_CTX_use_cert_and_key(to, certificate, SSL_CTX_get0_privatekey(from), chain, 1) == 1;
}

class QuicConnection final : public HttpTransport {
 public:
  QuicConnection(ProbeRun& run, const QuicPeer& peer, int socket, std::shared_ptr<ssl_ctx_st> settings)
      : run_(run),
        peer_(peer),
        socket_(socket),
        settings_(std::move(settings)),
        url_(fmt::format("https://{}:{}/", bracketed(peer.name), peer.endpoint.port())) {
    connect_to_.append(
        fmt::format("::{}:{}", bracketed(peer.endpoint.address().to_string()), peer.endpoint.port()));
  }

  void configure(CURL* handle) override;
  bool connected() const { return connected_; }
  // Of a transfer that ended before it was connected.
  Failure failure(const HttpTransfer& transfer) const;

 private:
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address);
  static CURLcode take_settings(CURL*, void* context, void* self);
  static int verify(X509_STORE_CTX* verification, void* self);
  static int note_connected(void* self, char*, char*, int, int);

  int judge(X509_STORE_CTX* verification);

  ProbeRun& run_;
  const QuicPeer& peer_;
  const int socket_;
  const std::shared_ptr<ssl_ctx_st> settings_;
  const std::string url_;
  HeaderLines connect_to_;
  const SteadyTime started_ = now();
  ssl_st* tls_ = nullptr;  // libcurl's
  VerificationNote note_;
  std::optional<long> refused_;  // why the certificates were, as OpenSSL numbers it
  bool connected_ = false;
};

void QuicConnection::configure(CURL* handle) {
  set_option(handle, CURLOPT_URL, url_.c_str());
  set_option(handle, CURLOPT_PROTOCOLS_STR, "https");
  set_option(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set_option(handle, CURLOPT_CONNECT_TO, connect_to_.get());
  set_option(handle, CURLOPT_CONNECTTIMEOUT, kDayInSeconds);
  set_option(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_3ONLY));
  set_option(handle, CURLOPT_OPENSOCKETFUNCTION, &QuicConnection::open_socket);
  set_option(handle, CURLOPT_OPENSOCKETDATA, this);
  // libcurl's own verification would read the system's bundle for each connection.
  set_option(handle, CURLOPT_SSL_VERIFYPEER, 0L);
  set_option(handle, CURLOPT_SSL_VERIFYHOST, 0L);
  set_option(handle, CURLOPT_SSL_SESSIONID_CACHE, 0L);  // a resumed session shows no certificate
  set_option(handle, CURLOPT_SSL_CTX_FUNCTION, &QuicConnection::take_settings);
  set_option(handle, CURLOPT_SSL_CTX_DATA, this);
  set_option(handle, CURLOPT_PREREQFUNCTION, &QuicConnection::note_connected);
  set_option(handle, CURLOPT_PREREQDATA, this);
}

// libcurl closes what it got, when it has said goodbye.
curl_socket_t QuicConnection::open_socket(void* self, curlsocktype, curl_sockaddr*) {
  return ::fcntl(static_cast<QuicConnection*>(self)->socket_, F_DUPFD_CLOEXEC, 0);
}

CURLcode QuicConnection::take_settings(CURL*, void* context, void* self) {
  auto& connection = *static_cast<QuicConnection*>(self);
  auto* const to = static_cast<SSL_CTX*>(context);
  const bool taken = copy_settings(connection.settings_.get(), to) &&
                     verify_name(SSL_CTX_get0_param(to), connection.peer_.name);
  SSL_CTX_set_cert_verify_callback(to, &QuicConnection::verify, self);
  ERR_clear_error();
  return taken ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

int QuicConnection::verify(X509_STORE_CTX* verification, void* self) {
  return static_cast<QuicConnection*>(self)->judge(verification);
}

int QuicConnection::judge(X509_STORE_CTX* verification) {
  run_.enter(Stage::tls);
  tls_ = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  keep_certificates(run_, X509_STORE_CTX_get0_untrusted(verification));
  if ((SSL_CTX_get_verify_mode(settings_.get()) & SSL_VERIFY_PEER) == 0) {
    X509_STORE_CTX_set_error(verification, X509_V_OK);
    return 1;
  }
  take_notes(tls_, &note_);
  const int verdict = verify_certificates(verification, nullptr);
  take_notes(tls_, nullptr);
  if (verdict == 1) return 1;
  refused_ = X509_STORE_CTX_get_error(verification);
  state_refused_tls_facts(run_, tls_, note_.sent.get(), peer_.facts_if_refused);
  return verdict;
}

int QuicConnection::note_connected(void* self, char*, char*, int, int) {
  auto& connection = *static_cast<QuicConnection*>(self);
  connection.connected_ = true;
  connection.run_.note(fmt::format("connected to {}:{} by QUIC",
                                   connection.peer_.endpoint.address().to_string(),
                                   connection.peer_.endpoint.port()));
  connection.peer_.on_connected(now() - connection.started_, connection.tls_);
  connection.run_.enter(Stage::request);
  return CURL_PREREQFUNC_OK;
}

Failure QuicConnection::failure(const HttpTransfer& transfer) const {
  if (refused_) {
    return run_.fail(verification_cause(*refused_),
                     note_.text.empty() ? X509_verify_cert_error_string(*refused_) : note_.text);
  }
  const std::string text = transfer.error_text();
  // Of all errors of the network libcurl tells this one, and only in words.
  if (transfer.code() == CURLE_COULDNT_CONNECT && text.find("refused") != std::string::npos)
    return run_.fail(Cause::refused, "nothing listens on the UDP port (ICMP port unreachable)");
  switch (transfer.code()) {
    case CURLE_OPERATION_TIMEDOUT:
      return run_.fail(Cause::timeout, text);
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_URL_MALFORMAT:
      return run_.fail(Cause::internal, fmt::format("{} is not usable as a TLS name: {}", peer_.name, text));
    case CURLE_OUT_OF_MEMORY:
      return run_.fail(Cause::internal, "out of memory");
    default:
      run_.enter(Stage::tls);
      return run_.fail(Cause::protocol, fmt::format("during the handshake: {}", text));
  }
}

}  // namespace

bool speaks_http3() {
  const curl_version_info_data* const libcurl = curl_version_info(CURLVERSION_NOW);
  // Another library's TLS would neither take our settings nor tell of its certificates.
  return (libcurl->features & CURL_VERSION_HTTP3) != 0 &&
         std::string_view(libcurl->ssl_version).starts_with("OpenSSL/");
}

Task<Outcome> exchange_over_quic(ProbeRun& run, const QuicPeer& peer, const HttpRequest& request,
                                 HttpResponse& response) {
  Attempt<Datagrams> socket = open_datagrams(run, peer.endpoint, peer.network);
  if (!socket) co_return socket.error();
  const Attempt<std::shared_ptr<ssl_ctx_st>> settings = run.services.tls().get(run, with_tls13(peer.tls), {});
  if (!settings) co_return settings.error();
  QuicConnection connection(run, peer, socket->descriptor(), *settings);
  // Its own, so that nothing of the connection lives on: newer libcurls say goodbye long after the transfer.
  const auto engine = std::make_shared<HttpEngine>(run.services.loop());
  HttpTransfer transfer(engine, run, request, response, connection, true);
  co_await transfer.finished();
  if (!connection.connected()) co_return connection.failure(transfer);
  co_return transfer.outcome();
}

}  // namespace lookout
