#include "exporter/incident/quorum.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

using Results = std::span<const std::shared_ptr<const ProbeResult>>;

struct Frequent {
  const Failure* failure = nullptr;  // the first of the most frequent stage and cause
  int count = 0;
};

bool same_kind(const Failure& one, const Failure& other) {
  return one.stage == other.stage && one.cause == other.cause;
}

Frequent most_frequent_failure(Results results, Verdict verdict) {
  std::vector<Frequent> kinds;
  for (const auto& result : results) {
    if (!result || result->verdict != verdict || !result->failure) continue;
    const Failure& failure = *result->failure;
    const auto known =
        std::ranges::find_if(kinds, [&](const Frequent& kind) { return same_kind(*kind.failure, failure); });
    if (known == kinds.end()) {
      kinds.push_back({&failure, 1});
    } else {
      ++known->count;
    }
  }
  const auto most = std::ranges::max_element(kinds, {}, &Frequent::count);
  return most == kinds.end() ? Frequent{} : *most;
}

std::vector<Verdict> votes_of(Results results) {
  std::vector<Verdict> votes;
  votes.reserve(results.size());
  for (const auto& result : results) votes.push_back(result ? result->verdict : Verdict::inconclusive);
  return votes;
}

void take_times(ProbeResult& combined, Results results) {
  bool first = true;
  WallTime end;
  for (const auto& result : results) {
    if (!result) continue;
    combined.started = first ? result->started : std::min(combined.started, result->started);
    end = first ? result->started + result->duration : std::max(end, result->started + result->duration);
    combined.timeout = std::max(combined.timeout, result->timeout);
    first = false;
  }
  combined.duration = end - combined.started;
  if (combined.verdict != Verdict::up) return;
  combined.duration = {};
  for (const auto& result : results) {
    if (result && result->verdict == Verdict::up)
      combined.duration = std::max(combined.duration, result->duration);
  }
}

Failure down_failure(Results results, std::ptrdiff_t downs) {
  const Frequent most = most_frequent_failure(results, Verdict::down);
  assert(most.failure);  // who is down says why
  Failure failure = *most.failure;
  if (results.size() < 2) return failure;
  const std::string others =
      most.count < downs ? fmt::format(", {} of them like this", most.count) : std::string();
  failure.detail = one_line(
      fmt::format("{} of {} checkpoints failed{}: {}", downs, results.size(), others, failure.detail),
      Failure::kMaximumDetail);
  return failure;
}

// The fault of ours that kept most checkpoints from deciding.
Failure undecided_failure(Results results, std::ptrdiff_t ups, std::ptrdiff_t downs) {
  const Frequent most = most_frequent_failure(results, Verdict::inconclusive);
  Failure failure = most.failure ? *most.failure : Failure{Stage::connect, Cause::internal, "no result"};
  if (results.size() < 2) return failure;
  failure.detail =
      one_line(fmt::format("{} of {} checkpoints failed and {} did not, which leaves it open: {}", downs,
                           results.size(), ups, failure.detail),
               Failure::kMaximumDetail);
  return failure;
}

}  // namespace

Verdict quorum(std::span<const Verdict> votes, int needed) {
  const auto expected = std::ssize(votes);
  if (expected == 0) return Verdict::inconclusive;
  const auto least = std::clamp<std::ptrdiff_t>(needed, 1, expected);
  if (std::ranges::count(votes, Verdict::down) >= least) return Verdict::down;
  return std::ranges::count(votes, Verdict::up) > expected - least ? Verdict::up : Verdict::inconclusive;
}

ProbeResult combine(std::span<const std::shared_ptr<const ProbeResult>> results, int needed) {
  const std::vector<Verdict> votes = votes_of(results);
  ProbeResult combined;
  combined.verdict = quorum(votes, needed);
  take_times(combined, results);
  const auto downs = std::ranges::count(votes, Verdict::down);
  if (combined.verdict == Verdict::down) combined.failure = down_failure(results, downs);
  if (combined.verdict == Verdict::inconclusive)
    combined.failure = undecided_failure(results, std::ranges::count(votes, Verdict::up), downs);
  return combined;
}

}  // namespace lookout
