// Answers every DNS question on a UDP port of 127.0.0.1 with one A record: the peer of the dns benchmark, as
// light as can be.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

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

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: bench_dns_responder PORT\n", stderr);
    return 2;
  }
  int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_port = htons(static_cast<in_port_t>(std::atoi(argv[1])));
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(socket, reinterpret_cast<sockaddr*>(&here), sizeof here) != 0) {
    std::perror("bind");
    return 1;
  }
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
