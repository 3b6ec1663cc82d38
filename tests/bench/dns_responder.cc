// Answers every DNS question on a port of 127.0.0.1, over UDP and TCP, and on another one over TLS, with one
// A record: the peer of the dns benchmarks, as light as can be.
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

// Header, the question as it came, and a record whose name points at the question (RFC 1035, 4.1.4).
std::size_t answer(std::array<unsigned char, 1024>& packet, std::size_t size) {
  constexpr std::array<unsigned char, 16> record{0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1};
  packet[2] = 0x85;  // a response, authoritative, recursion desired
  packet[3] = 0x80;
  packet[7] = 1;  // one answer
  std::memcpy(packet.data() + size, record.data(), record.size());
  return size + record.size();
}

void serve_datagrams(int socket) {
  std::array<unsigned char, 1024> packet{};
  for (;;) {
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    ssize_t got = ::recvfrom(socket, packet.data(), 512, 0, reinterpret_cast<sockaddr*>(&peer), &length);
    if (got < 12) continue;
    std::size_t size = answer(packet, static_cast<std::size_t>(got));
    ::sendto(socket, packet.data(), size, 0, reinterpret_cast<sockaddr*>(&peer), length);
  }
}

// One after the other: who connects asks at once. `read` takes so many bytes, `write` sends them; both tell
// whether that went well.
template <class Read, class Write>
void converse(Read read, Write write) {
  std::array<unsigned char, 2> length{};
  if (!read(length.data(), length.size())) return;
  std::size_t size = static_cast<std::size_t>(length[0]) << 8 | length[1];
  std::array<unsigned char, 1024> packet{};
  if (size < 12 || size > 512 || !read(packet.data(), size)) return;
  size = answer(packet, size);
  std::array<unsigned char, 1026> whole{static_cast<unsigned char>(size >> 8),
                                        static_cast<unsigned char>(size)};
  std::memcpy(whole.data() + 2, packet.data(), size);
  write(whole.data(), size + 2);
}

void serve_connections(int listener) {
  for (;;) {
    int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    converse(
        [&](unsigned char* data, std::size_t size) {
          return ::recv(connection, data, size, MSG_WAITALL) == static_cast<ssize_t>(size);
        },
        [&](const unsigned char* data, std::size_t size) { ::send(connection, data, size, MSG_NOSIGNAL); });
    ::close(connection);
  }
}

void serve_tls(int listener, SSL_CTX* context) {
  for (;;) {
    int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    SSL* tls = SSL_new(context);
    SSL_set_fd(tls, connection);
    if (SSL_accept(tls) == 1) {
      converse(
          [&](unsigned char* data, std::size_t size) {
            std::size_t got = 0, more = 0;
            while (got < size && SSL_read_ex(tls, data + got, size - got, &more) == 1) got += more;
            return got == size;
          },
          [&](const unsigned char* data, std::size_t size) { SSL_write(tls, data, static_cast<int>(size)); });
      SSL_shutdown(tls);
    }
    SSL_free(tls);
    ::close(connection);
  }
}

SSL_CTX* make_context(const char* certificate, const char* key) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1)
    return context;
  ERR_print_errors_fp(stderr);
  std::exit(1);
}

sockaddr_in loopback(const char* port) {
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_port = htons(static_cast<in_port_t>(std::atoi(port)));
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return here;
}

int bound(int kind, const sockaddr_in& here) {
  int made = ::socket(AF_INET, kind | SOCK_CLOEXEC, 0);
  int on = 1;
  ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(made, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
      (kind == SOCK_STREAM && ::listen(made, 4096) != 0)) {
    std::perror("bench_dns_responder");
    std::exit(1);
  }
  return made;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: bench_dns_responder PORT TLS_PORT CERTIFICATE KEY\n", stderr);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  SSL_CTX* context = make_context(argv[3], argv[4]);
  std::thread(serve_connections, bound(SOCK_STREAM, loopback(argv[1]))).detach();
  std::thread(serve_tls, bound(SOCK_STREAM, loopback(argv[2])), context).detach();
  serve_datagrams(bound(SOCK_DGRAM, loopback(argv[1])));
}
