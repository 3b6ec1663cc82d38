// A target's state as pages show it: with what holds an outage and with pauses, in the order in which a
// person wants to see them. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/incident/book.h"

namespace lookout {

// Worst first. held: down, and nobody is told.
enum class ShownState : std::uint8_t { down, degraded, held, unknown, paused, up };
inline constexpr std::array kShownStates{ShownState::down,    ShownState::degraded, ShownState::held,
                                         ShownState::unknown, ShownState::paused,   ShownState::up};
std::string_view name(ShownState state);
std::optional<ShownState> parse_shown_state(std::string_view text);

ShownState shown_state(const TargetRecord& record);

// "for 3 min 20 s", "during maintenance: new racks", "not probed yet"; may be empty. Plain text.
std::string circumstances(const TargetRecord& record, WallTime now);
// Why it is not well, or why its newest probe failed; empty of what is well. Plain text.
std::string reason(const TargetRecord& record);

}  // namespace lookout
