// The unix kind: connect to a local stream socket, TLS if wanted, then the dialogue that the module tells.
// Runs on the loop of the run's services; nothing is resolved.
#pragma once

#include <array>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/dialogue/converse.h"
#include "probes/net/tls.h"
#include "probes/unix/unix_config.h"

namespace lookout {

// The target is the socket's path, or @name in the abstract namespace. TLS verifies `server_name`, else the
// target's hostname; without either it fails unless certificates are not verified, as a path is no name.
// `config` and `target` outlive the probe.
Task<Outcome> probe_unix(const UnixConfig& config, const Target& target, ProbeRun& run);

inline constexpr std::array<const FactFamily*, 7> kUnixFacts{
    &kFailedDueToRegex, &kFailedDueToBytes, &kExpectInfo, &kEarliestCertificateExpiry,
    &kLastChainExpiry,  &kLastChainInfo,    &kTlsVersion};

}  // namespace lookout
