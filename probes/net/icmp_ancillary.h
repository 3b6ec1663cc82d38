// What travels beside an ICMP message through sendmsg and recvmsg: socket addresses, source addresses, time
// stamps and hop limits, as values.
#pragma once

#include <optional>

#include <sys/socket.h>

#include "probes/core/clock.h"
#include "probes/net/icmp_packet.h"
#include "probes/net/network_options.h"

namespace lookout {

// nullopt: not an IP address. Zones are dropped.
std::optional<IpAddress> address_of(const void* address, std::size_t size);
// Zones do not count: a reply's names the interface, which the name that was asked need not.
bool same_address(const IpAddress& a, const IpAddress& b);
socklen_t fill_address(const IpAddress& address, sockaddr_storage& storage);

// Appends nothing to what is there: the message has room for this one control message, big enough for an
// in6_pktinfo.
void set_egress(msghdr& message, IcmpFamily family, const Egress& egress);

// What the kernel tells beside a packet.
struct ReceiveNotes {
  std::optional<WallTime> stamp;
  std::optional<int> hop_limit;
};

ReceiveNotes read_notes(msghdr& message);

}  // namespace lookout
