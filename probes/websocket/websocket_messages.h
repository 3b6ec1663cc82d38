// Messages over a connection that was upgraded to WebSocket: pieces are put together, pings answered, and
// whatever the peer does, no more than kMaximumMessage is kept. Lives on the stream's loop.
#pragma once

#include <string>
#include <string_view>

#include "probes/core/task.h"
#include "probes/net/stream.h"
#include "probes/websocket/websocket_frames.h"

namespace lookout {

class WebsocketMessages {
 public:
  static constexpr std::size_t kMaximumMessage = 1024 * 1024;

  // `early`: bytes that came with the upgrade's answer. The stream outlives the object.
  WebsocketMessages(Stream& stream, std::string early) : stream_(stream), buffer_(std::move(early)) {}

  // The next text or binary message. Fails with closed, limit or protocol, or what the stream reports.
  Task<Attempt<std::string>> receive(ProbeRun& run);
  Task<Outcome> send(ProbeRun& run, WebsocketOpcode opcode, std::string_view payload);
  // Says goodbye if that needs no waiting.
  Task<> close(ProbeRun& run);

 private:
  Task<Attempt<WebsocketFrame>> next_frame(ProbeRun& run);
  Task<Outcome> fill(ProbeRun& run, std::size_t size);
  Task<Outcome> answer(ProbeRun& run, WebsocketOpcode opcode, std::string payload);

  Stream& stream_;
  std::string buffer_;
  unsigned frames_ = 0;
};

}  // namespace lookout
