#include "exporter/serve/badge.h"

#include <fmt/format.h>

#include "exporter/report/terminal_text.h"
#include "exporter/report/time_text.h"
#include "exporter/report/uptime.h"
#include "exporter/serve/query.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr auto kUptimePeriod = std::chrono::hours(30 * 24);
constexpr std::size_t kLongestName = 60;

constexpr std::string_view kGood = "#157347", kMiddling = "#8a5a00", kBad = "#b42318", kUnknown = "#5b6472";

struct Told {
  std::string value;
  std::string_view colour = kUnknown;
};

Told status_of(const TargetRecord& record) {
  if (record.paused) return {"paused"};
  if (record.maintenance) return {"maintenance"};
  switch (record.state.state) {
    case State::up:
      return {"up", kGood};
    case State::degraded:
      return {"degraded", kMiddling};
    case State::down:
      return {"down", kBad};
    case State::unknown:
      break;
  }
  return {"unknown"};
}

Told latency_of(const TargetRecord& record) {
  if (record.last == nullptr || record.last->verdict != Verdict::up) return {"unknown"};
  return {for_people(record.last->duration), record.state.state == State::degraded ? kMiddling : kGood};
}

// What of the last 30 days the journal knows of one target; the open incident is added by the caller.
struct TargetDays {
  std::optional<WallTime> first_seen;
  std::vector<WallTime> probed_days;
  std::vector<Span> outages, gaps;
};

TargetDays days_of(Store& store, const std::string& target, WallTime since) {
  TargetDays found;
  for (const auto& [day, summary] : store.days(target, since - std::chrono::hours(24)))
    found.probed_days.push_back(day);
  if (!found.probed_days.empty()) found.first_seen = found.probed_days.front();
  if (const auto hours = store.hours(target, since);
      found.first_seen && !hours.empty() && hours.front().first < *found.first_seen + std::chrono::hours(24))
    found.first_seen = std::max(*found.first_seen, hours.front().first);
  IncidentFilter filter;
  filter.target = target;
  filter.since = since;
  filter.limit = 10'000;
  for (const Incident& incident : store.incidents(filter)) {
    if (incident.recovered) found.outages.push_back({incident.onset, *incident.recovered});
  }
  for (const Gap& gap : store.gaps(since)) found.gaps.push_back({gap.started, gap.ended});
  return found;
}

Told in_colour(const Uptime& uptime) {
  const std::optional<double> percent = uptime.percent();
  if (!percent) return {in_words(uptime)};
  return {in_words(uptime), *percent >= 99.9 ? kGood : *percent >= 99 ? kMiddling : kBad};
}

// Badges have two parts; a letter takes some 7 of their pixels.
std::string picture(const std::string& name, const Told& told) {
  const auto width = [](const std::string& text) { return 7 * columns_of(text) + 12; };
  const std::size_t left = width(name), right = width(told.value);
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-labelledby="title">
<title id="title">{name}: {value}</title>
<rect width="{left}" height="20" fill="#3b424d"/>
<rect x="{left}" width="{right}" height="20" fill="{colour}"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle" aria-hidden="true">
<text x="{left_middle}" y="14">{name}</text>
<text x="{right_middle}" y="14">{value}</text>
</g>
</svg>
)",
      fmt::arg("width", left + right), fmt::arg("left", left), fmt::arg("right", right),
      fmt::arg("left_middle", left / 2), fmt::arg("right_middle", left + right / 2),
      fmt::arg("name", html_escaped(name)), fmt::arg("value", html_escaped(told.value)),
      fmt::arg("colour", told.colour));
}

Response picture_response(const std::string& name, const Told& told) {
  Response response;
  response.content_type = "image/svg+xml";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Content-Security-Policy", "default-src 'none'");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.body = picture(one_line(name, kLongestName), told);
  return response;
}

Task<Response> uptime_badge(Backend& backend, std::string name) {
  const WallTime now = std::chrono::system_clock::now();
  const Span period{now - kUptimePeriod, now};
  const std::function<TargetDays(Store&)> question = [name, since = period.begin](Store& store) {
    return days_of(store, name, since);
  };
  std::optional<TargetDays> days = co_await backend.journal().ask(question);
  if (!days) co_return error_response(503, "the journal cannot be read: " + backend.journal().fault());
  const std::vector<Span>& ended = backend.recorder().just_ended(name);
  days->outages.insert(days->outages.end(), ended.begin(), ended.end());
  if (const Incident* open = backend.recorder().open_incident(name))
    days->outages.push_back({open->onset, now});
  const Uptime uptime =
      uptime_of(period, merged(std::move(days->outages)),
                unwatched(period, days->first_seen, days->probed_days, std::move(days->gaps)));
  co_return picture_response(name, in_colour(uptime));
}

}  // namespace

Task<Response> badge(Backend& backend, const Request& request, std::string file) {
  constexpr std::string_view kEnding = ".svg";
  if (!file.ends_with(kEnding)) co_return error_response(404, "a badge is /badge/NAME.svg");
  const std::string name = file.substr(0, file.size() - kEnding.size());
  const TargetRecord* record = backend.book().find(name);
  if (record == nullptr) co_return error_response(404, "there is no target of this name");
  const std::string kind = query_value(request.query, "kind").value_or("status");
  if (kind == "status") co_return picture_response(name, status_of(*record));
  if (kind == "latency") co_return picture_response(name, latency_of(*record));
  if (kind == "uptime") co_return co_await uptime_badge(backend, name);
  co_return error_response(
      400, fmt::format("kind: {} is no kind of badge; write status, uptime or latency", in_quotes(kind)));
}

}  // namespace lookout
