// Uptime from what is known of a target's past: outages, and times that nobody watched. What was not watched
// (gaps, before the target was first seen, days without a probe) counts neither as up nor as down. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probes/core/clock.h"

namespace lookout {

struct Span {
  WallTime begin, end;  // end: no longer within
  bool operator==(const Span&) const = default;
};

// Sorted and without overlaps; empty ones are left out.
std::vector<Span> merged(std::vector<Span> spans);

struct Uptime {
  Duration watched{};
  Duration down{};  // of what was watched
  bool operator==(const Uptime&) const = default;

  std::optional<double> percent() const;  // nullopt: nothing was watched
};

// "99.95 %", never rounded up to 100 %; "unknown".
std::string in_words(const Uptime& uptime);

// What of `period` was watched and down. `outages` and `unwatched` as merged() leaves them.
Uptime uptime_of(const Span& period, const std::vector<Span>& outages, const std::vector<Span>& unwatched);

// What of the period nobody watched: before the target was first seen (nullopt: all of it), days of UTC on
// which it was not probed at all, gaps. `probed_days`: their begins, sorted.
std::vector<Span> unwatched(const Span& period, std::optional<WallTime> first_seen,
                            const std::vector<WallTime>& probed_days, std::vector<Span> gaps);

// The last `count` days of UTC, oldest first; the last one is that of `now`, and ends there.
std::vector<Span> last_days(WallTime now, std::size_t count);

enum class DayState : std::uint8_t {
  unknown,  // nothing was watched
  up,
  some,  // down for a part
  down,  // for at least half of what was watched
};
DayState state_of(const Uptime& day);

}  // namespace lookout
