#include "probes/grpc/grpc_health.h"

namespace lookout {
namespace {

constexpr std::uint64_t kField = 1;  // the only one of either message
enum WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

std::optional<std::uint64_t> take_varint(std::string_view& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

bool skip(std::string_view& in, std::uint64_t size) {
  if (size > in.size()) return false;
  in.remove_prefix(size);
  return true;
}

bool skip_value(std::string_view& in, std::uint64_t wire_type) {
  switch (wire_type) {
    case varint:
      return take_varint(in).has_value();
    case fixed64:
      return skip(in, 8);
    case fixed32:
      return skip(in, 4);
    case bytes: {
      const std::optional<std::uint64_t> size = take_varint(in);
      return size && skip(in, *size);
    }
    default:
      return false;
  }
}

}  // namespace

std::string health_request(std::string_view service) {
  std::string message;
  if (service.empty()) return message;
  append_varint(message, kField << 3 | bytes);
  append_varint(message, service.size());
  return message.append(service);
}

std::optional<std::uint64_t> parse_health_response(std::string_view message) {
  std::uint64_t status = 0;
  while (!message.empty()) {
    const std::optional<std::uint64_t> tag = take_varint(message);
    if (!tag || *tag >> 3 == 0) return std::nullopt;
    if (*tag == (kField << 3 | varint)) {
      const std::optional<std::uint64_t> value = take_varint(message);
      if (!value) return std::nullopt;
      status = *value;
    } else if (!skip_value(message, *tag & 7)) {
      return std::nullopt;
    }
  }
  return status;
}

}  // namespace lookout
