// The dialogue of kinds that talk in lines and bytes: expect, expect_bytes, send, starttls, in this order
// within each step. Holds no state of its own between probes; runs on the stream's loop.
//
// Where blackbox_exporter loses bytes, this does not: expect_bytes sees what the line reader has already
// taken in, and waits until all bytes are there.
#pragma once

#include <string>
#include <vector>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/dialogue/query_response.h"
#include "probes/dialogue/step.h"
#include "probes/net/stream.h"

namespace lookout {

// Without its line feed, as in bufio.Scanner, which blackbox_exporter reads lines with.
inline constexpr std::size_t kMaximumLine = 64 * 1024 - 1;

// What starttls needs. An empty name fails unless certificates are not verified.
struct StartTls {
  const TlsConfig* config = nullptr;
  std::string server_name;
};

// Enters Stage::request to send, Stage::response to read and Stage::match when what came is not what was
// expected. States kFailedDueToRegex and kFailedDueToBytes (0 unless a check failed), kExpectInfo for the
// last step with labels that matched, and facts about certificates after starttls. Fails with mismatch,
// closed, limit (a longer line), or what the stream reports. `stream` and `steps` outlive the dialogue.
Task<Outcome> converse(ProbeRun& run, Stream& stream, const std::vector<QueryResponse>& steps, StartTls tls);

}  // namespace lookout
