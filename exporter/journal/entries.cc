#include "exporter/journal/entries.h"

namespace lookout {

bool Batch::empty() const { return size() == 0 && !alive; }

std::size_t Batch::size() const {
  return targets.size() + incidents.size() + runs.size() + hours.size() + gaps.size();
}

void Batch::follow(Batch earlier) {
  targets.merge(earlier.targets);
  incidents.merge(earlier.incidents);
  runs.merge(earlier.runs);
  for (const auto& [key, summary] : earlier.hours) {
    Summary& sum = hours[key];
    sum.probes += summary.probes;
    sum.failures += summary.failures;
    sum.latency_sum += summary.latency_sum;
    sum.latency_most = std::max(sum.latency_most, summary.latency_most);
  }
  gaps.insert(gaps.begin(), earlier.gaps.begin(), earlier.gaps.end());
  if (!alive) alive = earlier.alive;
}

}  // namespace lookout
