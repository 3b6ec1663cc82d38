// The websocket kind: connect, TLS for wss, upgrade to WebSocket, then the dialogue that the module tells, a
// message at a time. Runs on the loop of the run's services; one address, one attempt, no proxy, no redirect.
#pragma once

#include <array>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/dialogue/step.h"
#include "probes/net/address.h"
#include "probes/websocket/websocket_config.h"

namespace lookout {

inline constexpr FactFamily kWebsocketStatus{"probe_websocket_status_code",
                                             "HTTP status of the answer to the upgrade"};
inline constexpr FactFamily kWebsocketUpgraded{"probe_websocket_connection_upgraded",
                                               "1 if the connection was upgraded to WebSocket"};
inline constexpr FactFamily kWebsocketRegex{"probe_websocket_failed_due_to_regex",
                                            "1 if the dialogue failed, for whatever reason"};
inline constexpr FactFamily kWebsocketDuration{
    "probe_websocket_duration_seconds", "Duration of the phases resolve, connect, processing, transfer"};

// The target is a ws or wss URL. TLS verifies `server_name`, else the target's hostname, else the host of a
// Host header, else the URL's. `config` and `target` outlive the probe.
Task<Outcome> probe_websocket(const WebsocketConfig& config, const Target& target, ProbeRun& run);

inline constexpr std::array<const FactFamily*, 8> kWebsocketFacts{
    &kDnsLookupTime,     &kIpProtocol,     &kIpAddressHash,     &kWebsocketStatus,
    &kWebsocketUpgraded, &kWebsocketRegex, &kWebsocketDuration, &kExpectInfo};

}  // namespace lookout
