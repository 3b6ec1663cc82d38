// From a name to the one address that a probe uses, by blackbox_exporter's selection rules (preferred family
// first, fallback to the other), and the facts that tell about it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>

#include "probes/core/fact.h"
#include "probes/core/probe.h"
#include "probes/core/task.h"

namespace lookout {

using IpAddress = asio::ip::address;

inline constexpr FactFamily kDnsLookupTime{"probe_dns_lookup_time_seconds",
                                           "Time that resolving the target's name took"};
inline constexpr FactFamily kIpProtocol{"probe_ip_protocol", "IP protocol that the probe used: 4 or 6"};
inline constexpr FactFamily kIpAddressHash{"probe_ip_addr_hash",
                                           "Hash of the target's address, to see that it changed"};

struct NetworkOptions;  // probes/net/network_options.h

struct HostPort {
  std::string host;  // without brackets
  std::uint16_t port = 0;
};

// The host of "host:port" and "[::1]:port", whatever the port is. nullopt: not of that form.
std::optional<std::string> host_before_port(std::string_view text);
// "host:port", "[::1]:port", service names for ports allowed. nullopt: not of that form.
std::optional<HostPort> parse_host_port(std::string_view text);
// The same, where the port may be left out.
HostPort host_and_port(std::string_view text, std::uint16_t default_port);
// An IP literal, with or without brackets; a zone is kept.
std::optional<IpAddress> parse_ip(std::string_view text);
// localhost, or an address of the loopback interface.
bool is_loopback(std::string_view host);

// Enters Stage::resolve, states the three facts above (0 where resolution failed) and ends with one address.
// Fails with not_found, timeout or protocol (the name servers' fault), or internal. `network` outlives the
// lookup.
Task<Attempt<IpAddress>> resolve(ProbeRun& run, std::string host, const NetworkOptions& network);

// FNV-1a, 32 bit, over the 4 or 16 address bytes; an IPv4-mapped address counts as IPv4.
std::uint32_t address_hash(const IpAddress& address);

}  // namespace lookout
