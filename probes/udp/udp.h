// The udp kind: send datagrams and judge those that come back. Runs on the loop of the run's services; one
// address, and nothing is sent twice.
#pragma once

#include <array>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/dialogue/query_response.h"
#include "probes/dialogue/step.h"
#include "probes/net/address.h"
#include "probes/udp/udp_config.h"

namespace lookout {

// The target is host:port; ports may be service names. An ICMP error that quotes a datagram of ours ends the
// probe at once. `config` and `target` outlive the probe.
Task<Outcome> probe_udp(const UdpConfig& config, const Target& target, ProbeRun& run);

inline constexpr std::array<const FactFamily*, 6> kUdpFacts{
    &kDnsLookupTime, &kIpProtocol, &kIpAddressHash, &kFailedDueToRegex, &kFailedDueToBytes, &kExpectInfo};

}  // namespace lookout
