#include "exporter/journal/entries.h"

#include <algorithm>
#include <iterator>

namespace lookout {

bool Batch::empty() const { return size() == 0 && !alive && instance.empty(); }

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
  instance.merge(earlier.instance);
}

std::size_t Batch::trim(std::size_t most) {
  const std::size_t before = size();
  const auto too_many = [&] { return size() > most; };
  while (too_many() && !runs.empty()) runs.erase(runs.begin());
  while (too_many() && !hours.empty()) hours.erase(hours.begin());
  for (auto each = incidents.begin(); too_many() && each != incidents.end();)
    each = each->second.recovered ? incidents.erase(each) : std::next(each);
  return before - size();
}

}  // namespace lookout
