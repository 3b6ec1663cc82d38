#include "probes/run_probe.h"

#include <fmt/format.h>

#include "probes/core/race.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

Task<Raced<Outcome>> attempt(const Module& module, const Target& target, ProbeRun& run) {
  if (run.deadline <= run.start) co_return Raced<Outcome>{First::deadline};  // not even a try
  co_return co_await race(kind_of(module).probe(module.config, target, run), run.deadline);
}

Outcome judge(Raced<Outcome> ending, const ProbeRun& run, SteadyTime begin, SteadyTime end) {
  Duration late = end - run.deadline;
  const bool deadline_first = ending.first == First::deadline;
  bool failed = deadline_first || ending.exception || ending.result;
  if (failed && late > kStallTolerance) {
    return run.fail(
        Cause::internal,
        fmt::format("this process stalled: the deadline was noticed {:.3f} s late", seconds(late)));
  }
  if (deadline_first) {
    return run.fail(Cause::timeout, fmt::format("no end within {:.3f} s", seconds(run.deadline - begin)));
  }
  if (ending.exception) return run.fail(Cause::internal, reason(ending.exception));
  return std::move(ending.result);
}

Verdict verdict_of(const Outcome& failure) {
  if (!failure) return Verdict::up;
  return failure->cause == Cause::internal ? Verdict::inconclusive : Verdict::down;
}

void append(std::vector<TraceLine>& trace, std::vector<TraceLine> more) {
  trace.insert(trace.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Replaces what an earlier attempt left, except for the trace, which tells of all.
void take(ProbeResult& result, ProbeRun& run, SteadyTime end) {
  result.verdict = verdict_of(result.failure);
  result.stages = run.take_stages(end);
  result.facts = std::move(run.facts).take();
  result.certificates = std::move(run.certificates);
  append(result.trace, run.take_trace());
}

}  // namespace

Task<ProbeResult> run_probe(std::shared_ptr<const Module> module, Target target, Duration timeout,
                            ProbeServices& services) {
  ProbeResult result;
  result.started = std::chrono::system_clock::now();
  result.timeout = timeout;
  const SteadyTime start = std::chrono::steady_clock::now();
  SteadyTime begin = start;
  for (int left = module->retries; left >= 0; --left) {
    ProbeRun run(services, start, begin + (start + timeout - begin) / (left + 1));
    run.allowed = target.allowed.get();
    Raced<Outcome> ending = co_await attempt(*module, target, run);
    const SteadyTime end = std::chrono::steady_clock::now();
    result.failure = judge(std::move(ending), run, begin, end);
    // Whatever a peer sent that found its way into it.
    if (result.failure) result.failure->detail = one_line(result.failure->detail, Failure::kMaximumDetail);
    const bool again = left > 0 && end < start + timeout && verdict_of(result.failure) == Verdict::down;
    if (module->retries > 0) result.attempts = result.attempts.value_or(0) + 1;
    if (again)
      run.note(fmt::format("attempt {} of {}: {}: {}", *result.attempts, module->retries + 1,
                           key(*result.failure), result.failure->detail));
    take(result, run, end);
    result.duration = end - start;
    if (!again) break;
    begin = end;
  }
  co_return result;
}

}  // namespace lookout
