#include "exporter/serve/target_page.h"

#include <iterator>

#include <fmt/format.h>

#include "exporter/incident/dependencies.h"
#include "exporter/incident/maintenance.h"
#include "exporter/serve/announcements.h"
#include "exporter/serve/incidents_page.h"
#include "exporter/serve/page_drawing.h"
#include "exporter/serve/page_frame.h"
#include "exporter/serve/page_text.h"
#include "exporter/serve/query.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr Duration kPatience = std::chrono::seconds(5);
constexpr std::size_t kMostNames = 50;

using Hours = std::vector<std::pair<WallTime, Summary>>;

void append_fact(std::string_view term, std::string_view html, std::string& out) {
  if (!html.empty()) fmt::format_to(std::back_inserter(out), "<dt>{}</dt><dd>{}</dd>\n", term, html);
}

void append_state_card(const TargetRecord& record, WallTime now, std::string& out) {
  fmt::format_to(std::back_inserter(out),
                 "<div id=\"now\" class=\"card\" data-name=\"{}\" data-state=\"{}\"><p>",
                 html_escaped(record.config->name), name(shown_state(record)));
  append_state(shown_state(record), out);
  fmt::format_to(std::back_inserter(out), " {}", html_escaped(circumstances(record, now)));
  if (const auto since = in_state_since(record)) {
    out += ", since ";
    append_time(*since, utc_for_people(unix_seconds(*since)), out);
  }
  out += "</p>";
  if (const std::string text = reason(record); !text.empty()) out += "<p>" + html_escaped(text) + "</p>";
  if (record.state.incident) {
    fmt::format_to(std::back_inserter(out),
                   "<p><a href=\"../incidents/{}\">The open incident and its timeline</a></p>",
                   incident_id(record.config->name, record.state.incident->detected.wall));
  }
  out += "</div>\n";
}

std::string labels_of(const TargetConfig& target) {
  std::string text;
  for (const auto& [name, value] : target.labels) {
    fmt::format_to(std::back_inserter(text), "{}<a href=\"../?q={}\">{}</a>", text.empty() ? "" : ", ",
                   percent_encoded(name + "=" + value), html_escaped(name + "=" + value));
  }
  return text;
}

std::string thresholds(const TargetConfig& target) {
  const auto in_a_row = [](int count) {
    return count <= 1 ? std::string("1") : fmt::format("{} in a row", count);
  };
  std::string text = fmt::format("down after failed probes: {}; up again after good ones: {}",
                                 in_a_row(target.failure_threshold), in_a_row(target.success_threshold));
  if (target.degraded_above) text += "; degraded above " + for_people(*target.degraded_above);
  return text;
}

// A link only to where the operator has written a link.
std::string runbook(const TargetConfig& target) {
  const std::string url = html_escaped(target.runbook_url);
  if (!target.runbook_url.starts_with("https://") && !target.runbook_url.starts_with("http://")) return url;
  return fmt::format("<a href=\"{0}\" rel=\"noreferrer\">{0}</a>", url);
}

std::string links(const Book& book, const Dependencies::Names& names) {
  std::string out;
  for (const std::string* each : names) {
    if (static_cast<std::size_t>(&each - names.data()) == kMostNames) {
      out += fmt::format(" and {} more", names.size() - kMostNames);
      break;
    }
    fmt::format_to(std::back_inserter(out), "{}<a href=\"{}\">{}</a> ", out.empty() ? "" : ", ",
                   percent_encoded(*each), html_escaped(*each));
    if (const TargetRecord* record = book.find(*each)) append_state(shown_state(*record), out);
  }
  return out;
}

std::string checkpoints(const TargetConfig& target) {
  std::string out;
  for (const CheckpointConfig& each : target.checkpoints) {
    fmt::format_to(std::back_inserter(out), "{}{} ({}, {})", out.empty() ? "" : ", ", html_escaped(each.name),
                   html_escaped(mask_url_password(each.address)), html_escaped(each.module_name));
  }
  if (!out.empty()) out += fmt::format("; {} must fail for a failure", target.quorum);
  return out;
}

void append_configuration(const Backend& backend, const TargetRecord& record, std::string& out) {
  const TargetConfig& target = *record.config;
  const Dependencies dependencies(backend.config());
  out +=
      "<section class=\"card\" aria-labelledby=\"how\"><h2 id=\"how\">How it is watched</h2><dl "
      "class=\"facts\">\n";
  append_fact("Address", html_escaped(mask_url_password(target.address)), out);
  append_fact("Module", html_escaped(target.module_name), out);
  append_fact("Severity", name(target.severity), out);
  append_fact("Probed",
              (target.mode == TargetMode::scrape ? "when /metrics is scraped"
                                                 : "every " + for_people(target.interval)) +
                  ", for at most " + for_people(target.timeout),
              out);
  append_fact("Judged", thresholds(target), out);
  append_fact("Checkpoints", checkpoints(target), out);
  append_fact("Labels", labels_of(target), out);
  append_fact("Depends on", links(backend.book(), dependencies.dependencies(target.name)), out);
  append_fact("Depended on by", links(backend.book(), dependencies.dependents(target.name)), out);
  append_fact("Runbook", runbook(target), out);
  fmt::format_to(
      std::back_inserter(out),
      "</dl><p class=\"no-print\"><a href=\"../api/v1/targets/{}\">The same as JSON</a></p></section>\n",
      percent_encoded(target.name));
}

void append_stages(const ProbeResult& probe, std::string& out) {
  const double whole = std::max(seconds(probe.duration), 1e-9);
  double start = 0;
  out +=
      "<table class=\"stages\"><caption class=\"quiet\">Stages of the newest probe</caption><thead><tr>"
      "<th scope=\"col\">Stage</th><th scope=\"col\">Time</th><th scope=\"col\"><span "
      "class=\"quiet\">Share</span></th></tr></thead><tbody>\n";
  for (const StageTime& stage : probe.stages) {
    const double share = 100 * seconds(stage.duration) / whole;
    fmt::format_to(
        std::back_inserter(out),
        "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td><svg class=\"meter\" viewBox=\"0 0 100 "
        "10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect x=\"{:.2f}\" y=\"0\" width=\"{:.2f}\" "
        "height=\"10\"/></svg></td></tr>\n",
        name(stage.stage), for_people(stage.duration), start, std::max(share, 0.5));
    start += share;
  }
  out += "</tbody></table>\n";
}

void append_newest_probe(const TargetRecord& record, WallTime now, std::string& out) {
  out += "<section class=\"card\" aria-labelledby=\"newest\"><h2 id=\"newest\">Newest probe</h2>\n";
  if (record.last == nullptr) {
    out += "<p>It has not been probed yet.</p></section>\n";
    return;
  }
  const ProbeResult& probe = *record.last;
  fmt::format_to(std::back_inserter(out), "<p>{} after {}, ", name(probe.verdict),
                 for_people(probe.duration));
  append_time(probe.started, calm_ago(probe.started, now), out);
  out += "</p>\n";
  if (probe.failure) out += "<p>" + html_escaped(in_words(*probe.failure)) + "</p>\n";
  append_stages(probe, out);
  out += "<p>";
  append_sparkline(record.latencies, out);
  out += "<small>Latencies of the newest probes</small></p></section>\n";
}

std::string what_was_watched(const Uptime& uptime, Duration period) {
  if (uptime.watched <= Duration::zero()) return "not watched";
  std::string text = uptime.down > Duration::zero() ? "down for " + calm(uptime.down) : "never down";
  if (uptime.watched < period) text += ", not watched for " + calm(period - uptime.watched);
  return text;
}

void append_uptime(const WatchedPast& past, WallTime now, std::string& out) {
  struct Period {
    std::string_view words;
    Duration length;
  };
  constexpr std::chrono::hours kDay{24};
  out +=
      "<section class=\"card wide\" aria-labelledby=\"uptime\"><h2 id=\"uptime\">Uptime</h2>\n<ul "
      "class=\"percentages\">";
  for (const Period& period : {Period{"24 hours", kDay}, Period{"7 days", 7 * kDay},
                               Period{"30 days", 30 * kDay}, Period{"90 days", 90 * kDay}}) {
    const WallTime earliest = last_days(now, PastCache::kDays).front().begin;
    const WallTime begin =
        std::max(earliest, now - std::chrono::duration_cast<WallTime::duration>(period.length));
    const Uptime uptime = uptime_of({begin, now}, past.outages, past.unwatched);
    fmt::format_to(std::back_inserter(out), "<li><b>{}</b>{}<br><small>{}</small></li>", in_words(uptime),
                   period.words, what_was_watched(uptime, now - begin));
  }
  out += "</ul>\n";
  append_day_bars(past, now, out);
  out += "<div class=\"axis\" aria-hidden=\"true\"><span>90 days ago</span><span>today</span></div>\n";
  append_legend(out);
  out +=
      "<p class=\"faint\">Down is from the onset of an incident to its end; what is held back (maintenance, "
      "pauses, "
      "dependencies) is no incident. Times that nobody watched count neither way";
  if (past.first_seen) {
    out += "; first seen ";
    append_time(*past.first_seen, utc_for_people(unix_seconds(*past.first_seen)), out);
  }
  out += ". Days are those of UTC.</p></section>\n";
}

void append_windows(const Backend& backend, const std::string& target, WallTime now, std::string& out) {
  MaintenanceCalendar calendar(backend.config());
  std::string items;
  if (const ActiveWindow* open = calendar.covering(target, now))
    append_window(*open->window, {open->since, open->until}, now, items);
  if (const auto next = calendar.upcoming(target, now))
    append_window(*next->window, {next->since, next->until}, now, items);
  if (items.empty()) return;
  out +=
      "<section aria-labelledby=\"maintenance\"><h2 id=\"maintenance\">Maintenance</h2><ul "
      "class=\"open\">\n" +
      items + "</ul></section>\n";
}

Response no_such_target() {
  Response response = html_response(404);
  begin_page({"No such target - Lookout", "../", Section::none, false}, response.body);
  response.body += "<h1>There is no target of this name</h1>\n<p><a href=\"../\">All targets</a></p>\n";
  end_page(response.body);
  return response;
}

}  // namespace

Task<Response> target_page(Backend& backend, const Request& request, PastCache& cache, std::string name) {
  if (backend.book().find(name) == nullptr) co_return no_such_target();
  const WallTime now = std::chrono::system_clock::now();
  const std::shared_ptr<const Past> past = co_await cache.get(backend.journal());
  IncidentFilter filter;
  filter.target = name;
  filter.before = query_value(request.query, "before").value_or("");
  filter.limit = kIncidentsOnAPage;
  const FoundIncidents incidents = co_await find_incidents(backend, filter, kPatience);
  const std::function<Hours(Store&)> question = [name, now](Store& store) {
    return store.hours(name, now - std::chrono::hours(24));
  };
  const std::optional<Hours> hours = co_await backend.journal().ask(question, kPatience);
  // Only now, as the book may have changed meanwhile.
  const TargetRecord* record = backend.book().find(name);
  if (record == nullptr) co_return no_such_target();

  Response response = html_response();
  std::string& out = response.body;
  begin_page(
      {name + ": " + std::string(lookout::name(shown_state(*record))) + " - Lookout", "../", Section::none},
      out);
  out += "<h1>" + html_escaped(name) + "</h1>\n";
  append_doubts(backend.book().isolated(), backend.journal().fault(), out);
  append_state_card(*record, now, out);
  append_windows(backend, name, now, out);
  if (past) append_uptime(watched_past(*record, *past, backend.recorder().just_ended(name), now), now, out);
  out += "<div class=\"panels\">\n";
  append_newest_probe(*record, now, out);
  out +=
      "<section class=\"card\" aria-labelledby=\"latency\"><h2 id=\"latency\">Latency of the last 24 "
      "hours</h2>\n";
  append_hours(hours.value_or(Hours()), now, out);
  out += "</section>\n";
  append_configuration(backend, *record, out);
  out += "</div>\n<section aria-labelledby=\"incidents\"><h2 id=\"incidents\">Incidents</h2>\n";
  append_incidents(incidents, {"../", true, "?before="}, now, out);
  out += "</section>\n";
  end_page(out);
  co_return response;
}

}  // namespace lookout
