// The `dns` kind: one question to one server, over UDP, TCP, TLS or HTTPS (RFC 1035, RFC 7858, RFC 8484), and
// checks of the answer. A coroutine per probe, on the loop of its ProbeRun. Unless told to, it sends no EDNS,
// asks once, and does not ask again over TCP when an answer is truncated: what a server says to exactly this
// question is what is judged.
//
// Where it fails: an ICMP port unreachable on UDP is response/refused; an rcode outside valid_rcodes is
// response/not_found for NXDOMAIN, response/refused for REFUSED and response/status for the others; a rule
// about records, truncation or authentication is match/mismatch; settings that only a probe can find wrong
// (transport, rcode names, source address) are internal.
#pragma once

#include <array>

#include "probes/core/task.h"
#include "probes/dns/dns_config.h"

namespace lookout {

inline constexpr FactFamily kDnsDuration{"probe_dns_duration_seconds", "Duration of the DNS probe by phase"};
inline constexpr FactFamily kDnsAnswerRecords{"probe_dns_answer_rrs", "Records in the answer section"};
inline constexpr FactFamily kDnsAuthorityRecords{"probe_dns_authority_rrs",
                                                 "Records in the authority section"};
inline constexpr FactFamily kDnsAdditionalRecords{"probe_dns_additional_rrs",
                                                  "Records in the additional section"};
inline constexpr FactFamily kDnsQuerySucceeded{
    "probe_dns_query_succeeded", "1 if a DNS response was received and parsed, whatever it said"};
inline constexpr FactFamily kDnsSerial{"probe_dns_serial", "Serial number of the zone"};

// Stated only where the configuration uses a key that blackbox_exporter lacks.
inline constexpr FactFamily kDnsTruncated{
    "probe_dns_truncated", "1 if the answer was truncated, also if it was then asked for over TCP"};
inline constexpr FactFamily kDnsAuthenticatedData{"probe_dns_authenticated_data",
                                                  "1 if the server says that it has validated the answer"};
inline constexpr FactFamily kDnsQueryInfo{"probe_dns_query_info", "What was asked"};

inline constexpr std::array<const FactFamily*, 12> kDnsFacts{
    &kDnsLookupTime,    &kIpProtocol,          &kIpAddressHash,        &kDnsDuration,
    &kDnsAnswerRecords, &kDnsAuthorityRecords, &kDnsAdditionalRecords, &kDnsQuerySucceeded,
    &kDnsSerial,        &kDnsTruncated,        &kDnsAuthenticatedData, &kDnsQueryInfo};

// The address is `server[:port]`; the port is 53 unless given, 853 with dns_over_tls, 443 with
// dns_over_https, where it may also be an https URL.
Task<Outcome> probe_dns(const DnsConfig& config, const Target& target, ProbeRun& run);

}  // namespace lookout
