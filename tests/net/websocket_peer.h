// A server's half of WebSocket for scripts: the upgrade, right or wrong, and frames of any form.
#pragma once

#include <string>
#include <string_view>

#include "tests/support/scripted_server.h"

namespace lookout::test {

// Reads the request and answers as a server has to. The request's head.
std::string upgrade(Peer& peer);
// The answer that belongs to a request.
std::string upgrade_answer(std::string_view request);

// Unmasked, as servers send them; `first` is the byte with FIN and opcode.
std::string server_frame(unsigned char first, std::string_view payload);
void send_text(Peer& peer, std::string_view text);
// Reads one frame that must be masked: its first byte, then its payload.
std::string read_frame(Peer& peer);

inline constexpr unsigned char kText = 0x81, kBinary = 0x82, kClose = 0x88, kPing = 0x89, kPong = 0x8a;

}  // namespace lookout::test
