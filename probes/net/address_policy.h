// Which addresses the probes that /probe asks for may reach. `probe_targets: {allow: [...], deny: [...]}` at
// the top of the configuration; configured targets are the operator's own and are not asked. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/core/config_visitor.h"
#include "probes/core/probe.h"
#include "probes/net/address.h"

namespace lookout {

// "10.0.0.0/8", "fc00::/7", or one address.
struct Network {
  IpAddress address;
  unsigned prefix = 0;  // bits
  bool contains(const IpAddress& other) const;
  bool operator==(const Network&) const = default;
};
bool read_config(const YamlNode& node, Network& network, Problems& problems);
std::string print_config(const Network& network);

class AddressPolicy {
 public:
  std::vector<Network> allow;  // empty: everything that is not denied
  std::vector<Network> deny;   // goes before allow
  bool operator==(const AddressPolicy&) const = default;

  // An IPv4 address counts as such also within an IPv6 one (::ffff:10.0.0.1, 64:ff9b::10.0.0.1), the
  // unspecified address as the loopback that connecting to it reaches, and an address of any zone alike.
  bool allows(const IpAddress& address) const;
};

template <class Visitor>
void describe(Visitor& v, AddressPolicy& policy) {
  v.field("allow", policy.allow, "Networks that /probe may reach, and no others");
  v.field("deny", policy.deny, "Networks that /probe may not reach");
}

// For wherever an address is about to be used on behalf of the run: fails unless its policy allows it. The
// address itself is not told, as a name of the inside would tell it to whoever asks.
Outcome refuse_unless_allowed(const ProbeRun& run, const IpAddress& address, std::string_view host);
// For what has no address: fails where there is any policy.
Outcome refuse_without_address(const ProbeRun& run, std::string_view what);

}  // namespace lookout
