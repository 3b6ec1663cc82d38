// The `http` kind: asks a URL, follows its redirects hop by hop, and judges the final response as
// blackbox_exporter does (http_checks.h has the order and which failure says what). One coroutine on the loop
// of its run.
//
// Stages: resolve, connect, tls, request (until the first byte of the answer), response (from it on), match.
//
// Deliberate differences from blackbox_exporter: a redirect to another host obeys preferred_ip_protocol and
// the source address, too; whether credentials leave their host is judged by name, not by the address that
// the name led to; a port in a configured Host header does not spoil certificate verification; `deflate` is
// accepted with and without zlib's frame; a body from a file is sent with its length; handshakes have no
// limit of their own besides the probe's; cookies belong to the name that was asked for, which a Host header
// may make another than the URL's; 101 ends a response at its head; a proxy of TLS is verified by its own
// name.
#pragma once

#include <array>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/http/http_config.h"
#include "probes/http/http_facts.h"
#include "probes/match/expect_info.h"

namespace lookout {

Task<Outcome> probe_http(const HttpConfig& config, const Target& target, ProbeRun& run);

inline constexpr std::array<const FactFamily*, 19> kHttpFacts{
    &kDnsLookupTime,     &kIpProtocol,     &kIpAddressHash, &kHttpDuration,     &kHttpStatusCode,
    &kHttpContentLength, &kHttpBodyLength, &kHttpRedirects, &kHttpSsl,          &kHttpVersion,
    &kFailedDueToRegex,  &kFailedDueToCel, &kExpectInfo,    &kHttpLastModified, &kEarliestCertificateExpiry,
    &kLastChainExpiry,   &kLastChainInfo,  &kTlsVersion,    &kTlsCipher};

}  // namespace lookout
