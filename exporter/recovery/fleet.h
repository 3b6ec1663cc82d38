// All targets at a glance, for the brake: how many look bad, and of how many it is not known yet. Taken anew
// every second at most: what it does not know yet counts as unsure, so an older one errs on the safe side.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "exporter/incident/book.h"
#include "exporter/incident/moment.h"

namespace lookout {

class Fleet {
 public:
  void take(const Book& book, Duration window, Moment now);

  int targets() const { return targets_; }
  // Down or failing now, or down within the window.
  int down() const { return down_; }
  // Well when last seen, which was before that moment, and to be probed again soon.
  int unsure_since(WallTime onset) const;
  bool older_than(Duration age, Moment now) const { return !taken_ || now.steady - *taken_ >= age; }

 private:
  int targets_ = 0, down_ = 0;
  std::map<std::string, SteadyTime, std::less<>> last_down_;
  std::vector<WallTime> seen_well_;  // sorted
  std::optional<SteadyTime> taken_;
};

}  // namespace lookout
