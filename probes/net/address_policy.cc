#include "probes/net/address_policy.h"

#include <algorithm>
#include <charconv>
#include <span>

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

bool same_bits(std::span<const std::uint8_t> left, std::span<const std::uint8_t> right, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::equal(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(whole), right.begin()))
    return false;
  const unsigned rest = bits % 8;
  return rest == 0 || (left[whole] ^ right[whole]) >> (8 - rest) == 0;
}

// The IPv4 address that an IPv6 one stands for: mapped, compatible, or behind NAT64 (RFC 6052).
std::optional<IpAddress> embedded(const IpAddress& address) {
  if (!address.is_v6()) return std::nullopt;
  const auto bytes = address.to_v6().to_bytes();
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  constexpr std::array<std::uint8_t, 12> kCompatible{};
  constexpr std::array<std::uint8_t, 12> kNat64{0, 0x64, 0xFF, 0x9B};
  const auto begins = [&](const auto& prefix) { return same_bits(bytes, prefix, 96); };
  const bool own = address.to_v6().is_loopback() || address.to_v6().is_unspecified();
  if (own || (!begins(kMapped) && !begins(kCompatible) && !begins(kNat64))) return std::nullopt;
  return asio::ip::make_address_v4(
      asio::ip::address_v4::bytes_type{bytes[12], bytes[13], bytes[14], bytes[15]});
}

bool listed(const std::vector<Network>& networks, const IpAddress& address) {
  return std::ranges::any_of(networks, [&](const Network& network) { return network.contains(address); });
}

IpAddress reached(const IpAddress& address) {
  if (!address.is_unspecified()) return address;
  if (address.is_v4()) return asio::ip::address_v4::loopback();
  return asio::ip::address_v6::loopback();
}

}  // namespace

bool Network::contains(const IpAddress& other) const {
  if (address.is_v4() != other.is_v4()) return false;
  if (address.is_v4()) return same_bits(address.to_v4().to_bytes(), other.to_v4().to_bytes(), prefix);
  return same_bits(address.to_v6().to_bytes(), other.to_v6().to_bytes(), prefix);
}

bool read_config(const YamlNode& node, Network& network, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  const std::size_t slash = text.find('/');
  const std::optional<IpAddress> address = parse_ip(text.substr(0, slash));
  const unsigned bits = address && address->is_v4() ? 32 : 128;
  unsigned prefix = bits;
  bool good = address.has_value() && !text.starts_with('[');
  if (slash != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + slash + 1, end, prefix);
    good = good && read.ec == std::errc() && read.ptr == end && prefix <= bits;
  }
  if (!good) {
    problems.add(node.mark(), fmt::format("{} is no network; write e.g. 10.0.0.0/8, fc00::/7 or one address",
                                          in_quotes(text)));
    return false;
  }
  network = {*address, prefix};
  return true;
}

std::string print_config(const Network& network) {
  return fmt::format("{}/{}", network.address.to_string(), network.prefix);
}

bool AddressPolicy::allows(const IpAddress& wanted) const {
  const IpAddress address = reached(wanted);
  const std::optional<IpAddress> inner = embedded(address);
  const IpAddress inner_reached = inner ? reached(*inner) : address;
  if (listed(deny, address) || listed(deny, wanted) || listed(deny, inner_reached)) return false;
  return allow.empty() || listed(allow, address) || listed(allow, inner_reached);
}

Outcome refuse_unless_allowed(const ProbeRun& run, const IpAddress& address, std::string_view host) {
  if (run.allowed == nullptr || run.allowed->allows(address)) return std::nullopt;
  return run.fail(Cause::internal, fmt::format("probe_targets does not allow the address of {}", host));
}

Outcome refuse_without_address(const ProbeRun& run, std::string_view what) {
  if (run.allowed == nullptr) return std::nullopt;
  return run.fail(Cause::internal, fmt::format("probe_targets allows addresses only, and {} has none", what));
}

}  // namespace lookout
