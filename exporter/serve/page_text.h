// How pages say times and states to people and programs. Pure.
#pragma once

#include <string>

#include "exporter/incident/book.h"

namespace lookout {

// "2026-11-23T08:26:10.042Z" (RFC 3339)
std::string rfc3339(WallTime time);

// "850 us", "12.3 ms", "1.50 s", "3 min 20 s", "2 h 5 min", "4 d 3 h"
std::string for_people(Duration duration);

// "3 min 20 s" since then; a probe under way when the clock was set back does not read as one of the future.
std::string ago(WallTime time, WallTime now);

// Since when the target has been in its state, where that is known.
std::optional<WallTime> in_state_since(const TargetRecord& record);

// "the peer refused the connection (connect/refused): 127.0.0.1:80"
std::string in_words(const Failure& failure);

// "up", "unknown: not probed yet", "down since 2026-...: the peer refused ..."
std::string state_in_words(const TargetRecord& record);

}  // namespace lookout
