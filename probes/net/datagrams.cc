#include "probes/net/datagrams.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include "probes/net/http_url.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

namespace errors = asio::error;

constexpr std::size_t kLargestDatagram = 65535;

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

// Memory is taken once there is something to put into it, as thousands may be waiting.
Task<Attempt<std::string>> Datagrams::receive(ProbeRun& run) {
  for (;;) {
    const auto [interrupted] = co_await socket_.async_wait(Socket::wait_read, use_tuple);
    if (interrupted) co_return failure_of(run, interrupted);
    std::string payload(kLargestDatagram, '\0');
    boost::system::error_code error;
    payload.resize(socket_.receive(asio::buffer(payload), 0, error));
    if (error == errors::would_block) continue;  // what made it readable did not stand up to its checksum
    if (error) co_return failure_of(run, error);
    co_return payload;
  }
}

Attempt<Datagrams> open_datagrams(ProbeRun& run, const asio::ip::udp::endpoint& peer,
                                  const NetworkOptions& network) {
  run.enter(Stage::connect);
  const Attempt<Egress> egress = find_egress(run, network, peer.address());
  if (!egress) return egress.error();
  Datagrams::Socket socket(run.services.loop().get_executor());
  boost::system::error_code error;
  socket.open(peer.protocol(), error);
  if (!error) socket.non_blocking(true, error);
  if (!error) {
    if (Outcome failure = bind_egress(run, socket.native_handle(), *egress)) return *failure;
    socket.connect(peer, error);
  }
  if (!error) return Datagrams(std::move(socket));
  return run.fail(Cause::internal,
                  fmt::format("cannot reach {}:{} from here: {}", bracketed(peer.address().to_string()),
                              peer.port(), error.message()));
}

}  // namespace lookout
