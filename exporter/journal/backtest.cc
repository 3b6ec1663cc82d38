#include "exporter/journal/backtest.h"

#include <algorithm>
#include <cmath>

namespace lookout {
namespace {

constexpr int kSettled = 64;  // as many equal verdicts, beyond the thresholds, and one more changes nothing

Moment moment_of(WallTime wall) { return {wall, SteadyTime(Duration(wall.time_since_epoch()))}; }

Failure failure_of(const VerdictRun& run) {
  const std::size_t slash = std::min(run.failure.find('/'), run.failure.size());
  return {parse_stage(run.failure.substr(0, slash)).value_or(Stage::connect),
          parse_cause(run.failure.substr(std::min(slash + 1, run.failure.size()))).value_or(Cause::internal),
          ""};
}

class Backtest {
 public:
  explicit Backtest(const BacktestTerms& terms) : terms_(terms) {}

  void replay(const VerdictRun& run) {
    const Failure failure = failure_of(run);
    const Duration whole = std::max<Duration>(run.ended - run.started, Duration::zero());
    const auto steps = static_cast<Duration::rep>(std::max<std::uint64_t>(run.probes, 1) - 1);
    const auto at = [&](Duration::rep i) {
      const double into = steps == 0 ? 0
                                     : static_cast<double>(whole.count()) * static_cast<double>(i) /
                                           static_cast<double>(steps);
      return run.started + std::chrono::duration_cast<WallTime::duration>(Duration(std::llround(into)));
    };
    const Duration::rep settled =
        kSettled + terms_.policy.failure_threshold + terms_.policy.success_threshold;
    for (Duration::rep i = 0; i <= steps; ++i) {
      if (i == settled && steps > settled) {
        outcome_.probes += static_cast<std::uint64_t>(steps - settled);
        last_ = at(steps - 1);
        i = steps;
      }
      probe(run.verdict, at(i), failure);
    }
  }

  BacktestOutcome outcome() && {
    if (state_.incident) outcome_.down += elapsed(state_.incident->onset, moment_of(last_));
    return outcome_;
  }

 private:
  void probe(Verdict verdict, WallTime started, const Failure& failure) {
    if (outcome_.probes > 0) state_ = resumed(std::move(state_), started - last_, terms_.interval);
    last_ = started;
    ++outcome_.probes;
    Step judged =
        step(state_, terms_.policy,
             {verdict, moment_of(started), Duration::zero(), verdict == Verdict::down ? &failure : nullptr});
    for (const IncidentEvent& event : judged.events) take(event);
    state_ = std::move(judged.next);
  }

  void take(const IncidentEvent& event) {
    if (event.change == Change::opened) {
      ++outcome_.incidents;
      const Duration detection = elapsed(event.outage->onset, event.outage->detected);
      outcome_.detection_sum += detection;
      outcome_.detection_most = std::max(outcome_.detection_most, detection);
    } else if (event.change == Change::closed) {
      const Duration lasted = elapsed(event.outage->onset, event.at);
      outcome_.down += lasted;
      if (elapsed(event.outage->detected, event.at) <= terms_.interval ||
          (terms_.brief && lasted < *terms_.brief))
        ++outcome_.false_alarms;
    }
  }

  const BacktestTerms& terms_;
  TargetState state_;
  WallTime last_;
  BacktestOutcome outcome_;
};

}  // namespace

BacktestOutcome backtest(const std::vector<VerdictRun>& runs, const BacktestTerms& terms) {
  Backtest test(terms);
  for (const VerdictRun& run : runs) test.replay(run);
  return std::move(test).outcome();
}

Duration interval_of(const std::vector<VerdictRun>& runs) {
  std::vector<Duration> intervals;
  for (const VerdictRun& run : runs) {
    if (run.probes > 1 && run.ended > run.started)
      intervals.push_back(Duration(run.ended - run.started) / static_cast<Duration::rep>(run.probes - 1));
  }
  if (intervals.empty()) return Duration::zero();
  const auto middle = intervals.begin() + static_cast<std::ptrdiff_t>(intervals.size() / 2);
  std::nth_element(intervals.begin(), middle, intervals.end());
  return *middle;
}

}  // namespace lookout
