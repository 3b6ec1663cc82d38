// HTTP/3, where the system's libcurl has it. A QUIC connection is no stream that we could make for libcurl,
// so here the handshake is libcurl's as well. Ours stay: the address, what the socket is bound to, the
// settings of TLS, the verdict about certificates and what is told of them. One connection for each request,
// never through a proxy.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <boost/asio/ip/udp.hpp>

#include "probes/core/task.h"
#include "probes/net/http_transfers.h"
#include "probes/net/network_options.h"
#include "probes/net/tls.h"

namespace lookout {

bool speaks_http3();

// Whom to ask; refers to the probe's module.
struct QuicPeer {
  asio::ip::udp::endpoint endpoint;
  std::string name;  // for SNI and verification
  const NetworkOptions& network;
  const TlsConfig& tls;
  TlsFacts facts_if_refused;
  // Called once, after the handshake and before the request; what it is given lives as long as the exchange.
  std::function<void(Duration handshake, ssl_st* tls)> on_connected;
};

// As HttpTransfers::exchange(), but through connect and tls. The peer shows itself only by its certificates,
// so that tls begins with them: an endpoint that is silent is a timeout of connect.
Task<Outcome> exchange_over_quic(ProbeRun& run, const QuicPeer& peer, const HttpRequest& request,
                                 HttpResponse& response);

}  // namespace lookout
