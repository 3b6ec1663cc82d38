// When which target is due, pure. Targets are spread over their interval by a hash of their name and the seed, so that a restart
// of one of several instances does not synchronise them, and a target keeps its offset over reloads. Steady: due times lie on
// offset + n * interval, whatever a probe took.
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <vector>

#include "probes/core/clock.h"

namespace lookout {

using SlotIndex = std::uint32_t;

struct Slot {
  std::string name;
  Duration interval;
};

class Schedule {
 public:
  // The first probe of each slot is due within one interval of `start`, never before it.
  static Schedule plan(std::span<const Slot> slots, SteadyTime start, std::uint64_t seed);

  std::optional<SteadyTime> next_due() const;

  struct Due {
    SlotIndex slot;
    SteadyTime due;
  };
  // Slots due by `now` that are not running; marks them running. A slot that is due while its last probe still runs, and due times that
  // passed unseen, are skipped and counted as missed, never queued.
  std::vector<Due> take_due(SteadyTime now);
  void finished(SlotIndex slot);
  std::uint64_t missed() const { return missed_; }

 private:
  struct Entry {
    Duration interval;
    bool running = false;
  };
  struct Next {
    SteadyTime due;
    SlotIndex slot;
    bool operator>(const Next& other) const { return due > other.due; }
  };
  std::vector<Entry> entries_;
  std::priority_queue<Next, std::vector<Next>, std::greater<>> queue_;
  std::uint64_t missed_ = 0;
};

}  // namespace lookout
