// The tcp kind: connect, TLS if wanted, then the dialogue that the module tells. Runs on the loop of the
// run's services; one address, one attempt, as blackbox_exporter has it.
#pragma once

#include <array>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/dialogue/converse.h"
#include "probes/net/address.h"
#include "probes/net/tls.h"
#include "probes/tcp/tcp_config.h"

namespace lookout {

// The target is host:port; ports may be service names. TLS verifies `server_name`, else the target's
// hostname, else the host. `config` and `target` outlive the probe.
Task<Outcome> probe_tcp(const TcpConfig& config, const Target& target, ProbeRun& run);

inline constexpr std::array<const FactFamily*, 10> kTcpFacts{&kDnsLookupTime,
                                                             &kIpProtocol,
                                                             &kIpAddressHash,
                                                             &kFailedDueToRegex,
                                                             &kFailedDueToBytes,
                                                             &kExpectInfo,
                                                             &kEarliestCertificateExpiry,
                                                             &kLastChainExpiry,
                                                             &kLastChainInfo,
                                                             &kTlsVersion};

}  // namespace lookout
