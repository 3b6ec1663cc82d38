// States and incidents as the journal's columns hold them: JSON, times as milliseconds since 1970. Fields
// that a newer Lookout has added are ignored, missing ones have their default; so upgrades and downgrades
// read each other. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exporter/journal/entries.h"

namespace lookout {

std::string save_target(const SavedTarget& target);
// nullopt: unreadable. `now` anchors the steady times.
std::optional<SavedTarget> load_target(std::string_view text, Moment now);

std::string save_incident(const Incident& incident);
std::optional<Incident> load_incident(std::string_view text);

std::int64_t to_milliseconds(WallTime time);
WallTime from_milliseconds(std::int64_t milliseconds);

}  // namespace lookout
