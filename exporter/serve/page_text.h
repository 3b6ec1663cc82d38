// How pages say states to people and programs. Pure.
#pragma once

#include <string>

#include "exporter/incident/book.h"
#include "exporter/report/time_text.h"

namespace lookout {

// "3 min 20 s" since then; a probe under way when the clock was set back does not read as one of the future.
std::string ago(WallTime time, WallTime now);

// Since when the target has been in its state, where that is known.
std::optional<WallTime> in_state_since(const TargetRecord& record);

// "the peer refused the connection (connect/refused): 127.0.0.1:80"
std::string in_words(const Failure& failure);

// "up", "unknown: not probed yet", "down since 2026-...: the peer refused ..."
std::string state_in_words(const TargetRecord& record);

}  // namespace lookout
