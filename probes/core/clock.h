// Two clocks, two types: steady time for measuring and scheduling, wall time for what people and Prometheus
// read. Pure code never asks a clock; it is told the time.
#pragma once

#include <chrono>

namespace lookout {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;
using Duration = std::chrono::nanoseconds;

inline double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

inline double unix_seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace lookout
