#include "exporter/serve/shown_state.h"

#include "exporter/serve/page_text.h"

namespace lookout {
namespace {

std::string hold_in_words(const HeldOutage& held) {
  switch (held.hold) {
    case Hold::none:
      return "nobody is told";
    case Hold::maintenance:
      return held.by.empty() ? "during maintenance" : "during maintenance: " + held.by;
    case Hold::paused:
      return "while paused";
    case Hold::dependency:
      return held.by + ", which it depends on, is down";
    case Hold::verifying:
      return "until " + held.by + " has been probed again";
  }
  return {};
}

}  // namespace

std::string_view name(ShownState state) {
  constexpr std::array<std::string_view, 6> kNames{"down", "degraded", "held", "unknown", "paused", "up"};
  return kNames[static_cast<std::size_t>(state)];
}

std::optional<ShownState> parse_shown_state(std::string_view text) {
  for (const ShownState state : kShownStates) {
    if (name(state) == text) return state;
  }
  return std::nullopt;
}

ShownState shown_state(const TargetRecord& record) {
  if (record.state.incident) return ShownState::down;
  if (record.state.held) return ShownState::held;
  if (record.paused) return ShownState::paused;
  switch (record.state.state) {
    case State::up:
      return ShownState::up;
    case State::degraded:
      return ShownState::degraded;
    case State::down:
      return ShownState::down;
    case State::unknown:
      break;
  }
  return ShownState::unknown;
}

std::string circumstances(const TargetRecord& record, WallTime now) {
  if (record.state.held) return hold_in_words(*record.state.held);
  std::string text;
  if (const auto since = in_state_since(record)) {
    text = "for " + ago(*since, now);
  } else if (record.last == nullptr) {
    text = "not probed yet";
  }
  if (record.state.incident && record.state.incident->flapped) text += ", flapping";
  if (record.maintenance) text += text.empty() ? "in maintenance" : ", in maintenance";
  if (record.paused && record.state.incident) text += ", paused";
  return text;
}

std::string reason(const TargetRecord& record) {
  if (record.state.incident) return in_words(record.state.incident->latest);
  if (record.last && record.last->failure) return in_words(*record.last->failure);
  if (record.state.held) return in_words(record.state.held->outage.latest);
  if (record.state.state == State::degraded && record.last && record.config->degraded_above) {
    return "slow: " + for_people(record.last->duration) + ", and " +
           for_people(*record.config->degraded_above) + " is the limit";
  }
  return {};
}

}  // namespace lookout
