// When which target is due, pure. Targets are spread over their interval by a hash of their name and the
// seed, so that a restart of one of several instances does not synchronise them. Due times lie on a grid of
// the steady clock, phase(name, seed, interval)
// + n * interval since its epoch, whatever a probe took; so a plan made anew by a reload keeps everybody's
// phase.
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
  // Slots due by `now` that are not running; marks them running. A slot that is due while its last probe
  // still runs is skipped and counted as missed, never queued. So are due times further back than the
  // tolerance: after a stall only those of its last moment are started, because starting everybody at once
  // would be a second fault.
  std::vector<Due> take_due(SteadyTime now);
  // Harmless for a slot that is not running, or that this plan does not have.
  void finished(SlotIndex slot);
  std::uint64_t missed() const { return missed_; }

  // How late a probe may start.
  static Duration tolerance(Duration interval);

 private:
  struct Entry {
    Duration interval;
    bool running = false;
  };
  struct Next {
    SteadyTime due;
    SlotIndex slot;
    bool operator>(const Next& other) const { return due != other.due ? due > other.due : slot > other.slot; }
  };
  std::vector<Entry> entries_;
  std::priority_queue<Next, std::vector<Next>, std::greater<>> queue_;
  std::uint64_t missed_ = 0;
};

}  // namespace lookout
