#include "exporter/recovery/fleet.h"

#include <algorithm>

namespace lookout {
namespace {

constexpr int kIntervalsToTell = 2;

// One that has not been probed yet, and one that was well and is due.
bool will_tell_soon(const TargetRecord& record, Moment now) {
  const TargetConfig& config = *record.config;
  if (config.mode != TargetMode::interval || record.paused) return false;
  if (!record.last_conclusive) return record.last == nullptr;
  return now.wall - *record.last_conclusive < kIntervalsToTell * config.interval + config.timeout;
}

}  // namespace

void Fleet::take(const Book& book, Duration window, Moment now) {
  taken_ = now.steady;
  targets_ = down_ = 0;
  seen_well_.clear();
  std::erase_if(last_down_, [&](const auto& each) { return now.steady - each.second >= window; });
  for (const auto& record : book.records()) {
    const TargetState& state = record->state;
    // One that nobody ever looks at is no evidence that others are well.
    if (record->last != nullptr || record->config->mode == TargetMode::interval) ++targets_;
    if (state.state == State::down) last_down_[record->config->name] = now.steady;
    if (state.failures_in_row > 0 || last_down_.contains(record->config->name)) {
      ++down_;
    } else if (will_tell_soon(*record, now)) {
      seen_well_.push_back(record->last_conclusive.value_or(WallTime::min()));
    }
  }
  std::ranges::sort(seen_well_);
}

int Fleet::unsure_since(WallTime onset) const {
  return static_cast<int>(std::ranges::lower_bound(seen_well_, onset) - seen_well_.begin());
}

}  // namespace lookout
