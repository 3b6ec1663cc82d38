#include "probes/net/datagrams.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include "probes/net/services.h"

namespace lookout {
namespace {

namespace errors = asio::error;

constexpr std::size_t kLargestDatagram = 65535;

std::string text_of(const asio::ip::udp::endpoint& peer) {
  const bool brackets = peer.address().is_v6();
  return fmt::format("{}{}{}:{}", brackets ? "[" : "", peer.address().to_string(), brackets ? "]" : "",
                     peer.port());
}

Failure failure_of(const ProbeRun& run, const boost::system::error_code& error) {
  if (error == errors::operation_aborted) throw boost::system::system_error(error);
  if (error == errors::connection_refused)
    return run.fail(Cause::refused, "nothing listens on the UDP port (ICMP port unreachable)");
  if (error == errors::message_size) return run.fail(Cause::limit, "more than one datagram can hold");
  const int number = error.value();
  const bool of_the_network = number == EHOSTUNREACH || number == ENETUNREACH || number == EHOSTDOWN ||
                              number == ENETDOWN || number == ENOPROTOOPT || number == EPROTO ||
                              number == EACCES;
  return run.fail(of_the_network ? Cause::unreachable : Cause::internal, error.message());
}

}  // namespace

Task<Outcome> Datagrams::send(ProbeRun& run, std::string_view payload) {
  const auto [error, size] = co_await socket_.async_send(asio::buffer(payload), use_tuple);
  if (error) co_return failure_of(run, error);
  co_return std::nullopt;
}

Task<Attempt<std::string>> Datagrams::receive(ProbeRun& run) {
  std::string payload(kLargestDatagram, '\0');
  const auto [error, size] = co_await socket_.async_receive(asio::buffer(payload), use_tuple);
  if (error) co_return failure_of(run, error);
  payload.resize(size);
  co_return payload;
}

Attempt<Datagrams> open_datagrams(ProbeRun& run, const asio::ip::udp::endpoint& peer,
                                  const std::optional<IpAddress>& source) {
  run.enter(Stage::connect);
  Datagrams::Socket socket(run.services.loop().get_executor());
  boost::system::error_code error;
  socket.open(peer.protocol(), error);
  if (!error && source) socket.bind({*source, 0}, error);
  if (!error) socket.connect(peer, error);
  if (!error) return Datagrams(std::move(socket));
  return run.fail(Cause::internal,
                  fmt::format("cannot reach {} from here: {}", text_of(peer), error.message()));
}

}  // namespace lookout
