// The past of all targets for the pages, asked of the journal at most once a minute whoever looks. Main loop.
#pragma once

#include <memory>

#include "exporter/incident/book.h"
#include "exporter/journal/journal.h"
#include "exporter/report/uptime.h"

namespace lookout {

class PastCache {
 public:
  static constexpr int kDays = 90;

  // What is known; older than a minute only while the journal cannot be read, or is slow, or somebody else
  // waits for it. nullptr: nothing yet.
  Task<std::shared_ptr<const Past>> get(Journal& journal);

 private:
  // Shared with an answer that comes after whoever asked has given up.
  struct Known {
    std::shared_ptr<const Past> past;
    std::optional<SteadyTime> asked;
    bool asking = false;
  };
  std::shared_ptr<Known> known_ = std::make_shared<Known>();
};

// One target's past, ready for uptime_of().
struct WatchedPast {
  std::optional<WallTime> first_seen;
  std::vector<Span> outages;    // with the one that is open
  std::vector<Span> unwatched;  // within the last kDays days
};
// `just_ended`: outages that the past may lack.
WatchedPast watched_past(const TargetRecord& record, const Past& past, const std::vector<Span>& just_ended,
                         WallTime now);

}  // namespace lookout
