// THE data flow: what happens with the result of a probe, on one screen. Main loop only.
#pragma once

#include <memory>

#include "exporter/incident/book.h"
#include "exporter/metrics/self_metrics.h"

namespace lookout {

class Pipeline {
 public:
  Pipeline(Book& book, SelfMetrics& metrics) : book_(book), metrics_(metrics) {}
  // Ignores results of targets that a reload has removed, or pointed elsewhere, while the probe ran.
  void on_result(const TargetConfig& target, std::shared_ptr<const ProbeResult> result);

 private:
  Book& book_;
  SelfMetrics& metrics_;
};

}  // namespace lookout
