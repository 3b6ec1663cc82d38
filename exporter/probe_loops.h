// The event loops that probe: threads that share nothing, each with its own Asio context, services, schedule
// and probes. Targets belong to a loop by a hash of their name. Values cross between them and the main loop
// by post only. Owned by App; every public function is called on the main loop.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/incident/book.h"
#include "exporter/metrics/self_metrics.h"
#include "probes/core/probe.h"
#include "probes/core/task.h"

namespace lookout {

class ProbeLoop;

class ProbeLoops {
 public:
  // Called on the main loop for every round of an interval target that ended.
  using OnRound = std::function<void(std::shared_ptr<const TargetConfig>, Round)>;

  // `concurrency`: probes in flight over all loops; above it a probe ends at once as internal (inconclusive),
  // so that the descriptors that the server needs are never taken. The instruments of SelfMetrics are
  // prometheus-cpp's, which any thread may use.
  ProbeLoops(asio::io_context& main, std::size_t count, std::size_t concurrency, SelfMetrics& metrics,
             OnRound on_round);
  // Stops at once. Probes in flight are cut: whoever awaits one gets it as internal (inconclusive); OnRound
  // is called no more.
  ~ProbeLoops();

  // Replaces what is watched on intervals. Probes in flight run to their end.
  void watch(const std::vector<std::shared_ptr<const TargetConfig>>& targets);

  // All checkpoints of a target together, each within its timeout; resumes on the main loop.
  Task<Round> round(std::shared_ptr<const TargetConfig> target);
  // One probe on the next loop in turn; resumes on the main loop.
  Task<ProbeResult> probe(std::shared_ptr<const Module> module, Target target, Duration timeout);

  // Resumes when every loop has come to it.
  Task<> turn();

  // Starts no more probes of interval targets.
  void pause();

 private:
  std::shared_ptr<const OnRound> on_round_;  // rounds that come after it are dropped
  std::vector<std::unique_ptr<ProbeLoop>> loops_;
  std::size_t next_ = 0;
};

}  // namespace lookout
