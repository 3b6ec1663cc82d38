#include <array>
#include <cctype>
#include <utility>

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/scripted_connection.h"

namespace lookout::test {
namespace {

std::string last_tls_error() {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(error);
  return reason != nullptr ? reason : "connection lost";
}

int choose_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                unsigned int in_size, void* wanted) {
  const auto* list = static_cast<const std::string*>(wanted);
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(list->data()),
                            static_cast<unsigned>(list->size()), in, in_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

void use_identity(SSL_CTX* context, const Identity& identity) {
  BIO* memory =
      BIO_new_mem_buf(identity.certificate_pem.data(), static_cast<int>(identity.certificate_pem.size()));
  X509* certificate = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
  require(certificate != nullptr && SSL_CTX_use_certificate(context, certificate) == 1, "certificate");
  X509_free(certificate);
  while ((certificate = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr)) != nullptr)
    SSL_CTX_add_extra_chain_cert(context, certificate);
  ERR_clear_error();
  BIO_free(memory);
  memory = BIO_new_mem_buf(identity.key_pem.data(), static_cast<int>(identity.key_pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(memory, nullptr, nullptr, nullptr);
  require(key != nullptr && SSL_CTX_use_PrivateKey(context, key) == 1, "key");
  EVP_PKEY_free(key);
  BIO_free(memory);
}

void require_client(SSL_CTX* context, const std::string& authority_pem) {
  BIO* memory = BIO_new_mem_buf(authority_pem.data(), static_cast<int>(authority_pem.size()));
  X509* authority = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority);
  SSL_CTX_add_client_CA(context, authority);
  X509_free(authority);
  BIO_free(memory);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

}  // namespace

Peer::Connection::~Connection() {
  SSL_free(tls);
  SSL_CTX_free(context);
  if (socket >= 0) ::close(socket);
}

void Peer::Connection::wait(short events, milliseconds limit) const {
  pollfd fds[2] = {{socket, events, 0}, {stop_event, POLLIN, 0}};
  const int ready = ::poll(fds, 2, static_cast<int>(limit.count()));
  if (fds[1].revents != 0) throw ScriptEnded{};
  if (ready == 0) throw ScriptEnded{"waited too long for the peer"};
}

void Peer::Connection::after_tls(int result, const char* what) const {
  switch (SSL_get_error(tls, result)) {
    case SSL_ERROR_WANT_READ:
      return wait(POLLIN);
    case SSL_ERROR_WANT_WRITE:
      return wait(POLLOUT);
    default:
      throw ScriptEnded{std::string(what) + ": " + last_tls_error()};
  }
}

std::string Peer::Connection::receive(std::size_t most) {
  std::string data(most, '\0');
  for (;;) {
    if (tls != nullptr) {
      const int result = SSL_read(tls, data.data(), static_cast<int>(most));
      if (result > 0) {
        data.resize(static_cast<std::size_t>(result));
        return data;
      }
      const int error = SSL_get_error(tls, result);
      if (error == SSL_ERROR_ZERO_RETURN || error == SSL_ERROR_SYSCALL || error == SSL_ERROR_SSL) {
        ERR_clear_error();
        return {};
      }
      after_tls(result, "reading");
    } else {
      const ssize_t result = ::recv(socket, data.data(), most, 0);
      if (result >= 0) {
        data.resize(static_cast<std::size_t>(result));
        return data;
      }
      if (errno != EAGAIN) return {};
      wait(POLLIN);
    }
  }
}

int Peer::number() const { return connection_.number; }
std::string Peer::address() const {
  sockaddr_storage client{};
  socklen_t size = sizeof client;
  std::array<char, NI_MAXHOST> text{};
  auto* address = reinterpret_cast<sockaddr*>(&client);
  if (::getpeername(connection_.socket, address, &size) != 0 ||
      ::getnameinfo(address, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
    return {};
  }
  return text.data();
}

bool Peer::is_tls() const { return connection_.tls != nullptr; }

std::string Peer::server_name() const {
  const char* name =
      connection_.tls != nullptr ? SSL_get_servername(connection_.tls, TLSEXT_NAMETYPE_host_name) : nullptr;
  return name != nullptr ? name : "";
}

bool Peer::showed_certificate() const {
  return connection_.tls != nullptr && SSL_get0_peer_certificate(connection_.tls) != nullptr &&
         SSL_get_verify_result(connection_.tls) == X509_V_OK;
}

void Peer::send(std::string_view data) {
  while (!data.empty()) {
    if (connection_.tls != nullptr) {
      std::size_t sent = 0;
      const int result = SSL_write_ex(connection_.tls, data.data(), data.size(), &sent);
      data.remove_prefix(sent);
      if (result <= 0) connection_.after_tls(result, "sending");
    } else {
      const ssize_t sent = ::send(connection_.socket, data.data(), data.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        data.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        connection_.wait(POLLOUT);
      } else {
        throw ScriptEnded{};  // the peer is gone: its right
      }
    }
  }
}

void Peer::drip(std::string_view data, milliseconds between) {
  for (const char byte : data) {
    pause(between);
    send({&byte, 1});
  }
}

std::string Peer::read_some(std::size_t most) {
  if (connection_.pending.empty()) return connection_.receive(most);
  std::string data = connection_.pending.substr(0, most);
  connection_.pending.erase(0, data.size());
  return data;
}

std::string Peer::read_until(std::string_view mark) {
  std::string& pending = connection_.pending;
  for (;;) {
    if (const std::size_t at = pending.find(mark); at != std::string::npos) {
      std::string data = pending.substr(0, at + mark.size());
      pending.erase(0, data.size());
      return data;
    }
    const std::string more = connection_.receive(65536);
    if (more.empty()) throw ScriptEnded{"the peer closed before sending \"" + std::string(mark) + "\""};
    pending += more;
  }
}

std::string Peer::read_exactly(std::size_t size) {
  std::string& pending = connection_.pending;
  while (pending.size() < size) {
    // No more than is wanted: what follows may be a handshake that start_tls reads.
    const std::string more = connection_.receive(std::min<std::size_t>(size - pending.size(), 65536));
    if (more.empty()) throw ScriptEnded{"the peer closed too early"};
    pending += more;
  }
  std::string data = pending.substr(0, size);
  pending.erase(0, size);
  return data;
}

void Peer::expect(std::string_view data) {
  const std::string got = read_exactly(data.size());
  if (got != data) throw ScriptEnded{"expected \"" + std::string(data) + "\", got \"" + got + "\""};
}

std::string Peer::read_request() {
  std::string request = read_until("\r\n\r\n");
  std::string lower = request;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (const std::size_t at = lower.find("\r\ncontent-length:"); at != std::string::npos) {
    request += read_exactly(std::strtoul(lower.c_str() + at + 17, nullptr, 10));
  }
  return request;
}

void Peer::wait_for_close() {
  connection_.pending.clear();
  while (!connection_.receive(65536).empty()) {
  }
}

void Peer::stall() {
  pollfd fds[2] = {{connection_.socket, POLLRDHUP, 0}, {connection_.stop_event, POLLIN, 0}};
  ::poll(fds, 2, static_cast<int>(kLongestWait.count()));
  throw ScriptEnded{};
}

void Peer::pause(milliseconds time) {
  pollfd stop{connection_.stop_event, POLLIN, 0};
  if (::poll(&stop, 1, static_cast<int>(time.count())) != 0) throw ScriptEnded{};
}

// Reads on until the peer has gone: closing with data unread would reset the connection, and the alert would
// perhaps never be seen.
void Peer::hang_up_after_alert() {
  SSL_free(std::exchange(connection_.tls, nullptr));
  ::shutdown(connection_.socket, SHUT_WR);
  wait_for_close();
}

void Peer::start_tls(const ServerTls& wanted) {
  BIO* below = BIO_new_socket(connection_.socket, BIO_NOCLOSE);
  if (connection_.tls != nullptr) {  // within what is spoken already
    BIO_free(below);
    below = BIO_new(BIO_f_ssl());
    BIO_set_ssl(below, connection_.tls, BIO_CLOSE);
    SSL_CTX_free(connection_.context);
    connection_.alpn.clear();
  }
  connection_.context = SSL_CTX_new(TLS_server_method());
  SSL_CTX* context = connection_.context;
  SSL_CTX_set_security_level(context, 0);
  use_identity(context, wanted.identity);
  if (!wanted.client_ca_pem.empty()) require_client(context, wanted.client_ca_pem);
  if (wanted.minimum_version != 0) SSL_CTX_set_min_proto_version(context, wanted.minimum_version);
  if (wanted.maximum_version != 0) SSL_CTX_set_max_proto_version(context, wanted.maximum_version);
  if (!wanted.ciphers.empty())
    require(SSL_CTX_set_cipher_list(context, wanted.ciphers.c_str()) == 1, "ciphers");
  for (const std::string& name : wanted.alpn) connection_.alpn += static_cast<char>(name.size()) + name;
  if (!connection_.alpn.empty()) SSL_CTX_set_alpn_select_cb(context, choose_alpn, &connection_.alpn);
  connection_.tls = SSL_new(context);
  SSL_set_bio(connection_.tls, below, below);
  SSL_set_accept_state(connection_.tls);
  for (;;) {
    const int result = SSL_do_handshake(connection_.tls);
    if (result == 1) break;
    try {
      connection_.after_tls(result, "handshake");
    } catch (const ScriptEnded&) {
      hang_up_after_alert();
      throw;
    }
  }
  if (wanted.renegotiates) {
    SSL_renegotiate(connection_.tls);
    SSL_do_handshake(connection_.tls);
  }
}

void Peer::close() {
  if (connection_.tls != nullptr) SSL_shutdown(connection_.tls);
  cut();
}

void Peer::cut() {
  ::shutdown(connection_.socket, SHUT_WR);
  wait_for_close();  // so that unread data does not turn the end into a reset
  throw ScriptEnded{};
}

void Peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(connection_.socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(connection_.socket);
  connection_.socket = -1;
  throw ScriptEnded{};
}

}  // namespace lookout::test
