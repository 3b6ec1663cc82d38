// Which of the built-in modules a target is meant for, by its form alone. Pure.
#pragma once

#include <string_view>

namespace lookout {

// A URL: http_2xx; host:port: tcp_connect; a host name or an address: icmp; an absolute path or @name of a
// local socket: unix_connect; ws:// and wss://: websocket; anything else, such as example.org/health:
// http_2xx.
std::string_view module_for(std::string_view target);

}  // namespace lookout
