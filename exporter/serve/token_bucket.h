// A limit of how often something may happen: `burst` times at once, and once more each time that `interval`
// has passed. Pure; told the time.
#pragma once

#include <algorithm>
#include <cmath>

#include "probes/core/clock.h"

namespace lookout {

class TokenBucket {
 public:
  // Without an interval there is no limit.
  TokenBucket(Duration interval, int burst, SteadyTime now)
      : interval_(seconds(interval)), burst_(burst), tokens_(burst), filled_(now) {}

  bool take(SteadyTime now) {
    if (interval_ <= 0) return true;
    tokens_ = std::min<double>(burst_, tokens_ + seconds(std::max(now - filled_, Duration())) / interval_);
    filled_ = std::max(filled_, now);
    if (tokens_ < 1) return false;
    --tokens_;
    return true;
  }

 private:
  double interval_;
  double burst_;
  double tokens_;
  SteadyTime filled_;
};

}  // namespace lookout
