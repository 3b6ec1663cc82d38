// Listening sockets: from addresses in Go's form (":9115" is every address of both families,
// "127.0.0.1:9115", "[::1]:9115", "localhost:9115"), from "vsock://:9115" for a virtual machine's host, and
// those that systemd passes on. Only at start: resolving a name may block.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include "probes/core/task.h"

namespace lookout {

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, Executor>;

struct HostAndService {
  std::string host;  // without brackets; empty: every address
  std::string service;
};
// Pure. Throws std::runtime_error that says what is wrong.
HostAndService split_listen_address(std::string_view text);

// Bound and listening. Throws std::runtime_error with the address and the reason.
Acceptor listen_on(const Executor& executor, std::string_view address);

// How many sockets systemd passes to this process, by LISTEN_PID and LISTEN_FDS (nullptr: not set); 0: none.
int inherited_count(const char* listen_pid, const char* listen_fds, int own_pid);
// Those sockets, from descriptor 3 on; takes the variables out of the environment. Throws std::runtime_error
// when there is none, or one that does not listen for streams.
std::vector<Acceptor> inherited_listeners(const Executor& executor);

// "127.0.0.1:9115", "[::]:9115", "vsock://:9115", "unix:/run/lookout.sock"
std::string address_text(const Acceptor& acceptor);
std::uint16_t port_of(const Acceptor& acceptor);  // 0: of a family without

}  // namespace lookout
