#include "exporter/serve/announcements.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include <fmt/format.h>

#include "exporter/incident/incident.h"
#include "exporter/report/time_text.h"
#include "exporter/serve/page_drawing.h"
#include "exporter/serve/page_text.h"
#include "exporter/serve/query.h"

namespace lookout {
namespace {

constexpr std::size_t kMostIncidents = 6, kMostWindows = 10, kMostNames = 8;
constexpr auto kSoon = std::chrono::days(7);

// Whom a window covers, in words.
std::string covered(const MaintenanceWindow& window) {
  if (window.all) return "all targets";
  std::string text;
  const auto add = [&text](const std::string& what) { text.append(text.empty() ? "" : ", ").append(what); };
  for (const std::string& target : window.targets) {
    if (&target - window.targets.data() == kMostNames) {
      add(fmt::format("{} more", window.targets.size() - kMostNames));
      break;
    }
    add(target);
  }
  if (!window.labels.empty()) {
    std::string labels;
    for (const auto& [name, value] : window.labels)
      labels.append(labels.empty() ? "" : " and ").append(name).append("=").append(value);
    add("targets with " + labels);
  }
  return text;
}

}  // namespace

void append_doubts(bool isolated, std::string_view journal_fault, std::string& out) {
  if (isolated) {
    out +=
        "<p class=\"card warning\"><strong>Lookout does not trust itself.</strong> Most probes fail for "
        "reasons "
        "that lie here, not with the targets; until that is over no state changes.</p>\n";
  }
  if (!journal_fault.empty()) {
    fmt::format_to(
        std::back_inserter(out),
        "<p class=\"card warning\"><strong>The journal fails.</strong> Watching goes on; what is past "
        "may be missing here. {}</p>\n",
        html_escaped(journal_fault));
  }
}

void append_open_incidents(const Records& records, WallTime now, std::string& out) {
  Records open;
  for (const auto& record : records) {
    if (record->state.incident) open.push_back(record);
  }
  if (open.empty()) return;
  std::ranges::sort(open, {}, [](const auto& record) {
    return std::tuple(record->config->severity, record->state.incident->onset.wall,
                      std::string_view(record->config->name));
  });
  out += "<section aria-labelledby=\"open\"><h2 id=\"open\">Open incidents</h2>\n<ul class=\"open\">\n";
  for (std::size_t index = 0; index < std::min(open.size(), kMostIncidents); ++index) {
    const TargetConfig& target = *open[index]->config;
    const Outage& outage = *open[index]->state.incident;
    const std::string id = incident_id(target.name, outage.detected.wall);
    fmt::format_to(std::back_inserter(out),
                   "<li id=\"i-{0}\"><strong><a href=\"incidents/{0}\">{1}</a></strong> is down, {2}, since ",
                   id, html_escaped(target.name), name(target.severity));
    append_time(outage.onset.wall, utc_for_people(unix_seconds(outage.onset.wall)), out);
    fmt::format_to(std::back_inserter(out), " ({})<p>{}</p></li>\n", calm(now - outage.onset.wall),
                   html_escaped(in_words(outage.latest)));
  }
  if (open.size() > kMostIncidents) {
    fmt::format_to(std::back_inserter(out), "<li><a href=\"?state=down\">and {} more</a></li>\n",
                   open.size() - kMostIncidents);
  }
  out += "</ul></section>\n";
}

void append_drills(const std::vector<const Incident*>& drills, WallTime now, std::string& out) {
  if (drills.empty()) return;
  out += "<section aria-labelledby=\"drills\"><h2 id=\"drills\">Drills</h2>\n<ul class=\"open\">\n";
  for (const Incident* drill : drills) {
    fmt::format_to(std::back_inserter(out),
                   "<li class=\"window\" id=\"i-{0}\"><strong>DRILL</strong> of <a "
                   "href=\"incidents/{0}\">{1}</a>, since ",
                   drill->id, html_escaped(drill->target));
    append_time(drill->onset, utc_for_people(unix_seconds(drill->onset)), out);
    fmt::format_to(std::back_inserter(out), " ({})<p>Only pretended: {}</p></li>\n", calm(now - drill->onset),
                   html_escaped(in_words(drill->failure)));
  }
  out += "</ul></section>\n";
}

void append_window(const MaintenanceWindow& window, const Occurrence& occurrence, WallTime now,
                   std::string& out) {
  const bool is_open = occurrence.begin <= now;
  fmt::format_to(std::back_inserter(out), "<li class=\"window\"><strong>{}</strong> ",
                 window.reason.empty() ? "Maintenance" : html_escaped(window.reason));
  const WallTime boundary = is_open ? occurrence.end : occurrence.begin;
  out += is_open ? "open until " : "begins ";
  append_time(boundary, utc_for_people(unix_seconds(boundary)), out);
  fmt::format_to(std::back_inserter(out), " ({}{})<p>For {}</p></li>\n",
                 distance_for_people(unix_seconds(boundary), now),
                 is_open ? "" : ", for " + ago(occurrence.begin, occurrence.end),
                 html_escaped(covered(window)));
}

void append_maintenance(const Config& config, WallTime now, std::string& out) {
  std::vector<std::pair<Occurrence, const MaintenanceWindow*>> windows;
  for (const MaintenanceWindow& window : config.maintenance) {
    if (const auto open = open_occurrence(window, now)) {
      windows.emplace_back(*open, &window);
    } else if (const auto next = next_occurrence(window, now); next && next->begin <= now + kSoon) {
      windows.emplace_back(*next, &window);
    }
  }
  if (windows.empty()) return;
  std::ranges::sort(windows, {}, [](const auto& entry) { return entry.first.begin; });
  out +=
      "<section aria-labelledby=\"maintenance\"><h2 id=\"maintenance\">Maintenance</h2>\n<ul "
      "class=\"open\">\n";
  const std::size_t shown = std::min(windows.size(), kMostWindows);
  for (std::size_t index = 0; index < shown; ++index)
    append_window(*windows[index].second, windows[index].first, now, out);
  if (shown < windows.size())
    fmt::format_to(std::back_inserter(out), "<li>and {} more</li>\n", windows.size() - shown);
  out += "</ul></section>\n";
}

}  // namespace lookout
