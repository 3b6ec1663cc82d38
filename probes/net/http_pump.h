// Carries bytes between libcurl's end of a local socket pair and a TLS stream, both ways at once, through one
// buffer of fixed size each. Runs beside an exchange and never ends before it: http_transfers.cc cancels it.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>

#include "probes/core/task.h"
#include "probes/net/stream.h"

namespace lookout {

using LocalSocket = asio::basic_stream_socket<asio::local::stream_protocol, Executor>;

// How the stream's side ended, if it did. The local side then sees the end of the data, like on an orderly
// close.
struct PumpEnding {
  bool ended = false;
  Outcome failure;
};

Task<> pump_to_peer(ProbeRun& run, LocalSocket& local, Stream& stream, PumpEnding& ending);
Task<> pump_from_peer(ProbeRun& run, Stream& stream, LocalSocket& local, PumpEnding& ending);

}  // namespace lookout
