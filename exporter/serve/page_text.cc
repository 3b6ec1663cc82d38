#include "exporter/serve/page_text.h"

#include <ctime>

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {

std::string rfc3339(WallTime time) {
  const auto since_epoch = time.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch - whole).count();
  const std::time_t unix_time = whole.count();
  std::tm parts{};
  gmtime_r(&unix_time, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, milliseconds);
}

std::string for_people(Duration duration) {
  const double all = std::max(seconds(duration), 0.0);
  if (all < 0.001) return fmt::format("{:.0f} us", all * 1e6);
  if (all < 1) return fmt::format("{:.3g} ms", all * 1e3);
  if (all < 60) return fmt::format("{:.3g} s", all);
  const auto whole = static_cast<std::int64_t>(all);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
  return fmt::format("{} d {} h", whole / 86400, whole / 3600 % 24);
}

std::string ago(WallTime time, WallTime now) {
  return for_people(std::chrono::duration_cast<Duration>(std::max(now - time, WallTime::duration::zero())));
}

std::optional<WallTime> in_state_since(const TargetRecord& record) {
  const TargetState& state = record.state;
  if (state.incident) return state.incident->onset;
  if (state.state == State::unknown || state.successes_in_row == 0) return std::nullopt;
  return state.row_start;
}

std::string in_words(const Failure& failure) {
  std::string text = fmt::format("{} ({})", sentence(failure.cause), key(failure));
  if (!failure.detail.empty()) text += ": " + to_utf8(failure.detail);
  return text;
}

std::string state_in_words(const TargetRecord& record) {
  std::string text(name(record.state.state));
  if (record.state.incident) {
    text +=
        " since " + rfc3339(record.state.incident->onset) + ": " + in_words(record.state.incident->failure);
  } else if (record.last == nullptr) {
    text += ": not probed yet";
  } else if (record.last->failure) {
    text += "; last probe: " + in_words(*record.last->failure);
  }
  return text;
}

}  // namespace lookout
