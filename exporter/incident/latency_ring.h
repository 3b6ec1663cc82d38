// The latencies of a target's newest probes, for a line that is drawn of them. Bounded and small, as there is
// one for each target. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "probes/core/probe.h"

namespace lookout {

struct LatencyPoint {
  float seconds = 0;
  bool up = false;
};

class LatencyRing {
 public:
  static constexpr std::size_t kMost = 40;

  void add(const ProbeResult& result) {
    const auto duration = static_cast<float>(seconds(result.duration));
    values_[next_] = result.verdict == Verdict::up ? duration : -duration;
    next_ = static_cast<std::uint8_t>((next_ + 1U) % kMost);
    count_ = static_cast<std::uint8_t>(std::min<std::size_t>(count_ + 1U, kMost));
  }

  std::vector<LatencyPoint> oldest_first() const {
    std::vector<LatencyPoint> points;
    for (std::size_t index = 0; index < count_; ++index) {
      const float value = values_[(next_ + kMost - count_ + index) % kMost];
      points.push_back({std::fabs(value), !std::signbit(value)});
    }
    return points;
  }

 private:
  std::array<float, kMost> values_{};  // negative: not up
  std::uint8_t next_ = 0, count_ = 0;
};

}  // namespace lookout
