#include "exporter/serve/status_page.h"

#include <iterator>

#include <fmt/format.h>

#include "exporter/incident/incident.h"
#include "exporter/serve/announcements.h"
#include "exporter/serve/page_drawing.h"
#include "exporter/serve/page_frame.h"
#include "exporter/serve/page_text.h"
#include "exporter/serve/query.h"
#include "exporter/serve/recent_probes.h"
#include "exporter/serve/target_list.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

constexpr std::string_view kNoTargets =
    R"(<h1>No targets are configured</h1>
<p class="card empty">Anything can be probed on request:
<a href="probe?target=https%3A%2F%2Fexample.org">probe?target=https://example.org</a></p>
)";

// Everything that the rows need, while the page is being sent.
struct Rows {
  TargetList list;
  std::string label;  // by which they are grouped
  std::shared_ptr<const Past> past;
  const Recorder& recorder;
  std::vector<ProbeRecordPtr> recent;
  WallTime now;
  std::size_t next = 0;
};

std::string headline(const Records& records, const StateCounts& all) {
  const auto count = [&all](ShownState state) { return all[static_cast<std::size_t>(state)]; };
  const std::string of_all = fmt::format("{} {}", records.size(), records.size() == 1 ? "target" : "targets");
  if (count(ShownState::down) > 0)
    return fmt::format("{} of {} {} down", count(ShownState::down), of_all,
                       count(ShownState::down) == 1 ? "is" : "are");
  if (count(ShownState::degraded) > 0)
    return fmt::format("{} of {} degraded", count(ShownState::degraded), of_all);
  if (count(ShownState::up) == records.size()) return fmt::format("All is well: {} up", of_all);
  return fmt::format("Nothing that is told is down: {} of {} up", count(ShownState::up), of_all);
}

void append_counts(const TargetList& list, const TargetQuery& query, std::string& out) {
  auto end = std::back_inserter(out);
  std::size_t all = 0;
  for (const std::size_t count : list.counts) all += count;
  const std::string link = query.link({}, 1);
  fmt::format_to(
      end, "<ul class=\"counts\" aria-label=\"Targets by state\"><li><a href=\"{}\"{}><b>{}</b> all</a></li>",
      link.empty() ? "./" : link, query.state ? "" : " aria-current=\"true\"", all);
  for (const ShownState state : kShownStates) {
    const std::size_t count = list.counts[static_cast<std::size_t>(state)];
    if (count == 0 && query.state != state) continue;
    fmt::format_to(end, "<li><a class=\"{0}\" href=\"{1}\"{2}><b>{3}</b> ", name(state), query.link(state, 1),
                   query.state == state ? " aria-current=\"true\"" : "", count);
    fmt::format_to(end, "<span class=\"state {0}\">{0}</span></a></li>", name(state));
  }
  out += "</ul>\n";
}

void append_option(std::string_view value, std::string_view text, bool selected, std::string& out) {
  fmt::format_to(std::back_inserter(out), "<option value=\"{}\"{}>{}</option>", html_escaped(value),
                 selected ? " selected" : "", html_escaped(text));
}

void append_filter(const Records& records, const TargetQuery& query, std::string& out) {
  fmt::format_to(std::back_inserter(out),
                 "<form class=\"filter\" action=\"./\" role=\"search\" aria-label=\"Targets\">\n"
                 "<label>Name, address, module or label=value<input type=\"search\" name=\"q\" value=\"{}\" "
                 "autocomplete=\"off\" spellcheck=\"false\"></label>\n<label>State<select name=\"state\">",
                 html_escaped(query.text));
  append_option("", "all", !query.state, out);
  for (const ShownState state : kShownStates)
    append_option(name(state), name(state), query.state == state, out);
  out += "</select></label>\n";
  if (const std::vector<std::string> labels = label_names(records); !labels.empty()) {
    out += "<label>Group by<select name=\"group\">";
    append_option("", "nothing", query.group.empty(), out);
    for (const std::string& label : labels) append_option(label, label, query.group == label, out);
    out += "</select></label>\n";
  }
  out += "<button>Show</button>\n</form>\n";
}

void append_group(const TargetGroup& group, const std::string& label, std::string& out) {
  fmt::format_to(std::back_inserter(out),
                 "<tr class=\"group\" id=\"g-{}\"><th scope=\"rowgroup\" colspan=\"5\">{}",
                 percent_encoded(group.value),
                 group.value.empty() ? "without " + html_escaped(label)
                                     : html_escaped(label) + ": " + html_escaped(group.value));
  for (const ShownState state : kShownStates) {
    if (const std::size_t count = group.counts[static_cast<std::size_t>(state)]; count > 0)
      fmt::format_to(std::back_inserter(out), " <span class=\"state {0}\">{1} {0}</span>", name(state),
                     count);
  }
  out += "</th></tr>\n";
}

void append_uptime(const std::optional<WatchedPast>& past, WallTime now, std::string& out) {
  if (!past) {
    out += "<td><small>history is not known yet</small></td>";
    return;
  }
  const Span days{last_days(now, PastCache::kDays).front().begin, now};
  out += "<td>";
  append_day_bars(*past, now, out);
  fmt::format_to(std::back_inserter(out), "<small>{} in 90 days</small></td>",
                 in_words(uptime_of(days, past->outages, past->unwatched)));
}

void append_failure(const TargetRecord& record, const std::optional<WatchedPast>& past, WallTime now,
                    std::string& out) {
  out += "<td class=\"why\">";
  if (record.state.incident) {
    fmt::format_to(std::back_inserter(out), "<a href=\"incidents/{}\">{}</a>",
                   incident_id(record.config->name, record.state.incident->detected.wall),
                   html_escaped(reason(record)));
  } else if (const std::string text = reason(record); !text.empty()) {
    out += html_escaped(text);
  } else if (past && !past->outages.empty()) {
    out += "<span class=\"faint\">last incident ended ";
    const WallTime ended = past->outages.back().end;
    append_time(ended, calm_ago(ended, now), out);
    out += "</span>";
  }
  out += "</td></tr>\n";
}

void append_row(const TargetRecord& record, const Rows& rows, std::string& out) {
  const TargetConfig& config = *record.config;
  const ShownState state = shown_state(record);
  const std::string escaped = html_escaped(config.name), encoded = percent_encoded(config.name);
  auto end = std::back_inserter(out);
  fmt::format_to(end, "<tr id=\"t-{0}\" data-name=\"{1}\" data-state=\"{2}\" class=\"is-{2}\">", encoded,
                 escaped, name(state));
  fmt::format_to(end,
                 "<th scope=\"row\" class=\"name\"><a href=\"targets/{}\">{}</a><small>{}</small>"
                 "<small>{}, {}</small></th><td>",
                 encoded, escaped, html_escaped(mask_url_password(config.address)),
                 html_escaped(config.module_name), name(config.severity));
  append_state(state, out);
  fmt::format_to(end, "<small>{}</small></td><td class=\"number\">",
                 html_escaped(circumstances(record, rows.now)));
  append_sparkline(record.latencies, out);
  if (record.last) {
    fmt::format_to(end, "{}<small>{}</small>", for_people(record.last->duration),
                   calm_ago(record.last->started, rows.now));
  }
  out += "</td>";
  std::optional<WatchedPast> past;
  if (rows.past) past = watched_past(record, *rows.past, rows.recorder.just_ended(config.name), rows.now);
  append_uptime(past, rows.now, out);
  append_failure(record, past, rows.now, out);
}

void append_table_head(const TargetList& list, std::string& out) {
  fmt::format_to(std::back_inserter(out), "<p id=\"shown\" class=\"faint\">{}</p>\n",
                 list.fitting == 0 ? "No target fits."
                 : list.pages == 1 ? fmt::format("{} {}, worst first.", list.fitting,
                                                 list.fitting == 1 ? "target" : "targets")
                                   : fmt::format("{} to {} of {} targets, worst first.", list.first + 1,
                                                 list.first + list.rows.size(), list.fitting));
  if (list.fitting == 0) return;
  out +=
      "<div class=\"scroll\"><table class=\"stack\"><caption class=\"quiet\">Targets, worst first</caption>\n"
      "<thead><tr><th scope=\"col\">Target</th><th scope=\"col\">State</th><th scope=\"col\">Latency</th>"
      "<th scope=\"col\">Last 90 days</th><th scope=\"col\">Latest failure</th></tr></thead>\n<tbody>\n";
}

void append_after_rows(const Rows& rows, const TargetQuery& query, std::string& out) {
  const TargetList& list = rows.list;
  if (list.fitting > 0) {
    out += "</tbody></table></div>\n";
    append_legend(out);
  }
  if (list.pages > 1) {
    out += "<nav class=\"pages\" aria-label=\"Pages of targets\">";
    const auto link = [&](std::size_t page, std::string_view text) {
      const std::string target = query.link(query.state, page);
      fmt::format_to(std::back_inserter(out), "<a href=\"{}\">{}</a>", target.empty() ? "./" : target, text);
    };
    if (list.page > 1) link(list.page - 1, "Previous");
    fmt::format_to(std::back_inserter(out), "<span>Page {} of {}</span>", list.page, list.pages);
    if (list.page < list.pages) link(list.page + 1, "Next");
    out += "</nav>\n";
  }
  out += "</section>\n";
  append_recent_probes(rows.recent, rows.now, out);
  end_page(out);
}

bool append_piece(Rows& rows, const TargetQuery& query, std::string& out) {
  const std::size_t start = out.size();
  const TargetList& list = rows.list;
  for (; rows.next < list.rows.size() && out.size() - start < kPieceBytes; ++rows.next) {
    const std::size_t row = rows.next;
    if (!list.group_of.empty() && (row == 0 || list.group_of[row] != list.group_of[row - 1])) {
      if (row > 0) out += "</tbody>\n<tbody>\n";
      append_group(list.groups[list.group_of[row]], rows.label, out);
    }
    append_row(*list.rows[row], rows, out);
  }
  if (rows.next < list.rows.size()) return true;
  append_after_rows(rows, query, out);
  return false;
}

}  // namespace

Task<Response> status_page(Backend& backend, const Request& request, PastCache& cache) {
  Response response = html_response();
  const WallTime now = std::chrono::system_clock::now();
  const std::shared_ptr<const Past> past =
      backend.book().records().empty() ? nullptr : co_await cache.get(backend.journal());
  // A copy of the list: the book may change between two pieces, but never a record that somebody holds.
  const Records records = backend.book().records();
  if (records.empty()) {
    begin_page({"Lookout", "", Section::targets}, response.body);
    response.body += kNoTargets;
    append_recent_probes(backend.history().records(), now, response.body);
    end_page(response.body);
    co_return response;
  }
  const TargetQuery query = read_target_query(request.query);
  Rows rows{select_targets(records, query), query.group, past, backend.recorder(),
            backend.history().records(),    now};
  const std::string head = headline(records, select_targets(records, {}).counts);
  begin_page({head + " - Lookout", "", Section::targets}, response.body);
  response.body += "<h1>" + head + "</h1>\n";
  append_doubts(backend.book().isolated(), backend.journal().fault(), response.body);
  append_drills(backend.drills().open_incidents(), now, response.body);
  append_open_incidents(records, now, response.body);
  append_maintenance(*backend.config(), now, response.body);
  response.body += "<section aria-labelledby=\"targets\"><h2 id=\"targets\">Targets</h2>\n";
  append_counts(rows.list, query, response.body);
  append_filter(records, query, response.body);
  append_table_head(rows.list, response.body);
  response.stream = [rows = std::move(rows), query](std::string& out) mutable {
    return append_piece(rows, query, out);
  };
  co_return response;
}

}  // namespace lookout
