#include "exporter/serve/page_text.h"

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {

std::string ago(WallTime time, WallTime now) {
  return for_people(std::chrono::duration_cast<Duration>(std::max(now - time, WallTime::duration::zero())));
}

std::optional<WallTime> in_state_since(const TargetRecord& record) {
  const TargetState& state = record.state;
  if (state.incident) return state.incident->onset.wall;
  if (state.state == State::unknown || state.successes_in_row == 0) return std::nullopt;
  return state.row_start.wall;
}

std::string in_words(const Failure& failure) {
  std::string text = fmt::format("{} ({})", sentence(failure.cause), key(failure));
  if (!failure.detail.empty()) text += ": " + to_utf8(failure.detail);
  return text;
}

std::string state_in_words(const TargetRecord& record) {
  std::string text(name(record.state.state));
  if (record.state.incident) {
    text += " since " + rfc3339(record.state.incident->onset.wall) + ": " +
            in_words(record.state.incident->failure);
  } else if (record.last == nullptr) {
    text += ": not probed yet";
  } else if (record.last->failure) {
    text += "; last probe: " + in_words(*record.last->failure);
  }
  return text;
}

}  // namespace lookout
