#include "exporter/serve/status_page.h"

#include <array>
#include <iterator>

#include <fmt/format.h>

#include "exporter/serve/page_text.h"
#include "exporter/serve/query.h"
#include "exporter/serve/recent_probes.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lookout</title>
<style>
:root { color-scheme: light dark; --ink: #1d2433; --paper: #f6f7f9; --card: #fff; --line: #dfe3ea; --faint: #667085;
  --up: #157347; --degraded: #8a5a00; --down: #b42318; --unknown: #667085; --link: #1d5fc4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --paper: #12151b; --card: #1b2029; --line: #2d3440;
  --faint: #98a2b3; --up: #4fc48a; --degraded: #e5b04c; --down: #ff7b6e; --unknown: #98a2b3; --link: #86b4ff; } }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; margin-bottom: 1rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
nav { display: flex; gap: 1rem; }
a { color: var(--link); }
.counts { display: flex; gap: 1rem; margin: 0 0 1rem; padding: 0; list-style: none; font-weight: 600; }
.table { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .55rem .8rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
tr:last-child td { border-bottom: 0; }
th { font-size: .8rem; color: var(--faint); font-weight: 600; }
td { overflow-wrap: anywhere; }
td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
small { display: block; color: var(--faint); }
.up { color: var(--up); } .degraded { color: var(--degraded); } .down { color: var(--down); }
.unknown { color: var(--unknown); }
strong { white-space: nowrap; }
.empty { padding: 2rem; text-align: center; color: var(--faint); }
</style>
</head>
<body>
<main>
<header><h1>Lookout</h1>
<nav><a href="metrics">Metrics</a><a href="config">Configuration</a><a href="api/v1/targets">JSON</a></nav></header>
)";

constexpr std::string_view kTableHead = R"(<div class="table"><table>
<thead><tr><th>Target</th><th>State</th><th>Latency</th><th>Last probe</th><th>Failure</th><th>Incident</th></tr></thead>
<tbody>
)";

constexpr std::string_view kNoTargets =
    R"(<div class="table"><p class="empty">No targets are configured. Anything can be
probed on request: <a href="probe?target=https%3A%2F%2Fexample.org">probe?target=https://example.org</a></p></div>
)";

constexpr std::string_view kEnd = "</main>\n</body>\n</html>\n";

std::string counts(const std::vector<std::shared_ptr<const TargetRecord>>& records) {
  std::array<std::size_t, kStateCount> count{};
  for (const auto& record : records) ++count[static_cast<std::size_t>(record->state.state)];
  std::string out = "<ul class=\"counts\">";
  for (const State state : {State::down, State::degraded, State::up, State::unknown}) {
    const std::size_t targets = count[static_cast<std::size_t>(state)];
    if (targets > 0) out += fmt::format("<li class=\"{0}\">{1} {0}</li>", name(state), targets);
  }
  return out + "</ul>\n";
}

std::string failure_cell(const TargetRecord& record) {
  if (record.last == nullptr || !record.last->failure) return "";
  const Failure& failure = *record.last->failure;
  return fmt::format("{}<small>{}{}{}</small>", html_escaped(sentence(failure.cause)), key(failure),
                     failure.detail.empty() ? "" : ": ", html_escaped(failure.detail));
}

std::string incident_cell(const TargetRecord& record, WallTime now) {
  if (!record.state.incident) return "";
  const Outage& incident = *record.state.incident;
  return fmt::format("<span class=\"down\">open for {}</span><small>since {}, {}</small>",
                     ago(incident.onset.wall, now), rfc3339(incident.onset.wall), key(incident.failure));
}

void append_row(const TargetRecord& record, WallTime now, std::string& out) {
  const TargetConfig& config = *record.config;
  auto end = std::back_inserter(out);
  fmt::format_to(end, "<tr><td><a href=\"api/v1/targets/{}\">{}</a><small>{} &middot; {}</small></td>",
                 encode_path_text(config.name), html_escaped(config.name),
                 html_escaped(mask_url_password(config.address)), html_escaped(config.module_name));
  fmt::format_to(end, "<td><strong class=\"{0}\">{0}</strong><small>{1}</small></td>",
                 name(record.state.state), name(config.severity));
  if (record.last == nullptr) {
    out += "<td></td><td class=\"number\">never</td>";
  } else {
    fmt::format_to(end, "<td class=\"number\">{}</td><td class=\"number\">{} ago</td>",
                   for_people(record.last->duration), ago(record.last->started, now));
  }
  fmt::format_to(end, "<td>{}</td><td>{}</td></tr>\n", failure_cell(record), incident_cell(record, now));
}

}  // namespace

Response status_page(const Book& book, const History& history) {
  Response response;
  response.content_type = "text/html; charset=utf-8";
  response.compressible = true;
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'; "
                                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = kHead;
  if (book.records().empty()) {
    response.body += kNoTargets;
    append_recent_probes(history.records(), std::chrono::system_clock::now(), response.body);
    response.body += kEnd;
    return response;
  }
  response.body += counts(book.records());
  response.body += kTableHead;
  // A copy of the list: the book may change between two pieces, but never a record that somebody holds.
  response.stream = [records = book.records(), recent = history.records(), next = std::size_t{0},
                     now = std::chrono::system_clock::now()](std::string& out) mutable {
    const std::size_t start = out.size();
    for (; next < records.size() && out.size() - start < kPieceBytes; ++next)
      append_row(*records[next], now, out);
    if (next < records.size()) return true;
    out += "</tbody></table></div>\n";
    append_recent_probes(recent, now, out);
    out += kEnd;
    return false;
  };
  return response;
}

}  // namespace lookout
