#include "probes/net/http_pump.h"

#include <array>

#include <boost/asio/write.hpp>

namespace lookout {
namespace {

constexpr std::size_t kToPeerBuffer = 4 * 1024;     // requests are small
constexpr std::size_t kFromPeerBuffer = 16 * 1024;  // one TLS record

Task<> wait_for_cancellation(Executor executor) {
  Timer never(executor, SteadyTime::max());
  co_await never.async_wait(use_task);
}

void end_data(LocalSocket& local) {
  boost::system::error_code ignored;
  local.shutdown(LocalSocket::shutdown_send, ignored);
}

}  // namespace

Task<> pump_to_peer(ProbeRun& run, LocalSocket& local, Stream& stream, PumpEnding& ending) {
  std::array<char, kToPeerBuffer> buffer;
  for (;;) {
    auto [error, size] = co_await local.async_read_some(asio::buffer(buffer), use_tuple);
    if (error) break;  // libcurl is done with the connection
    Outcome written = co_await stream.write_all(run, std::string_view(buffer.data(), size));
    if (!written) continue;
    // What the peer has sent so far may still be a whole response: leave the other direction to find out.
    if (!ending.failure) ending.failure = std::move(written);
    break;
  }
  co_await wait_for_cancellation(local.get_executor());
}

Task<> pump_from_peer(ProbeRun& run, Stream& stream, LocalSocket& local, PumpEnding& ending) {
  std::array<char, kFromPeerBuffer> buffer;
  for (;;) {
    Attempt<std::size_t> got = co_await stream.read_some(run, std::span<char>(buffer));
    if (!got) ending.failure = got.error();
    if (!got || *got == 0) {
      ending.ended = true;
      break;
    }
    auto [error, size] = co_await asio::async_write(local, asio::buffer(buffer.data(), *got), use_tuple);
    if (error) break;
  }
  end_data(local);
  co_await wait_for_cancellation(local.get_executor());
}

}  // namespace lookout
