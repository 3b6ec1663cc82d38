// Listening sockets from addresses in Go's form: ":9115" is every address of both families, "127.0.0.1:9115",
// "[::1]:9115", "localhost:9115". Only at start: resolving a name may block.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "probes/core/task.h"

namespace lookout {

using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

struct HostAndService {
  std::string host;  // without brackets; empty: every address
  std::string service;
};
// Pure. Throws std::runtime_error that says what is wrong.
HostAndService split_listen_address(std::string_view text);

// Bound and listening. Throws std::runtime_error with the address and the reason.
Acceptor listen_on(const Executor& executor, std::string_view address);

}  // namespace lookout
