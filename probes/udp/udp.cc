#include "probes/udp/udp.h"

#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/net/datagrams.h"

namespace lookout {
namespace {

Task<Outcome> take_step(ProbeRun& run, Datagrams& peer, const QueryResponse& step, ExpectInfo& info) {
  std::vector<std::string> groups;
  if (step.awaits_something()) {
    run.enter(Stage::response);
    const Attempt<std::string> datagram = co_await peer.receive(run);
    if (!datagram) co_return datagram.error();
    Attempt<std::vector<std::string>> judged = judge_message(run, step, *datagram);
    run.facts.set(step.expect ? kFailedDueToRegex : kFailedDueToBytes, judged ? 0 : 1);
    if (!judged) co_return judged.error();
    groups = std::move(*judged);
    info.set(step, groups);
  }
  const std::string payload = step.payload(groups);
  if (payload.empty()) co_return std::nullopt;
  run.enter(Stage::request);
  co_return co_await peer.send(run, payload);
}

}  // namespace

Task<Outcome> probe_udp(const UdpConfig& config, const Target& target, ProbeRun& run) {
  const std::optional<HostPort> where = parse_host_port(target.address);
  if (!where)
    co_return run.fail(Cause::internal,
                       fmt::format("{} is not of the form host:port", in_quotes(target.address)));
  if (!listens(config))
    co_return run.fail(Cause::internal, "the module's udp block has no step with expect or expect_bytes");
  const Attempt<IpAddress> address = co_await resolve(run, where->host, config.network);
  if (!address) co_return address.error();
  Attempt<Datagrams> peer =
      open_datagrams(run, asio::ip::udp::endpoint(*address, where->port), config.network);
  if (!peer) co_return peer.error();
  ExpectInfo info(run.facts);
  run.facts.set(kFailedDueToRegex, 0);
  run.facts.set(kFailedDueToBytes, 0);
  for (const QueryResponse& step : config.query_response) {
    if (Outcome failure = co_await take_step(run, *peer, step, info)) co_return failure;
  }
  co_return std::nullopt;
}

}  // namespace lookout
