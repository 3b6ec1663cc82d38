// How a probe's packets get to its target: which family of addresses is preferred, who is asked for the
// target's name, which address and interface they leave from. The keys stand inline in the block of every
// kind that talks over a network.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/udp.hpp>

#include "probes/core/config_visitor.h"
#include "probes/core/probe.h"
#include "probes/net/address.h"

namespace lookout {

// "10.0.0.53", "10.0.0.54:5353", "[2001:db8::53]:5353"
struct NameServer {
  asio::ip::udp::endpoint endpoint;
  bool operator==(const NameServer&) const = default;
};
bool read_config(const YamlNode& node, NameServer& value, Problems& problems);
std::string print_config(const NameServer& value);

// Need not exist while the configuration is read.
struct InterfaceName {
  std::string value;
  bool empty() const { return value.empty(); }
  bool operator==(const InterfaceName&) const = default;
};
bool read_config(const YamlNode& node, InterfaceName& value, Problems& problems);
std::string print_config(const InterfaceName& value);

struct NetworkOptions {
  std::string preferred_ip_protocol;  // "" and "ip6" mean IPv6; anything else IPv4
  bool ip_protocol_fallback = true;
  std::string source_ip_address{};
  InterfaceName source_interface{};
  std::optional<std::vector<NameServer>> resolvers{};  // unset: the system's; empty: nobody is asked

  bool prefers_ip6() const { return preferred_ip_protocol.empty() || preferred_ip_protocol == "ip6"; }
  bool operator==(const NetworkOptions&) const = default;
};

template <class Visitor>
void describe_inline(Visitor& v, NetworkOptions& network) {
  v.field("preferred_ip_protocol", network.preferred_ip_protocol, "ip4 or ip6 (the default)");
  v.field("ip_protocol_fallback", network.ip_protocol_fallback,
          "Use the other family if the preferred one has no address");
  v.field("source_ip_address", network.source_ip_address, "Send from this address");
  v.field("source_interface", network.source_interface, "Send through this network interface");
  v.field("resolvers", network.resolvers,
          "Name servers to ask instead of the system's; an empty list: only IP addresses are probed");
}

// Where the packets to one destination leave from.
struct Egress {
  std::optional<IpAddress> address;  // of the destination's family
  unsigned interface = 0;            // its index; 0: as the routes say
};

// The index of source_interface, 0 without one. Fails as internal: no such interface.
Attempt<unsigned> find_interface(const ProbeRun& run, const NetworkOptions& network);

// Fails as internal: no IP address, one of the other family, no such interface.
Attempt<Egress> find_egress(const ProbeRun& run, const NetworkOptions& network, const IpAddress& destination);

// For a socket of TCP or UDP that is not connected yet; no privilege is needed since Linux 5.7. False: errno
// says why. Interface 0 is none.
bool bind_interface(int socket, unsigned interface);
Outcome bind_egress(const ProbeRun& run, int socket, const Egress& egress);

}  // namespace lookout
