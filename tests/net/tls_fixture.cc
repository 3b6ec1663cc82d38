#include "tests/net/tls_fixture.h"

#include "probes/net/dial.h"

namespace lookout::test {

Task<Outcome> handshake(ProbeRun& run, std::uint16_t port, Wanted wanted, Got* got) {
  const NetworkOptions network;
  Attempt<Stream> stream = co_await dial(run, {asio::ip::address_v4::loopback(), port}, network);
  if (!stream) co_return stream.error();
  auto context = run.services.tls().get(run, wanted.config, wanted.alpn);
  if (!context) co_return context.error();
  const TlsFacts facts{.cipher = true};
  if (Outcome failure = co_await stream->start_tls(run, *context, wanted.name, facts)) co_return failure;
  state_tls_facts(run, stream->tls(), facts);
  got->alpn = stream->alpn();
  if (wanted.data.empty()) co_return std::nullopt;
  run.enter(Stage::request);
  if (Outcome failure = co_await stream->write_all(run, wanted.data)) co_return failure;
  run.enter(Stage::response);
  std::array<char, 1000> buffer{};
  for (;;) {
    Attempt<std::size_t> size = co_await stream->read_some(run, buffer);
    if (!size) co_return size.error();
    if (*size == 0) co_return std::nullopt;
    got->data.append(buffer.data(), *size);
  }
}

Got shake_hands(std::uint16_t port, const Wanted& wanted, Duration timeout) {
  Got got;
  got.conversed = converse_until(timeout, [&](ProbeRun& run) { return handshake(run, port, wanted, &got); });
  got.key = key_of(got.conversed.failure);
  return got;
}

}  // namespace lookout::test
