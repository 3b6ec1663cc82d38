#include "exporter/schedule/schedule.h"

#include <algorithm>

#include "probes/core/stable_hash.h"

namespace lookout {
namespace {

// Configurations are validated long before; a zero here would divide by zero.
constexpr Duration kShortestInterval = std::chrono::milliseconds(1);
constexpr Duration kLongestTolerance = std::chrono::seconds(1);

Duration phase(const Slot& slot, Duration interval, std::uint64_t seed) {
  return Duration(stable_hash(slot.name, seed) % static_cast<std::uint64_t>(interval.count()));
}

// The first time of the grid that is not before `start`.
SteadyTime first_due(Duration phase, Duration interval, SteadyTime start) {
  const Duration behind = (Duration(start.time_since_epoch()) - phase) % interval;
  if (behind == Duration::zero()) return start;
  return behind > Duration::zero() ? start + (interval - behind) : start - behind;
}

}  // namespace

Duration Schedule::tolerance(Duration interval) { return std::min(interval / 4, kLongestTolerance); }

Schedule Schedule::plan(std::span<const Slot> slots, SteadyTime start, std::uint64_t seed) {
  Schedule schedule;
  schedule.entries_.reserve(slots.size());
  std::vector<Next> queue;
  queue.reserve(slots.size());
  for (const Slot& slot : slots) {
    const Duration interval = std::max(slot.interval, kShortestInterval);
    queue.push_back({first_due(phase(slot, interval, seed), interval, start),
                     static_cast<SlotIndex>(schedule.entries_.size())});
    schedule.entries_.push_back({interval});
  }
  schedule.queue_ = decltype(queue_)(std::greater<>{}, std::move(queue));
  return schedule;
}

std::optional<SteadyTime> Schedule::next_due() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.top().due;
}

std::vector<Schedule::Due> Schedule::take_due(SteadyTime now) {
  std::vector<Due> taken;
  while (!queue_.empty() && queue_.top().due <= now) {
    const auto [due, slot] = queue_.top();
    queue_.pop();
    Entry& entry = entries_[slot];
    const auto passed = (now - due) / entry.interval;  // due times after this one, up to now
    const SteadyTime newest = due + passed * entry.interval;
    queue_.push({newest + entry.interval, slot});
    missed_ += static_cast<std::uint64_t>(passed);
    if (entry.running || now - newest > tolerance(entry.interval)) {
      ++missed_;
      continue;
    }
    entry.running = true;
    taken.push_back({slot, newest});
  }
  return taken;
}

void Schedule::finished(SlotIndex slot) {
  if (slot < entries_.size()) entries_[slot].running = false;
}

}  // namespace lookout
