// The only place that connects stream sockets. One address, one attempt, as blackbox_exporter has it: what
// comes back is connected, or the reason in Stage::connect. Runs on the loop of the run's services.
#pragma once

#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "probes/net/network_options.h"
#include "probes/net/stream.h"

namespace lookout {

// Enters Stage::connect; from where `network` says. A synchronous ENETUNREACH or EMFILE is our own fault
// (internal); an asynchronous one is the network's answer. `network` outlives the dialling.
Task<Attempt<Stream>> dial(ProbeRun& run, asio::ip::tcp::endpoint endpoint, const NetworkOptions& network);

// Enters Stage::connect, unless the run's policy of addresses refuses it. The path of a local stream socket;
// "@name" is one in the abstract namespace. A server that accepts too slowly is waited for. A path that leads
// nowhere is not_found, one that Lookout may not use internal.
Task<Attempt<Stream>> dial_local(ProbeRun& run, std::string path);

}  // namespace lookout
