// The `icmp` kind: an echo request and its reply, or a series of them whose loss is judged. A coroutine per
// probe, on the loop of its ProbeRun; the sockets are shared (probes/net/icmp_sockets.h).
//
// Only of a series: packets sent and received, and the loss once one was sent; round-trip times once one came
// back, jitter once two did. Its phase rtt is the mean.
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

inline constexpr FactFamily kIcmpPacketsSent{"probe_icmp_packets_sent", "Echo requests sent"};
inline constexpr FactFamily kIcmpPacketsReceived{"probe_icmp_packets_received", "Echo replies received"};
inline constexpr FactFamily kIcmpPacketLoss{"probe_icmp_packet_loss_ratio",
                                            "Part of the echo requests that got no reply"};
inline constexpr FactFamily kIcmpRoundTrip{"probe_icmp_rtt_seconds",
                                           "Round-trip times of the echo replies: min, avg, max"};
inline constexpr FactFamily kIcmpJitter{
    "probe_icmp_jitter_seconds", "Mean difference between the round-trip times of one reply and the next"};

inline constexpr std::array<const FactFamily*, 10> kIcmpFacts{
    &kDnsLookupTime,   &kIpProtocol,          &kIpAddressHash,  &kIcmpDuration,  &kIcmpReplyHopLimit,
    &kIcmpPacketsSent, &kIcmpPacketsReceived, &kIcmpPacketLoss, &kIcmpRoundTrip, &kIcmpJitter};

// The address is a host name or an IP literal.
Task<Outcome> probe_icmp(const IcmpConfig& config, const Target& target, ProbeRun& run);

}  // namespace lookout
