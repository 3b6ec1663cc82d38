// The `grpc` kind: asks a server about its health by the standard call, grpc.health.v1.Health/Check, over one
// HTTP/2 connection of its own. A coroutine per probe, on the loop of its ProbeRun.
//
// Where blackbox_exporter looks the name up a second time and calls whatever address it then finds, this
// calls the address that the facts are about; and where it waits for as long as the server likes, this ends
// at the probe's deadline, which the server is told, too.
//
// Where it fails after the handshake: a code of gRPC's is response/timeout for DEADLINE_EXCEEDED,
// response/not_found for NOT_FOUND, response/refused for PERMISSION_DENIED and UNAUTHENTICATED,
// response/protocol for UNIMPLEMENTED and response/status for the others; any health but SERVING is
// response/status; what is no HTTP/2 or no gRPC is response/protocol.
#pragma once

#include <array>

#include "probes/core/task.h"
#include "probes/grpc/grpc_config.h"

namespace lookout {

inline constexpr FactFamily kGrpcDuration{"probe_grpc_duration_seconds",
                                          "Duration of the gRPC probe by phase"};
inline constexpr FactFamily kGrpcSsl{"probe_grpc_ssl", "1 if a health response came over TLS"};
inline constexpr FactFamily kGrpcStatusCode{"probe_grpc_status_code", "Status code of the call"};
inline constexpr FactFamily kGrpcHealthResponse{"probe_grpc_healthcheck_response",
                                                "1 for the health that the server told"};

inline constexpr std::array<const FactFamily*, 10> kGrpcFacts{
    &kDnsLookupTime,  &kIpProtocol,         &kIpAddressHash, &kGrpcDuration, &kGrpcSsl,
    &kGrpcStatusCode, &kGrpcHealthResponse, &kLastChainInfo, &kTlsVersion,   &kEarliestCertificateExpiry};

// The address is `host[:port]`, with http:// or https:// before it if one likes, which changes nothing; the
// port is 80 unless given, 443 with tls.
Task<Outcome> probe_grpc(const GrpcConfig& config, const Target& target, ProbeRun& run);

}  // namespace lookout
