#include "probes/websocket/websocket_messages.h"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <poll.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kReadAtOnce = 4096;
constexpr unsigned kFramesBeforeOthers = 64;
constexpr std::string_view kNormalClosure("\x03\xe8", 2);  // 1000

bool takes_more(Stream& stream) {
  pollfd descriptor{stream.socket().native_handle(), POLLOUT, 0};
  return ::poll(&descriptor, 1, 0) == 1 && descriptor.revents == POLLOUT;
}

}  // namespace

// Until that many bytes are there.
Task<Outcome> WebsocketMessages::fill(ProbeRun& run, std::size_t size) {
  while (buffer_.size() < size) {
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kReadAtOnce);
    Attempt<std::size_t> received = co_await stream_.read_some(run, std::span(buffer_).subspan(before));
    buffer_.resize(before + (received ? *received : 0));
    if (!received) co_return received.error();
    if (*received == 0) co_return run.fail(Cause::closed, "the peer hung up without saying so");
  }
  co_return std::nullopt;
}

// With its payload in the buffer, after its head.
Task<Attempt<WebsocketFrame>> WebsocketMessages::next_frame(ProbeRun& run) {
  // One read holds a thousand small frames, and each ping costs a write.
  if (++frames_ % kFramesBeforeOthers == 0) co_await asio::post(stream_.socket().get_executor(), use_task);
  std::optional<WebsocketFrame> frame;
  while (!(frame = read_frame_head(buffer_))) {
    if (Outcome failure = co_await fill(run, buffer_.size() + 1)) co_return *failure;
  }
  if (!frame->broken_rule.empty()) co_return run.fail(Cause::protocol, std::string(frame->broken_rule));
  if (frame->size > kMaximumMessage)
    co_return run.fail(Cause::limit, fmt::format("a message is longer than {} bytes", kMaximumMessage));
  if (Outcome failure = co_await fill(run, frame->head + static_cast<std::size_t>(frame->size)))
    co_return *failure;
  co_return *frame;
}

// To a control frame. A closing peer is answered and then gone.
Task<Outcome> WebsocketMessages::answer(ProbeRun& run, WebsocketOpcode opcode, std::string payload) {
  if (opcode == WebsocketOpcode::ping) co_return co_await send(run, WebsocketOpcode::pong, payload);
  if (opcode == WebsocketOpcode::pong) co_return std::nullopt;
  co_await close(run);
  co_return run.fail(Cause::closed, fmt::format("the peer closed the connection: {}",
                                                one_line(close_reason(payload), kReadAtOnce)));
}

Task<Attempt<std::string>> WebsocketMessages::receive(ProbeRun& run) {
  std::string message;
  for (bool begun = false;;) {
    const Attempt<WebsocketFrame> frame = co_await next_frame(run);
    if (!frame) co_return frame.error();
    std::string payload = buffer_.substr(frame->head, static_cast<std::size_t>(frame->size));
    buffer_.erase(0, frame->head + payload.size());
    if (is_control(frame->opcode)) {
      if (Outcome failure = co_await answer(run, frame->opcode, std::move(payload))) co_return *failure;
      continue;
    }
    if (begun != (frame->opcode == WebsocketOpcode::continuation))
      co_return run.fail(Cause::protocol, "the pieces of messages are mixed up");
    begun = true;
    if (message.size() + payload.size() > kMaximumMessage)
      co_return run.fail(Cause::limit, fmt::format("a message is longer than {} bytes", kMaximumMessage));
    message += payload;
    if (frame->final) co_return message;
  }
}

Task<Outcome> WebsocketMessages::send(ProbeRun& run, WebsocketOpcode opcode, std::string_view payload) {
  std::array<char, 4> mask{};
  if (RAND_bytes(reinterpret_cast<unsigned char*>(mask.data()), static_cast<int>(mask.size())) != 1)
    co_return run.fail(Cause::internal, "no random numbers for a mask");
  const std::string frame = client_frame(opcode, payload, mask);
  co_return co_await stream_.write_all(run, frame);
}

Task<> WebsocketMessages::close(ProbeRun& run) {
  if (takes_more(stream_)) co_await send(run, WebsocketOpcode::close, kNormalClosure);
}

}  // namespace lookout
