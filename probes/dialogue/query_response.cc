#include "probes/dialogue/query_response.h"

#include <charconv>

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

// nullopt: not pairs of hexadecimal digits.
std::optional<std::string> bytes_of(std::string digits) {
  std::erase(digits, ' ');
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned char byte = 0;
    const char* const end = digits.data() + i + 2;
    const auto [stop, error] = std::from_chars(digits.data() + i, end, byte, 16);
    if (error != std::errc() || stop != end) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

}  // namespace

bool read_config(const YamlNode& node, HexBytes& value, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  std::optional<std::string> bytes = bytes_of(text);
  if (bytes) {
    value.bytes = std::move(*bytes);
  } else {
    problems.add(
        node.mark(),
        fmt::format("{} is not hexadecimal; write two digits for each byte, e.g. \"0d0a\"", in_quotes(text)));
  }
  return bytes.has_value();
}

std::string print_config(const HexBytes& value) {
  std::string digits;
  for (const char byte : value.bytes) digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return digits;
}

std::string QueryResponse::payload(const std::vector<std::string>& groups) const {
  if (!send_hex.bytes.empty()) return send_hex.bytes;
  return expect ? expect->expand(send, groups) : send;
}

void validate(const QueryResponse& step, ConfigReader& reader) {
  if (step.expect && !step.expect_bytes.empty()) {
    reader.problem("expect_bytes", "write expect or expect_bytes, not both: use two steps");
  }
  if (!step.send.empty() && !step.send_hex.bytes.empty()) {
    reader.problem("send_hex", "write send or send_hex, not both: use two steps");
  }
}

}  // namespace lookout
