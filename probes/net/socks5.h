// The client's half of SOCKS5 (RFC 1928, RFC 1929): asks a proxy, over a stream to it, to connect to
// somewhere else. Afterwards the stream is one to there.
#pragma once

#include <cstdint>
#include <string>

#include "probes/core/task.h"
#include "probes/net/http_url.h"
#include "probes/net/network_options.h"
#include "probes/net/stream.h"

namespace lookout {

struct Socks5Request {
  std::string host;  // an IP literal, or a name that the proxy resolves
  std::uint16_t port = 0;
  std::string userinfo;  // "user:password", empty: shows none
};

// In the stage reached. A proxy that says no: refused, or unreachable where it says that the network does;
// that breaks off: closed; that talks nonsense: protocol. A name or password that SOCKS5 cannot carry is the
// operator's fault: internal.
Task<Outcome> ask_socks5(ProbeRun& run, Stream& stream, Socks5Request request);

// A stream to host:port through the proxy, which resolves the host's name. Through resolve, of the proxy's
// name and without facts, and connect; fails as dial() and ask_socks5(), told as the proxy's. `network`
// outlives it.
Task<Attempt<Stream>> dial_through_socks5(ProbeRun& run, const NetworkOptions& network, HttpUrl proxy,
                                          std::string host, std::uint16_t port);

}  // namespace lookout
