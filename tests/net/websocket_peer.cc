#include "tests/net/websocket_peer.h"

#include <gtest/gtest.h>

#include "probes/websocket/websocket_upgrade.h"

namespace lookout::test {

std::string upgrade_answer(std::string_view request) {
  constexpr std::string_view kKey = "Sec-WebSocket-Key: ";
  const std::size_t at = request.find(kKey) + kKey.size();
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
         "Upgrade\r\nSec-WebSocket-Accept: " +
         websocket_accept(request.substr(at, request.find('\r', at) - at)) + "\r\n\r\n";
}

std::string upgrade(Peer& peer) {
  std::string request = peer.read_until("\r\n\r\n");
  peer.send(upgrade_answer(request));
  return request;
}

std::string server_frame(unsigned char first, std::string_view payload) {
  std::string frame(1, static_cast<char>(first));
  if (payload.size() < 126) {
    frame += static_cast<char>(payload.size());
  } else {
    frame += '\x7f';
    for (int i = 8; i-- > 0;)
      frame += static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> (8 * i));
  }
  return frame.append(payload);
}

void send_text(Peer& peer, std::string_view text) { peer.send(server_frame(kText, text)); }

std::string read_frame(Peer& peer) {
  const std::string head = peer.read_exactly(2);
  EXPECT_GE(static_cast<unsigned char>(head[1]), 0x80) << "clients have to mask";
  const std::size_t size = head[1] & 0x7f;
  EXPECT_LT(size, 126U);
  const std::string mask = peer.read_exactly(4);
  std::string frame = head.substr(0, 1) + (size > 0 ? peer.read_exactly(size) : "");
  for (std::size_t i = 0; i < size; ++i) frame[i + 1] = static_cast<char>(frame[i + 1] ^ mask[i % 4]);
  return frame;
}

}  // namespace lookout::test
