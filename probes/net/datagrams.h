// A UDP socket connected to one peer: the kernel drops what others send, and hands over the ICMP errors that
// quote our datagrams. Owns its descriptor; lives on one loop; waiting is cut by the run's deadline through
// cancellation.
#pragma once

#include <string>
#include <string_view>

#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/ip/udp.hpp>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/net/network_options.h"

namespace lookout {

class Datagrams {
 public:
  using Socket = asio::basic_datagram_socket<asio::ip::udp, Executor>;
  explicit Datagrams(Socket socket) : socket_(std::move(socket)) {}

  // In the stage that the run has reached, both. A payload that no datagram can hold is limit.
  Task<Outcome> send(ProbeRun& run, std::string_view payload);
  // The next one, whole; may be empty.
  Task<Attempt<std::string>> receive(ProbeRun& run);
  int descriptor() { return socket_.native_handle(); }

 private:
  Socket socket_;
};

// Enters Stage::connect, which asks nothing of the network: what fails is our own fault.
Attempt<Datagrams> open_datagrams(ProbeRun& run, const asio::ip::udp::endpoint& peer,
                                  const NetworkOptions& network);

}  // namespace lookout
