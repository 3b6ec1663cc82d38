#include "exporter/report/uptime.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lookout {
namespace {

// The part of sorted spans from the first that ends after the time.
std::vector<Span>::const_iterator first_after(const std::vector<Span>& spans, WallTime time) {
  return std::ranges::upper_bound(spans, time, {}, &Span::end);
}

Duration covered(const Span& period, const std::vector<Span>& spans) {
  Duration sum{};
  for (auto span = first_after(spans, period.begin); span != spans.end() && span->begin < period.end; ++span)
    sum += std::min(span->end, period.end) - std::max(span->begin, period.begin);
  return sum;
}

}  // namespace

std::vector<Span> merged(std::vector<Span> spans) {
  std::erase_if(spans, [](const Span& span) { return span.end <= span.begin; });
  std::ranges::sort(spans, {}, &Span::begin);
  std::vector<Span> apart;
  for (const Span& span : spans) {
    if (!apart.empty() && span.begin <= apart.back().end) {
      apart.back().end = std::max(apart.back().end, span.end);
    } else {
      apart.push_back(span);
    }
  }
  return apart;
}

std::optional<double> Uptime::percent() const {
  if (watched <= Duration::zero()) return std::nullopt;
  return 100.0 * (1.0 - seconds(down) / seconds(watched));
}

std::string in_words(const Uptime& uptime) {
  const std::optional<double> percent = uptime.percent();
  if (!percent) return "unknown";
  if (uptime.down == Duration::zero()) return "100 %";
  return fmt::format("{:.2f} %", std::min(std::floor(*percent * 100) / 100, 99.99));
}

Uptime uptime_of(const Span& period, const std::vector<Span>& outages, const std::vector<Span>& unwatched) {
  if (period.end <= period.begin) return {};
  Uptime uptime;
  uptime.watched = (period.end - period.begin) - covered(period, unwatched);
  for (auto outage = first_after(outages, period.begin);
       outage != outages.end() && outage->begin < period.end; ++outage) {
    const Span part{std::max(outage->begin, period.begin), std::min(outage->end, period.end)};
    uptime.down += (part.end - part.begin) - covered(part, unwatched);
  }
  return uptime;
}

std::vector<Span> unwatched(const Span& period, std::optional<WallTime> first_seen,
                            const std::vector<WallTime>& probed_days, std::vector<Span> gaps) {
  using Days = std::chrono::days;
  gaps.push_back({period.begin, std::min(first_seen.value_or(period.end), period.end)});
  for (WallTime day = std::chrono::floor<Days>(period.begin); day < period.end; day += Days(1)) {
    if (!std::ranges::binary_search(probed_days, day))
      gaps.push_back({std::max(day, period.begin), std::min<WallTime>(day + Days(1), period.end)});
  }
  return merged(std::move(gaps));
}

std::vector<Span> last_days(WallTime now, std::size_t count) {
  using Days = std::chrono::days;
  const WallTime today = std::chrono::floor<Days>(now);
  std::vector<Span> days;
  days.reserve(count);
  for (std::size_t back = count; back-- > 0;) {
    const WallTime begin = today - Days(back);
    days.push_back({begin, std::min<WallTime>(begin + Days(1), now)});
  }
  return days;
}

DayState state_of(const Uptime& day) {
  if (day.watched <= Duration::zero()) return DayState::unknown;
  if (day.down <= Duration::zero()) return DayState::up;
  return day.down * 2 >= day.watched ? DayState::down : DayState::some;
}

}  // namespace lookout
