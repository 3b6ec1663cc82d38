#include "probes/net/icmp_series.h"

#include <algorithm>

#include <fmt/format.h>

#include "probes/net/icmp_echo_socket.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

// How long stragglers are waited for after the last request: a network that answered at all within this time
// answers within it, as a rule.
constexpr Duration kPatience = std::chrono::seconds(1);
constexpr int kPatienceInRoundTrips = 4;
// Left before the deadline, so that what was received is judged.
constexpr Duration kMargin = std::chrono::milliseconds(50);

SteadyTime now() { return std::chrono::steady_clock::now(); }

Duration difference(Duration a, Duration b) { return a > b ? a - b : b - a; }

}  // namespace

EchoSeries::EchoSeries(ProbeRun& run, EchoRequest request, int count, Duration interval)
    : run_(run),
      request_(std::move(request)),
      count_(count),
      interval_(interval),
      event_(run.services.loop().get_executor(), SteadyTime::max()) {}

EchoSeries::~EchoSeries() = default;

Task<> EchoSeries::wait_until(SteadyTime time) {
  while (now() < time) {
    event_.expires_at(time);
    co_await event_.async_wait(use_tuple);
  }
}

Task<Outcome> EchoSeries::exchange() {
  run_.enter(Stage::request);
  const SteadyTime begin = now();
  const Duration pace = std::min(interval_, (run_.deadline - begin) / count_);
  if (pace < interval_)
    run_.note(fmt::format("interval shortened to {:.3f} s, for {} requests within the time", seconds(pace),
                          count_));
  IcmpSockets& sockets = run_.services.icmp();
  for (int i = 0; i < count_; ++i) {
    co_await wait_until(begin + i * pace);
    echoes_.push_back(std::make_unique<AwaitedEcho>(sockets.socket(request_), request_, event_));
    if (Outcome failure = co_await sockets.send(run_, *echoes_.back())) co_return failure;
    ++sent_;
  }
  run_.enter(Stage::response);
  const auto answered = [](const auto& echo) { return echo->answered(); };
  while (!std::ranges::all_of(echoes_, answered)) {
    const SteadyTime end = end_of_wait(begin);
    if (now() >= end) break;
    event_.expires_at(end);
    co_await event_.async_wait(use_tuple);
  }
  co_return std::nullopt;
}

SteadyTime EchoSeries::end_of_wait(SteadyTime begin) const {
  const EchoTally so_far = tally();
  if (so_far.received == 0 && !so_far.error) return SteadyTime::max();
  const Duration margin = std::min(kMargin, (run_.deadline - begin) / 20);
  const Duration patience = std::max(kPatience, kPatienceInRoundTrips * so_far.most);
  return std::min(echoes_.back()->sent + patience, run_.deadline - margin);
}

EchoTally EchoSeries::tally() const {
  EchoTally tally;
  tally.sent = sent_;
  Duration sum{}, differences{}, previous{};
  for (const auto& echo : echoes_) {
    if (echo->error && !tally.error) tally.error = echo->error;
    if (!echo->reply) continue;
    const Duration round_trip = echo->reply->round_trip;
    const bool first = tally.received++ == 0;
    tally.least = first ? round_trip : std::min(tally.least, round_trip);
    tally.most = std::max(tally.most, round_trip);
    sum += round_trip;
    if (!first) differences += difference(round_trip, previous);
    previous = round_trip;
    tally.hop_limit = echo->reply->hop_limit;
  }
  if (tally.received > 0) tally.mean = sum / tally.received;
  if (tally.received > 1) tally.jitter = differences / (tally.received - 1);
  return tally;
}

}  // namespace lookout
