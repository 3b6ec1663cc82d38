#include "probes/websocket/websocket_frames.h"

#include <cstring>
#include <span>

#include <fmt/format.h>

namespace lookout {
namespace {

constexpr std::uint8_t kFinal = 0x80, kReserved = 0x70, kOpcode = 0x0f, kMasked = 0x80, kSize = 0x7f;
constexpr std::uint64_t kSizeIn16Bits = 126, kSizeIn64Bits = 127, kLargestControl = 125;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) number = number << 8 | byte_at(bytes, i);
  return number;
}

std::string_view broken_rule(const WebsocketFrame& frame, std::uint8_t first, std::uint8_t second) {
  if ((first & kReserved) != 0) return "a frame uses an extension that was not agreed on";
  if ((second & kMasked) != 0) return "a frame is masked, which only clients do";
  switch (frame.opcode) {
    case WebsocketOpcode::continuation:
    case WebsocketOpcode::text:
    case WebsocketOpcode::binary:
      return {};
    case WebsocketOpcode::close:
    case WebsocketOpcode::ping:
    case WebsocketOpcode::pong:
      if (!frame.final) return "a control frame comes in pieces";
      if (frame.size > kLargestControl) return "a control frame is longer than 125 bytes";
      return {};
  }
  return "a frame has an opcode that does not exist";
}

}  // namespace

std::optional<WebsocketFrame> read_frame_head(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const std::uint8_t first = byte_at(bytes, 0), second = byte_at(bytes, 1);
  WebsocketFrame frame{.opcode = static_cast<WebsocketOpcode>(first & kOpcode),
                       .final = (first & kFinal) != 0};
  frame.size = second & kSize;
  frame.head = 2;
  if (frame.size >= kSizeIn16Bits) {
    const std::size_t length = frame.size == kSizeIn64Bits ? 8 : 2;
    if (bytes.size() < 2 + length) return std::nullopt;
    frame.size = big_endian(bytes.substr(2, length));
    frame.head += length;
  }
  frame.broken_rule = broken_rule(frame, first, second);
  return frame;
}

namespace {

// Eight bytes at a time: a message may have many megabytes.
void mask_bytes(std::span<char> bytes, const std::array<char, 4>& mask) {
  std::uint64_t wide_mask = 0;
  std::memcpy(&wide_mask, mask.data(), 4);
  std::memcpy(reinterpret_cast<char*>(&wide_mask) + 4, mask.data(), 4);
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    word ^= wide_mask;
    std::memcpy(bytes.data() + i, &word, 8);
  }
  for (; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ mask[i % 4]);
}

}  // namespace

std::string client_frame(WebsocketOpcode opcode, std::string_view payload, const std::array<char, 4>& mask) {
  std::string frame(1, static_cast<char>(kFinal | static_cast<std::uint8_t>(opcode)));
  const std::uint64_t size = payload.size();
  const int length = size < kSizeIn16Bits ? 0 : size <= 0xffff ? 2 : 8;
  const std::uint64_t stated = length == 0 ? size : length == 2 ? kSizeIn16Bits : kSizeIn64Bits;
  frame += static_cast<char>(kMasked | stated);
  for (int i = length; i-- > 0;) frame += static_cast<char>(size >> (8 * i));
  frame.append(mask.data(), mask.size());
  const std::size_t start = frame.size();
  frame.append(payload);
  mask_bytes(std::span(frame).subspan(start), mask);
  return frame;
}

std::string close_reason(std::string_view payload) {
  if (payload.size() < 2) return "no code";
  const std::string_view text = payload.substr(2);
  return fmt::format("{}{}{}", big_endian(payload.substr(0, 2)), text.empty() ? "" : " ", text);
}

}  // namespace lookout
