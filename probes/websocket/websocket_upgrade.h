// The HTTP/1.1 exchange that turns a connection into a WebSocket (RFC 6455 section 4): the request's text,
// and what the answer means. Pure but for the reading of its head.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/core/task.h"
#include "probes/net/http_transfers.h"
#include "probes/net/stream.h"

namespace lookout {

struct WebsocketUpgrade {
  std::string path, host;
  std::vector<HttpHeader> headers;  // beside those of the upgrade itself
};

// 16 random bytes in Base64; empty: there were none to be had.
std::string websocket_key();
// What a server answers to a key (section 4.2.2).
std::string websocket_accept(std::string_view key);
std::string upgrade_request(const WebsocketUpgrade& upgrade, std::string_view key);
// Whether the header belongs to the upgrade itself, so that nobody may add another.
bool is_of_upgrade(std::string_view header);

struct UpgradeHead {
  std::string text;   // with the empty line
  std::string early;  // what came after it
};
// Reads the answer's head. Fails with closed, limit, or what the stream reports.
Task<Attempt<UpgradeHead>> read_upgrade_head(ProbeRun& run, Stream& stream);

struct UpgradeAnswer {
  int status = 0;  // 0: no HTTP/1.x at all
  // Why the connection is no WebSocket although the status says so; empty: it is one.
  std::string_view broken_rule;
};
UpgradeAnswer read_upgrade_answer(std::string_view head, std::string_view key);

}  // namespace lookout
