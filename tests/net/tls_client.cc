#include "tests/net/tls_client.h"

#include <csignal>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace lookout::testing {

TlsClient::TlsClient(std::uint16_t port, const Settings& settings)
    : Client(port), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's own sockets raise it
  const timeval patience{20, 0};
  ::setsockopt(descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  SSL_CTX* context = context_.get();
  SSL_CTX_load_verify_file(context, settings.authority_file.c_str());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (!settings.ciphers.empty()) SSL_CTX_set_cipher_list(context, settings.ciphers.c_str());
  if (settings.highest != 0) SSL_CTX_set_max_proto_version(context, settings.highest);
  if (settings.identity != nullptr) {
    SSL_CTX_use_certificate_chain_file(context, settings.identity->certificate_file.c_str());
    SSL_CTX_use_PrivateKey_file(context, settings.identity->key_file.c_str(), SSL_FILETYPE_PEM);
  }
  static constexpr unsigned char kOffered[] = "\x02h2\x08http/1.1";
  SSL_CTX_set_alpn_protos(context, kOffered, sizeof kOffered - 1);
  tls_.reset(SSL_new(context), SSL_free);
  SSL_set_fd(tls_.get(), descriptor());
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), "127.0.0.1");
  ERR_clear_error();
  if (SSL_connect(tls_.get()) != 1) {
    const char* reason = ERR_reason_error_string(ERR_get_error());
    trouble_ = reason != nullptr ? reason : "the server hung up";
  }
}

TlsClient::~TlsClient() = default;

std::string TlsClient::version() const { return SSL_get_version(tls_.get()); }
std::string TlsClient::cipher() const { return SSL_get_cipher_name(tls_.get()); }

std::string TlsClient::group() const {
  const char* name = SSL_group_to_name(tls_.get(), static_cast<int>(SSL_get_negotiated_group(tls_.get())));
  return name != nullptr ? name : "";
}

std::string TlsClient::protocol() const {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(tls_.get(), &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

std::string TlsClient::certificate() const {
  X509* shown = SSL_get0_peer_certificate(tls_.get());
  if (shown == nullptr) return "";
  BIGNUM* serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(shown), nullptr);
  char* text = BN_bn2hex(serial);
  std::string result = text;
  OPENSSL_free(text);
  BN_free(serial);
  return result;
}

bool TlsClient::asks(std::string_view target) {
  try {
    return get(target).status > 0;
  } catch (const std::runtime_error&) {
    return false;
  }
}

ssize_t TlsClient::send_some(std::string_view bytes) {
  ERR_clear_error();
  return SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
}

ssize_t TlsClient::receive_some(char* into, std::size_t size) {
  ERR_clear_error();
  const int count = SSL_read(tls_.get(), into, static_cast<int>(size));
  if (count > 0) return count;
  return SSL_get_error(tls_.get(), count) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

bool TlsClient::has_buffered() const { return SSL_pending(tls_.get()) > 0; }

}  // namespace lookout::testing
