// When the maintenance that is configured is open, pure: told the time, never asking for it.
//
// By the clock of its zone a window begins at a local time. One that is skipped, when summer time begins,
// begins at that change; one that comes twice, when it ends, begins the first time. It then lasts its
// duration of real time, whatever the clock does meanwhile.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exporter/config/config.h"

namespace lookout {

// One time that a window opens.
struct Occurrence {
  WallTime begin;
  WallTime end;  // no longer within
  bool operator==(const Occurrence&) const = default;
};

// The one that covers `now`; of those that overlap, the last that began.
std::optional<Occurrence> open_occurrence(const MaintenanceWindow& window, WallTime now);
// The first that begins after `now`.
std::optional<Occurrence> next_occurrence(const MaintenanceWindow& window, WallTime now);

struct ActiveWindow {
  const MaintenanceWindow* window;  // lies in the configuration
  WallTime since;
  WallTime until;
  bool operator==(const ActiveWindow&) const = default;
};

// All windows and whom they cover. Belongs to one configuration and one loop: it remembers each window's
// occurrences until the next of their boundaries, so that asking for every probe costs next to nothing.
class MaintenanceCalendar {
 public:
  explicit MaintenanceCalendar(std::shared_ptr<const Config> config);

  // The window that covers a target now, the one that stays open longest; nullptr: none, or no such target.
  // Valid until the next call.
  const ActiveWindow* covering(std::string_view target, WallTime now);
  // The first to open for a target after now.
  std::optional<ActiveWindow> upcoming(std::string_view target, WallTime now);

 private:
  struct Entry {
    const MaintenanceWindow* window;
    std::optional<ActiveWindow> open;
    std::optional<ActiveWindow> next;
    WallTime known_from = WallTime::max();   // what is remembered holds from here
    WallTime known_until = WallTime::min();  // to before here
  };

  const std::vector<std::size_t>& windows_of(std::string_view target) const;
  Entry& at(std::size_t index, WallTime now);

  std::shared_ptr<const Config> config_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_target_;  // keys lie in the configuration
};

}  // namespace lookout
