// Runs one kind's probe function against its deadline on a loop of its own, without the table of kinds: what
// a test of one kind needs to link.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/net/services.h"

namespace lookout::test {

struct KindResult {
  Outcome failure;
  std::vector<Fact> facts;
  std::vector<StageTime> stages;
  Duration duration{};

  // "response/timeout"; "up" without a failure.
  std::string ending() const { return failure ? key(*failure) : "up"; }
  std::string detail() const { return failure ? failure->detail : ""; }
  std::optional<double> fact(const FactFamily& family, std::string_view labels = {}) const {
    for (const Fact& fact : facts) {
      if (fact.family == &family && fact.labels == labels) return fact.value;
    }
    return std::nullopt;
  }
};

template <class Config>
using KindProbe = Task<Outcome> (*)(const Config&, const Target&, ProbeRun&);

// Parameters by value: the coroutine keeps them.
template <class Config>
Task<KindResult> run_kind_on(ProbeServices& services, KindProbe<Config> probe, Config config,
                             std::string address, Duration timeout) {
  const Target target{std::move(address), {}};
  const SteadyTime start = std::chrono::steady_clock::now();
  ProbeRun run(services, start, start + timeout);
  auto executor = co_await asio::this_coro::executor;
  Timer timer(executor, run.deadline);
  auto spawned = asio::co_spawn(executor, probe(config, target, run), asio::deferred);
  auto [order, exception, outcome, timer_error] =
      co_await asio::experimental::make_parallel_group(std::move(spawned), timer.async_wait(asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), use_task);
  KindResult result;
  const SteadyTime end = std::chrono::steady_clock::now();
  if (order[0] == 1) {
    result.failure = run.fail(Cause::timeout, "deadline");
  } else if (exception) {
    std::rethrow_exception(exception);
  } else {
    result.failure = std::move(outcome);
  }
  result.duration = end - start;
  result.stages = run.take_stages(end);
  result.facts = std::move(run.facts).take();
  co_return result;
}

template <class Config>
KindResult run_kind(KindProbe<Config> probe, Config config, std::string address,
                    Duration timeout = std::chrono::seconds(5)) {
  asio::io_context loop;
  ProbeServices services(loop);
  KindResult result;
  std::exception_ptr failed;
  asio::co_spawn(loop, run_kind_on(services, probe, std::move(config), std::move(address), timeout),
                 [&](std::exception_ptr exception, KindResult value) {
                   failed = std::move(exception);
                   result = std::move(value);
                   loop.stop();
                 });
  loop.run();
  if (failed) std::rethrow_exception(failed);
  return result;
}

}  // namespace lookout::test
