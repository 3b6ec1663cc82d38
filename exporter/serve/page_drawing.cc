#include "exporter/serve/page_drawing.h"

#include <array>
#include <iterator>

#include <fmt/format.h>

#include "exporter/report/time_text.h"
#include "exporter/serve/query.h"

namespace lookout {
namespace {

constexpr std::array<std::string_view, 4> kDayClasses{"b-unknown", "b-up", "b-some", "b-down"};
constexpr int kHours = 24;

// Neighbours of the same state are one stroke, which the style cuts into days.
std::string strokes(const std::vector<DayState>& days, DayState state) {
  std::string path;
  for (std::size_t day = 0; day < days.size();) {
    std::size_t end = day;
    while (end < days.size() && days[end] == state) ++end;
    if (end > day) fmt::format_to(std::back_inserter(path), "M{} 12H{}", day, end);
    day = std::max(end, day + 1);
  }
  return path;
}

std::string days_in_words(const std::vector<DayState>& days) {
  std::array<std::size_t, 4> count{};
  for (const DayState day : days) ++count[static_cast<std::size_t>(day)];
  std::string text = fmt::format("Last {} days: {} up", days.size(), count[1]);
  if (count[2] > 0) text += fmt::format(", {} partly down", count[2]);
  if (count[3] > 0) text += fmt::format(", {} mostly down", count[3]);
  if (count[0] > 0) text += fmt::format(", {} unknown", count[0]);
  return text;
}

Duration mean(const Summary& hour) {
  return hour.probes == 0 ? Duration{} : hour.latency_sum / static_cast<std::int64_t>(hour.probes);
}

void append_hour_rows(const std::vector<std::pair<WallTime, Summary>>& hours, std::string& out) {
  out +=
      "<details><summary>As a table</summary><div class=\"scroll\"><table><thead><tr><th "
      "scope=\"col\">Hour</th>"
      "<th scope=\"col\">Probes</th><th scope=\"col\">Failed</th><th scope=\"col\">Mean</th><th "
      "scope=\"col\">Longest</th></tr></thead><tbody>\n";
  for (const auto& [start, hour] : hours) {
    fmt::format_to(std::back_inserter(out),
                   "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td>"
                   "<td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
                   utc_for_people(unix_seconds(start)), hour.probes, hour.failures, for_people(mean(hour)),
                   for_people(hour.latency_most));
  }
  out += "</tbody></table></div></details>\n";
}

}  // namespace

void append_state(ShownState state, std::string& out) {
  fmt::format_to(std::back_inserter(out), "<span class=\"state {0}\">{0}</span>", name(state));
}

void append_time(WallTime time, std::string_view text, std::string& out) {
  const std::string exact = rfc3339(time);
  fmt::format_to(std::back_inserter(out), "<time datetime=\"{}\" title=\"{}\">{}</time>", exact,
                 utc_for_people(unix_seconds(time)), html_escaped(text));
}

void append_day_bars(const WatchedPast& past, WallTime now, std::string& out) {
  std::vector<DayState> days;
  for (const Span& day : last_days(now, PastCache::kDays))
    days.push_back(state_of(uptime_of(day, past.outages, past.unwatched)));
  fmt::format_to(std::back_inserter(out),
                 "<svg class=\"bars\" viewBox=\"0 0 {} 24\" preserveAspectRatio=\"none\" role=\"img\" "
                 "aria-label=\"{}\">",
                 days.size(), days_in_words(days));
  for (std::size_t state = 0; state < kDayClasses.size(); ++state) {
    const std::string path = strokes(days, static_cast<DayState>(state));
    if (!path.empty())
      fmt::format_to(std::back_inserter(out), "<path class=\"{}\" d=\"{}\"/>", kDayClasses[state], path);
  }
  out += "</svg>";
}

void append_legend(std::string& out) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kMeanings{
      {{"b-up", "up all day"},
       {"b-some", "down for a part"},
       {"b-down", "down for half of the day or more"},
       {"b-unknown", "unknown: nobody watched"}}};
  out += "<ul class=\"legend\" aria-label=\"What the bars mean\">";
  for (const auto& [style, meaning] : kMeanings) {
    fmt::format_to(std::back_inserter(out),
                   "<li><svg class=\"bars\" viewBox=\"0 0 .76 24\" preserveAspectRatio=\"none\" "
                   "aria-hidden=\"true\"><path class=\"{}\" d=\"M0 12H1\"/></svg>{}</li>",
                   style, meaning);
  }
  out += "</ul>\n";
}

void append_sparkline(const LatencyRing& latencies, std::string& out) {
  const std::vector<LatencyPoint> points = latencies.oldest_first();
  if (points.size() < 2) return;
  const auto [least, most] = std::ranges::minmax(points, {}, &LatencyPoint::seconds);
  std::size_t failed = 0;
  std::string line, failures;
  const float scale = most.seconds > 0 ? 20 / most.seconds : 0;
  for (std::size_t index = 0; index < points.size(); ++index) {
    const std::size_t x = index + LatencyRing::kMost - points.size();
    fmt::format_to(std::back_inserter(line), "{} {:.1f} ", x, 22 - points[index].seconds * scale);
    if (points[index].up) continue;
    ++failed;
    fmt::format_to(std::back_inserter(failures), "M{} 24V20", x);
  }
  const auto words = [](float value) {
    return for_people(std::chrono::duration_cast<Duration>(std::chrono::duration<float>(value)));
  };
  fmt::format_to(std::back_inserter(out),
                 "<svg class=\"spark\" viewBox=\"0 0 {} 24\" preserveAspectRatio=\"none\" role=\"img\" "
                 "aria-label=\"Newest {} probes: {} to {}{}\"><polyline points=\"{}\"/>",
                 LatencyRing::kMost - 1, points.size(), words(least.seconds), words(most.seconds),
                 failed > 0 ? fmt::format(", {} failed", failed) : "", line);
  if (failed > 0) fmt::format_to(std::back_inserter(out), "<path d=\"{}\"/>", failures);
  out += "</svg>";
}

void append_hours(const std::vector<std::pair<WallTime, Summary>>& hours, WallTime now, std::string& out) {
  Duration most{};
  for (const auto& [start, hour] : hours) most = std::max(most, hour.latency_most);
  if (most <= Duration::zero()) {
    out += "<p class=\"faint\">No hour has been summed up yet; that happens every five minutes.</p>\n";
    return;
  }
  const WallTime first = std::chrono::floor<std::chrono::hours>(now) - std::chrono::hours(kHours - 1);
  fmt::format_to(std::back_inserter(out),
                 "<svg class=\"chart\" viewBox=\"0 0 {} 100\" preserveAspectRatio=\"none\" role=\"img\" "
                 "aria-label=\"Latency by hour, mean and longest; the longest of all is {}\">",
                 kHours, for_people(most));
  for (const auto& [start, hour] : hours) {
    const auto x = std::chrono::duration_cast<std::chrono::hours>(start - first).count();
    if (x < 0 || x >= kHours) continue;
    const auto rect = [&](Duration value, std::string_view style) {
      const double height = 98 * seconds(value) / seconds(most);
      fmt::format_to(std::back_inserter(out),
                     "<rect{} x=\"{}.08\" y=\"{:.1f}\" width=\".84\" height=\"{:.1f}\"/>", style, x,
                     100 - height, height);
    };
    rect(hour.latency_most, " class=\"most\"");
    rect(mean(hour), "");
  }
  fmt::format_to(std::back_inserter(out),
                 "<line x1=\"0\" y1=\"100\" x2=\"{}\" y2=\"100\"/></svg>\n<div class=\"axis\" "
                 "aria-hidden=\"true\"><span>24 h ago</span><span>longest {}</span><span>now</span></div>\n",
                 kHours, for_people(most));
  append_hour_rows(hours, out);
}

}  // namespace lookout
