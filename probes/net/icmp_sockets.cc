#include "probes/net/icmp_sockets.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "probes/net/icmp_echo_socket.h"

namespace lookout {
namespace {

std::string_view family_name(IcmpFamily family) { return family == IcmpFamily::v4 ? "IPv4" : "IPv6"; }

bool not_permitted(int error) { return error == EACCES || error == EPERM; }

std::string reason_not_opened(IcmpFamily family, int datagram_error, int raw_error) {
  if (raw_error == EAFNOSUPPORT) return fmt::format("this system has no {}", family_name(family));
  if (not_permitted(raw_error)) {
    return fmt::format(
        "this process may not open ICMP sockets: let its group use unprivileged ones (sysctl "
        "net.ipv4.ping_group_range=\"0 2147483647\") or give it CAP_NET_RAW for raw ones (unprivileged: {}; "
        "raw: {})",
        std::strerror(datagram_error), std::strerror(raw_error));
  }
  return fmt::format("cannot open an ICMP socket: {}", std::strerror(raw_error));
}

Failure send_failure(const ProbeRun& run, const EchoRequest& request, int error) {
  if (error == EMSGSIZE) {
    return run.fail(Cause::limit,
                    fmt::format("an echo request with {} bytes of payload is too big for the interface",
                                request.payload_size));
  }
  const std::string to = request.destination.to_string();
  if (request.egress.address) {
    return run.fail(Cause::internal,
                    fmt::format("cannot send to {} from {} (is that an address of this host?): {}", to,
                                request.egress.address->to_string(), std::strerror(error)));
  }
  return run.fail(Cause::internal, fmt::format("cannot send to {}: {}", to, std::strerror(error)));
}

}  // namespace

IcmpSockets::IcmpSockets(asio::io_context& loop, Duration socket_life)
    : loop_(loop), socket_life_(socket_life) {}

IcmpSockets::~IcmpSockets() {
  if (v4_) v4_->close();
  if (v6_) v6_->close();
}

Outcome IcmpSockets::open(const ProbeRun& run, IcmpFamily family) {
  std::shared_ptr<EchoSocket>& socket = slot(family);
  const SteadyTime now = std::chrono::steady_clock::now();
  if (socket && now - socket->opened() < socket_life_) return std::nullopt;
  std::shared_ptr<EchoSocket> fresh = EchoSocket::open(loop_, family, false);
  const int datagram_error = errno;
  if (!fresh) fresh = EchoSocket::open(loop_, family, true);
  if (fresh) socket = std::move(fresh);
  if (socket) return std::nullopt;
  return run.fail(Cause::internal, reason_not_opened(family, datagram_error, errno));
}

bool IcmpSockets::is_raw(IcmpFamily family) const {
  const auto& socket = family == IcmpFamily::v4 ? v4_ : v6_;
  return socket && socket->raw();
}

std::shared_ptr<EchoSocket> IcmpSockets::socket(const EchoRequest& request) {
  return slot(request.destination.is_v4() ? IcmpFamily::v4 : IcmpFamily::v6);
}

Task<Outcome> IcmpSockets::send(ProbeRun& run, AwaitedEcho& awaited) {
  if (awaited.request.payload_size > kMaximumEchoPayload)
    co_return send_failure(run, awaited.request, EMSGSIZE);
  if (!awaited.registered()) co_return run.fail(Cause::internal, "too many echo requests are under way");
  int error = awaited.socket().send(awaited);
  while (error == EAGAIN) {
    co_await awaited.socket().writable();
    error = awaited.socket().send(awaited);
  }
  if (error != 0) co_return send_failure(run, awaited.request, error);
  co_return std::nullopt;
}

Task<Attempt<EchoReply>> IcmpSockets::exchange(ProbeRun& run, EchoRequest request) {
  run.enter(Stage::request);
  Timer event(loop_.get_executor(), SteadyTime::max());
  AwaitedEcho awaited(socket(request), request, event);
  if (Outcome failure = co_await send(run, awaited)) co_return *failure;
  run.enter(Stage::response);
  if (!awaited.answered()) {
    const auto [error] = co_await event.async_wait(use_tuple);
    if (!awaited.answered()) throw boost::system::system_error(error);
  }
  if (awaited.reply) co_return *awaited.reply;
  co_return refused_by_network(run, request, *awaited.error);
}

Failure refused_by_network(const ProbeRun& run, const EchoRequest& request, const IcmpError& error) {
  const IcmpFamily family = request.destination.is_v4() ? IcmpFamily::v4 : IcmpFamily::v6;
  return run.fail(is_packet_too_big(family, error) ? Cause::limit : Cause::unreachable,
                  describe(family, error));
}

}  // namespace lookout
