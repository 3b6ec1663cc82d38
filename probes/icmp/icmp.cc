#include "probes/icmp/icmp.h"

#include <fmt/format.h>

#include "probes/net/icmp_series.h"
#include "probes/net/icmp_sockets.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

constexpr std::string_view kResolve = "phase=\"resolve\"", kSetup = "phase=\"setup\"",
                           kRoundTrip = "phase=\"rtt\"";

double loss_of(const EchoTally& tally) {
  return static_cast<double>(tally.sent - tally.received) / tally.sent;
}

EchoRequest make_request(const IcmpConfig& config, const IpAddress& destination) {
  EchoRequest request;
  request.destination = destination;
  if (config.payload_size != 0) request.payload_size = static_cast<std::size_t>(config.payload_size);
  request.hop_limit = config.ttl;
  request.dont_fragment = config.dont_fragment;
  return request;
}

// States what is known of a series when it ends, by the deadline too.
class SeriesFacts {
 public:
  SeriesFacts(ProbeRun& run, const EchoSeries& series) : run_(run), series_(series) {}
  SeriesFacts(const SeriesFacts&) = delete;
  SeriesFacts& operator=(const SeriesFacts&) = delete;
  ~SeriesFacts() {
    const EchoTally tally = series_.tally();
    run_.facts.set(kIcmpPacketsSent, tally.sent);
    run_.facts.set(kIcmpPacketsReceived, tally.received);
    if (tally.sent > 0) run_.facts.set(kIcmpPacketLoss, loss_of(tally));
    if (tally.received == 0) return;
    run_.facts.set(kIcmpDuration, seconds(tally.mean), kRoundTrip);
    run_.facts.set(kIcmpRoundTrip, seconds(tally.least), "stat=\"min\"");
    run_.facts.set(kIcmpRoundTrip, seconds(tally.mean), "stat=\"avg\"");
    run_.facts.set(kIcmpRoundTrip, seconds(tally.most), "stat=\"max\"");
    if (tally.received > 1) run_.facts.set(kIcmpJitter, seconds(tally.jitter));
    if (tally.hop_limit) run_.facts.set(kIcmpReplyHopLimit, *tally.hop_limit);
  }

 private:
  ProbeRun& run_;
  const EchoSeries& series_;
};

Outcome judge(const ProbeRun& run, const IcmpConfig& config, const EchoRequest& request,
              const EchoTally& tally) {
  const bool well = config.max_loss ? loss_of(tally) <= *config.max_loss : tally.received > 0;
  if (well) return std::nullopt;
  const std::string loss =
      fmt::format("{} of {} echo requests got no reply", tally.sent - tally.received, tally.sent);
  if (!tally.error) return run.fail(Cause::timeout, loss);
  Failure failure = refused_by_network(run, request, *tally.error);
  failure.detail = fmt::format("{}; {}", loss, failure.detail);
  return failure;
}

Task<Outcome> exchange_series(const IcmpConfig& config, const EchoRequest& request, ProbeRun& run) {
  EchoSeries series(run, request, config.count, config.interval);
  const SeriesFacts facts(run, series);
  if (Outcome failure = co_await series.exchange()) co_return failure;
  co_return judge(run, config, request, series.tally());
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

  if (config.count > 1) co_return co_await exchange_series(config, request, run);
  Attempt<EchoReply> reply = co_await sockets.exchange(run, request);
  if (!reply) co_return reply.error();
  run.facts.set(kIcmpDuration, seconds(reply->round_trip), kRoundTrip);
  if (reply->hop_limit) run.facts.set(kIcmpReplyHopLimit, *reply->hop_limit);
  co_return std::nullopt;
}

}  // namespace lookout
