// The `icmp` kind: one echo request, one matching reply. A coroutine per probe, on the loop of its ProbeRun;
// the sockets are shared (probes/net/icmp_sockets.h). It does not retry, and it does not count loss.
//
// Unlike blackbox_exporter, which waits for its time-out, an ICMP error that quotes our request ends the
// probe at once as response/unreachable (or response/limit for "packet too big").
#pragma once

#include <array>

#include "probes/core/task.h"
#include "probes/icmp/icmp_config.h"

namespace lookout {

inline constexpr FactFamily kIcmpDuration{"probe_icmp_duration_seconds",
                                          "Duration of the ICMP probe by phase"};
inline constexpr FactFamily kIcmpReplyHopLimit{"probe_icmp_reply_hop_limit",
                                               "Hop limit (TTL for IPv4) of the echo reply"};

inline constexpr std::array<const FactFamily*, 5> kIcmpFacts{&kDnsLookupTime, &kIpProtocol, &kIpAddressHash,
                                                             &kIcmpDuration, &kIcmpReplyHopLimit};

// The address is a host name or an IP literal.
Task<Outcome> probe_icmp(const IcmpConfig& config, const Target& target, ProbeRun& run);

}  // namespace lookout
