// How people and programs are told times. Pure.
#pragma once

#include <string>

#include "probes/core/clock.h"

namespace lookout {

// "2026-11-23T08:26:10.042Z" (RFC 3339)
std::string rfc3339(WallTime time);

// "2026-11-23 08:26:10 UTC"; nothing where no calendar goes
std::string utc_for_people(double unix_seconds);

// "850 us", "12.3 ms", "1.5 s", "3 min 20 s", "2 h 5 min", "4 d 3 h"
std::string for_people(Duration duration);

// "in 29 days", "3 h 20 min ago": a moment, seen from another.
std::string distance_for_people(double unix_seconds, WallTime now);

}  // namespace lookout
