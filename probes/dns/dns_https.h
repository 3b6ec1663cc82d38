// DNS over HTTPS (RFC 8484): one message as the body of a request, one as the body of its response, over a
// connection that somebody else made. A coroutine on the loop of the run.
#pragma once

#include <string>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/net/stream.h"

namespace lookout {

struct DnsPost {
  std::string authority, path;
  std::string query;
};

// Enters Stage::request and Stage::response. Fails with status (of HTTP, and not 200), protocol (what came is
// no DNS message by its content type), limit (larger than a DNS message can be), or what the exchange
// reports.
Task<Attempt<std::string>> post_dns_query(ProbeRun& run, Stream& stream, DnsPost post);

}  // namespace lookout
