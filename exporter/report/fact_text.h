// A fact as people read it, and its labels as a program does. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/core/clock.h"
#include "probes/core/fact.h"

namespace lookout {

// Fact::labels, taken apart; what render_labels() wrote, in the same order.
std::vector<std::pair<std::string, std::string>> labels_of(const Fact& fact);

// A moment that stands for "nothing was verified", as blackbox_exporter says it.
bool is_no_chain(const Fact& fact);

// The value in the unit that the metric's name tells: "12.3 ms", "2026-12-23 10:00:38 UTC, in 29 days",
// "4.2 KiB"; any other as a plain number.
std::string value_for_people(const Fact& fact, WallTime now);
std::string value_for_people(std::string_view metric, double value, WallTime now);

}  // namespace lookout
