#include "probes/run_probe.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

// How the race between a probe and its deadline ended.
struct Ending {
  bool deadline_first = false;
  std::exception_ptr exception;
  Outcome outcome;
};

Task<Ending> race(const Module& module, const Target& target, ProbeRun& run) {
  if (run.deadline <= run.start) co_return Ending{true, nullptr, std::nullopt};  // not even a try
  auto executor = co_await asio::this_coro::executor;
  Timer timer(executor, run.deadline);
  auto probe = asio::co_spawn(executor, kind_of(module).probe(module.config, target, run), asio::deferred);
  auto [order, exception, outcome, timer_error] =
      co_await asio::experimental::make_parallel_group(std::move(probe), timer.async_wait(asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), use_task);
  // The timer also ends first when the whole race is cut off from outside, which is no time-out.
  co_return Ending{order[0] == 1 && !timer_error, std::move(exception), std::move(outcome)};
}

std::string reason(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown exception";
  }
}

Outcome judge(Ending ending, const ProbeRun& run, SteadyTime begin, SteadyTime end) {
  Duration late = end - run.deadline;
  bool failed = ending.deadline_first || ending.exception || ending.outcome;
  if (failed && late > kStallTolerance) {
    return run.fail(
        Cause::internal,
        fmt::format("this process stalled: the deadline was noticed {:.3f} s late", seconds(late)));
  }
  if (ending.deadline_first) {
    return run.fail(Cause::timeout, fmt::format("no end within {:.3f} s", seconds(run.deadline - begin)));
  }
  if (ending.exception) return run.fail(Cause::internal, reason(ending.exception));
  return std::move(ending.outcome);
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
    Ending ending = co_await race(*module, target, run);
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
