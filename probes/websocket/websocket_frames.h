// WebSocket's frames (RFC 6455 section 5) as a client writes and reads them. Pure; trusts no byte.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lookout {

enum class WebsocketOpcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xa,
};

inline bool is_control(WebsocketOpcode opcode) { return static_cast<std::uint8_t>(opcode) >= 0x8; }

struct WebsocketFrame {
  WebsocketOpcode opcode{};
  bool final = false;              // the last of its message
  std::size_t head = 0;            // bytes before the payload
  std::uint64_t size = 0;          // of the payload, as the peer claims
  std::string_view broken_rule{};  // what no server may do, in words; empty: well-formed
};

// The frame that `bytes` begins with; nullopt: its head is not there as a whole.
std::optional<WebsocketFrame> read_frame_head(std::string_view bytes);

// One whole message in one frame, masked as clients have to.
std::string client_frame(WebsocketOpcode opcode, std::string_view payload, const std::array<char, 4>& mask);

// "1001 going away" of a close frame's payload, "no code" without one.
std::string close_reason(std::string_view payload);

}  // namespace lookout
