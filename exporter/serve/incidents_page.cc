#include "exporter/serve/incidents_page.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "exporter/report/time_text.h"
#include "exporter/serve/page_drawing.h"
#include "exporter/serve/page_frame.h"
#include "exporter/serve/page_text.h"
#include "exporter/serve/query.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr Duration kPatience = std::chrono::seconds(5);

void append_row(const Incident& incident, const IncidentTable& table, WallTime now, std::string& out) {
  auto end = std::back_inserter(out);
  const bool open = !incident.recovered;
  fmt::format_to(end,
                 "<tr id=\"i-{0}\"><th scope=\"row\" class=\"id\"><a href=\"{1}incidents/{0}\">{0}</a></th>",
                 incident.id, table.root);
  if (!table.of_one_target) {
    fmt::format_to(end, "<td><a href=\"{}targets/{}\">{}</a><small>{}</small></td>", table.root,
                   percent_encoded(incident.target), html_escaped(incident.target),
                   html_escaped(incident.severity));
  }
  fmt::format_to(end, "<td><span class=\"state {}\">{}</span></td><td>", open ? "down" : "up",
                 open ? "open" : "over");
  append_time(incident.onset, utc_for_people(unix_seconds(incident.onset)), out);
  fmt::format_to(end, "</td><td class=\"number\">{}</td><td class=\"why\">{}{}</td></tr>\n",
                 open ? calm(now - incident.onset) : for_people(incident.duration),
                 (incident.drill ? "<strong>DRILL</strong> " : "") + html_escaped(in_words(incident.failure)),
                 incident.flapped ? "<small>flapped</small>" : "");
}

}  // namespace

void append_incidents(const FoundIncidents& found, const IncidentTable& table, WallTime now,
                      std::string& out) {
  const std::vector<Incident>& incidents = found.incidents;
  if (!found.fault.empty()) {
    out += "<p class=\"card warning\">The journal cannot be read now; only what is open is shown.</p>\n";
  }
  if (incidents.empty()) {
    if (found.fault.empty()) out += "<p class=\"card empty\">None is known.</p>\n";
    return;
  }
  fmt::format_to(
      std::back_inserter(out),
      "<div class=\"scroll\"><table class=\"stack\"><caption class=\"quiet\">Incidents, newest "
      "first</caption>\n"
      "<thead><tr><th scope=\"col\">Incident</th>{}<th scope=\"col\">State</th><th scope=\"col\">Since</th>"
      "<th scope=\"col\">Lasted</th><th scope=\"col\">Reason</th></tr></thead>\n<tbody>\n",
      table.of_one_target ? "" : "<th scope=\"col\">Target</th>");
  const std::size_t shown = std::min(incidents.size(), kIncidentsOnAPage);
  for (std::size_t index = 0; index < shown; ++index) append_row(incidents[index], table, now, out);
  out += "</tbody></table></div>\n";
  if (incidents.size() > shown) {
    fmt::format_to(
        std::back_inserter(out),
        "<nav class=\"pages\" aria-label=\"Pages of incidents\"><a href=\"{}{}\">Older</a></nav>\n",
        table.older, percent_encoded(incidents[shown - 1].id));
  }
}

Task<Response> incidents_page(Backend& backend, const Request& request) {
  IncidentFilter filter;
  filter.target = query_value(request.query, "target").value_or("");
  filter.open_only = query_value(request.query, "open") == "1";
  filter.before = query_value(request.query, "before").value_or("");
  filter.limit = kIncidentsOnAPage;
  const FoundIncidents found = co_await find_incidents(backend, filter, kPatience);

  Response response = html_response();
  std::string& out = response.body;
  begin_page({"Incidents - Lookout", "", Section::incidents}, out);
  out += "<h1>Incidents</h1>\n";
  auto end = std::back_inserter(out);
  std::string older = "?";
  if (!filter.target.empty()) {
    older += "target=" + percent_encoded(filter.target) + "&amp;";
    fmt::format_to(end, "<p>Of <a href=\"targets/{}\">{}</a>. ", percent_encoded(filter.target),
                   html_escaped(filter.target));
  } else {
    out += "<p>";
  }
  const std::string all = older.size() > 1 ? older.substr(0, older.size() - 5) : "incidents";
  const std::string open = older + "open=1";
  if (filter.open_only) older += "open=1&amp;";
  older += "before=";
  fmt::format_to(end, "<a href=\"{}\"{}>All</a> or <a href=\"{}\"{}>open ones only</a>, newest first.</p>\n",
                 all, filter.open_only ? "" : " aria-current=\"true\"", open,
                 filter.open_only ? " aria-current=\"true\"" : "");
  append_incidents(found, {"", false, older}, std::chrono::system_clock::now(), out);
  end_page(out);
  co_return response;
}

}  // namespace lookout
