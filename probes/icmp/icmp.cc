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

// Engaged: why the source address cannot be used.
Outcome set_source(const ProbeRun& run, const IcmpConfig& config, EchoRequest& request) {
  Attempt<std::optional<IpAddress>> source = parse_source(run, config.source_ip_address);
  if (!source) return source.error();
  if (*source && (*source)->is_v4() != request.destination.is_v4()) {
    return run.fail(Cause::internal, fmt::format("source_ip_address {} is not of the family of {}",
                                                 config.source_ip_address, request.destination.to_string()));
  }
  request.source = *source;
  return std::nullopt;
}

}  // namespace

Task<Outcome> probe_icmp(const IcmpConfig& config, const Target& target, ProbeRun& run) {
  for (std::string_view phase : {kResolve, kSetup, kRoundTrip}) run.facts.set(kIcmpDuration, 0, phase);

  Attempt<IpAddress> address = co_await resolve(run, target.address, config.ip);
  if (!address) co_return address.error();
  if (const Fact* lookup = run.facts.find(kDnsLookupTime))
    run.facts.set(kIcmpDuration, lookup->value, kResolve);

  run.enter(Stage::connect);
  const SteadyTime setup = std::chrono::steady_clock::now();
  EchoRequest request = make_request(config, *address);
  if (Outcome failure = set_source(run, config, request)) co_return failure;
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
