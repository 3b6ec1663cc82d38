// The words of DNS that a configuration may use, as blackbox_exporter knows them: upper case, no TYPE65
// forms. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lookout {

// An empty word is the default: ANY, IN.
std::optional<std::uint16_t> parse_dns_type(std::string_view name);
std::optional<std::uint16_t> parse_dns_class(std::string_view name);
std::optional<std::uint16_t> parse_dns_rcode(std::string_view name);

// "NXDOMAIN"; "RCODE 12" where there is no word.
std::string dns_rcode_name(std::uint16_t rcode);

inline constexpr std::uint16_t kRcodeNoError = 0, kRcodeNameError = 3, kRcodeRefused = 5;

}  // namespace lookout
