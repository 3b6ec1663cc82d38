// A moment on both clocks: the wall clock tells people when it was, the steady one how long after another,
// also when somebody has set the wall clock in between. Pure.
#pragma once

#include <algorithm>

#include "probes/core/clock.h"

namespace lookout {

struct Moment {
  WallTime wall;
  SteadyTime steady;
  bool operator==(const Moment&) const = default;
};

inline Moment this_moment() { return {std::chrono::system_clock::now(), std::chrono::steady_clock::now()}; }

// Never negative.
inline Duration elapsed(Moment from, Moment to) {
  return std::max<Duration>(to.steady - from.steady, Duration::zero());
}

inline Moment before(Moment moment, Duration duration) {
  return {moment.wall - std::chrono::duration_cast<WallTime::duration>(duration), moment.steady - duration};
}

// A moment of an earlier process, of which only the wall time is known.
inline Moment recalled(WallTime wall, Moment now) {
  return {wall, now.steady - std::max<Duration>(now.wall - wall, Duration::zero())};
}

}  // namespace lookout
