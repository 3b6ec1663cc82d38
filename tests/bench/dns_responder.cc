// Answers every DNS question on a port of 127.0.0.1, over UDP and TCP, with one A record: the peer of the dns
// benchmarks, as light as can be.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
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

// One after the other: who connects asks at once.
void serve_connections(int listener) {
  std::array<unsigned char, 1024> packet{};
  for (;;) {
    int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    std::array<unsigned char, 2> length{};
    if (::recv(connection, length.data(), length.size(), MSG_WAITALL) == 2) {
      std::size_t size = static_cast<std::size_t>(length[0]) << 8 | length[1];
      if (size >= 12 && size <= 512 &&
          ::recv(connection, packet.data(), size, MSG_WAITALL) == static_cast<ssize_t>(size)) {
        size = answer(packet, size);
        std::array<unsigned char, 1026> whole{static_cast<unsigned char>(size >> 8),
                                              static_cast<unsigned char>(size)};
        std::memcpy(whole.data() + 2, packet.data(), size);
        ::send(connection, whole.data(), size + 2, MSG_NOSIGNAL);
      }
    }
    ::close(connection);
  }
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
  if (argc != 2) {
    std::fputs("usage: bench_dns_responder PORT\n", stderr);
    return 2;
  }
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_port = htons(static_cast<in_port_t>(std::atoi(argv[1])));
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::thread(serve_connections, bound(SOCK_STREAM, here)).detach();
  serve_datagrams(bound(SOCK_DGRAM, here));
}
