// process_*: what the kernel knows of this process. Its files in /proc stay open, because the numbers are
// wanted most when there are no descriptors left to open them with. What cannot be read is left out. One
// loop.
#pragma once

#include <string_view>
#include <vector>

#include <prometheus/metric_family.h>

namespace lookout {

class ProcessMetrics {
 public:
  ProcessMetrics();
  ~ProcessMetrics();
  ProcessMetrics(const ProcessMetrics&) = delete;
  ProcessMetrics& operator=(const ProcessMetrics&) = delete;

  std::vector<prometheus::MetricFamily> collect() const;

 private:
  int stat_ = -1;
  int descriptors_ = -1;
  int network_ = -1;
  double boot_time_seconds_ = 0;  // Unix time; 0 if unknown
};

}  // namespace lookout
