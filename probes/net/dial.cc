#include "probes/net/dial.h"

#include <boost/asio/local/stream_protocol.hpp>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "probes/core/text.h"
#include "probes/net/address_policy.h"
#include "probes/net/services.h"
#include "probes/net/system_error.h"

namespace lookout {
namespace {

using asio::ip::tcp;
using LocalEndpoint = asio::local::stream_protocol::endpoint;

constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;
// How often a local server whose queue is full is asked again: the kernel has no way to wait for room.
constexpr Duration kQueuePause = std::chrono::milliseconds(5);

// Errors of bind() and connect() that the kernel knows without asking the network are ours; a refusal can
// come back at once on loopback.
Failure refused_at_once(const ProbeRun& run, const tcp::endpoint& endpoint, int error) {
  if (error == ECONNREFUSED)
    return run.fail(Cause::refused, fmt::format("{} refused the connection", endpoint.address().to_string()));
  return run.fail(Cause::internal, fmt::format("cannot connect to {} from here: {}",
                                               endpoint.address().to_string(), system_error_text(error)));
}

Failure refused_by_network(const ProbeRun& run, const tcp::endpoint& endpoint, int error) {
  const std::string address = endpoint.address().to_string();
  switch (error) {
    case ECONNREFUSED:
      return run.fail(Cause::refused, fmt::format("{} refused the connection", address));
    case ECONNRESET:
      return run.fail(Cause::closed, fmt::format("{} broke the connection off", address));
    case ETIMEDOUT:
      return run.fail(Cause::timeout, fmt::format("{} did not answer", address));
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ENONET:
    case ENOPROTOOPT:
    case EPROTO:
    case EACCES:
      return run.fail(Cause::unreachable, fmt::format("{}: {}", address, system_error_text(error)));
    default:
      return run.fail(Cause::internal, fmt::format("{}: {}", address, system_error_text(error)));
  }
}

Outcome open_socket(const ProbeRun& run, StreamSocket& socket, asio::generic::stream_protocol protocol) {
  boost::system::error_code error;
  socket.open(protocol, error);
  if (!error) socket.native_non_blocking(true, error);
  if (error) return run.fail(Cause::internal, fmt::format("no socket: {}", error.message()));
  return std::nullopt;
}

// nullopt: too long for a socket's address. unix(7): a leading zero byte makes a name in the abstract
// namespace.
std::optional<LocalEndpoint> local_endpoint(std::string path) {
  if (path.starts_with('@')) path.front() = '\0';
  if (path.empty() || path.size() > kLongestPath) return std::nullopt;
  return LocalEndpoint(path);
}

bool is_socket(const std::string& path) {
  struct stat state{};
  return path.starts_with('@') || ::stat(path.c_str(), &state) != 0 || S_ISSOCK(state.st_mode);
}

Failure refused_locally(const ProbeRun& run, const std::string& path, int error) {
  const std::string what = in_quotes(path);
  switch (error) {
    case ECONNREFUSED:
      if (!is_socket(path)) return run.fail(Cause::protocol, fmt::format("{} is not a socket", what));
      return run.fail(Cause::refused, fmt::format("nobody listens on {}", what));
    case ENOENT:
    case ENOTDIR:
      return run.fail(Cause::not_found, fmt::format("{}: {}", what, system_error_text(error)));
    case EPROTOTYPE:
      return run.fail(Cause::protocol, fmt::format("{} is not a stream socket", what));
    case EACCES:
    case EPERM:
      return run.fail(
          Cause::internal,
          fmt::format("Lookout's user may not use {}: it needs permission to write to the socket and to "
                      "search the folders above it",
                      what));
    default:
      return run.fail(Cause::internal,
                      fmt::format("cannot connect to {} from here: {}", what, system_error_text(error)));
  }
}

}  // namespace

Task<Attempt<Stream>> dial(ProbeRun& run, tcp::endpoint endpoint, const NetworkOptions& network) {
  run.enter(Stage::connect);
  StreamSocket socket(run.services.loop().get_executor());
  if (Outcome failure = open_socket(run, socket, endpoint.protocol())) co_return *failure;
  const int on = 1;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const Attempt<Egress> egress = find_egress(run, network, endpoint.address());
  if (!egress) co_return egress.error();
  if (Outcome failure = bind_egress(run, socket.native_handle(), *egress)) co_return *failure;
  if (::connect(socket.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    if (errno != EINPROGRESS) co_return refused_at_once(run, endpoint, errno);
    co_await wait_for(socket, StreamSocket::wait_write);
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) co_return refused_by_network(run, endpoint, error);
  }
  run.note(fmt::format("connected to {}:{}", endpoint.address().to_string(), endpoint.port()));
  co_return Stream(std::move(socket));
}

Task<Attempt<Stream>> dial_local(ProbeRun& run, std::string path) {
  if (Outcome refused = refuse_without_address(run, "a local socket")) co_return *refused;
  run.enter(Stage::connect);
  const std::optional<LocalEndpoint> endpoint = local_endpoint(path);
  if (!endpoint)
    co_return run.fail(Cause::internal, fmt::format("{} is not the path of a socket, which has 1 to {} bytes",
                                                    in_quotes(path), kLongestPath));
  StreamSocket socket(run.services.loop().get_executor());
  if (Outcome failure = open_socket(run, socket, endpoint->protocol())) co_return *failure;
  while (::connect(socket.native_handle(), endpoint->data(), static_cast<socklen_t>(endpoint->size())) != 0) {
    if (errno != EAGAIN && errno != EINTR) co_return refused_locally(run, path, errno);
    Timer pause(socket.get_executor(), kQueuePause);
    co_await pause.async_wait(use_task);
  }
  run.note(fmt::format("connected to {}", in_quotes(path)));
  co_return Stream(std::move(socket));
}

}  // namespace lookout
