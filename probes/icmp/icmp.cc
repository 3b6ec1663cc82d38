#include "probes/icmp/icmp.h"

#include <fmt/format.h>

#include "probes/net/icmp_sockets.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

constexpr std::string_view kResolve = "phase=\"resolve\"", kSetup = "phase=\"setup\"",
                           kRoundTrip = "phase=\"rtt\"";

EchoRequest make_request(const IcmpConfig& config, const IpAddress& destination) {
  EchoRequest request;
  request.destination = destination;
  if (config.payload_size != 0) request.payload_size = static_cast<std::size_t>(config.payload_size);
  request.hop_limit = config.ttl;
  request.dont_fragment = config.dont_fragment;
  return request;
}

}  // namespace

Task<Outcome> probe_icmp(const IcmpConfig& config, const Target& target, ProbeRun& run) {
  for (std::string_view phase : {kResolve, kSetup, kRoundTrip}) run.facts.set(kIcmpDuration, 0, phase);

  Attempt<IpAddress> address = co_await resolve(run, target.address, config.network);
  if (!address) co_return address.error();
  if (const Fact* lookup = run.facts.find(kDnsLookupTime))
    run.facts.set(kIcmpDuration, lookup->value, kResolve);

  run.enter(Stage::connect);
  const SteadyTime setup = std::chrono::steady_clock::now();
  EchoRequest request = make_request(config, *address);
  const Attempt<Egress> egress = find_egress(run, config.network, *address);
  if (!egress) co_return egress.error();
  request.egress = *egress;
  IcmpSockets& sockets = run.services.icmp();
  const IcmpFamily family = address->is_v4() ? IcmpFamily::v4 : IcmpFamily::v6;
  if (Outcome failure = sockets.open(run, family)) co_return failure;
  run.note(fmt::format("asking {} for an echo of {} bytes through {} socket", address->to_string(),
                       request.payload_size, sockets.is_raw(family) ? "a raw" : "an unprivileged"));
  run.facts.set(kIcmpDuration, seconds(std::chrono::steady_clock::now() - setup), kSetup);

  Attempt<EchoReply> reply = co_await sockets.exchange(run, request);
  if (!reply) co_return reply.error();
  run.facts.set(kIcmpDuration, seconds(reply->round_trip), kRoundTrip);
  if (reply->hop_limit) run.facts.set(kIcmpReplyHopLimit, *reply->hop_limit);
  co_return std::nullopt;
}

}  // namespace lookout
