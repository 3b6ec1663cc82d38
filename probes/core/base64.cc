#include "probes/core/base64.h"

#include <cstdint>

namespace lookout {

std::string base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t index = 0; index < bytes.size(); index += 3) {
    const std::string_view group = bytes.substr(index, 3);
    std::uint32_t bits = 0;
    for (std::size_t at = 0; at < 3; ++at)
      bits = bits << 8 | (at < group.size() ? static_cast<unsigned char>(group[at]) : 0U);
    for (std::size_t at = 0; at < 4; ++at) {
      text.push_back(at <= group.size() ? kAlphabet[bits >> (18 - 6 * at) & 63] : '=');
    }
  }
  return text;
}

}  // namespace lookout
