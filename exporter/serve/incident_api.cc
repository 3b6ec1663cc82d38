#include "exporter/serve/incident_api.h"

#include <algorithm>
#include <charconv>
#include <variant>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

#include "exporter/config/retention.h"
#include "exporter/config/time_zone.h"
#include "exporter/journal/report_files.h"
#include "exporter/report/incident_report.h"
#include "exporter/serve/page_frame.h"
#include "exporter/serve/query.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kUsualLimit = 100, kHighestLimit = 500;

WallTime now() { return std::chrono::system_clock::now(); }

std::string journal_fault(Backend& backend) {
  const std::string& fault = backend.journal().fault();
  return "the journal cannot be read: " + (fault.empty() ? "it did not answer in time" : fault);
}

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string(to_utf8(text)));
}

std::optional<WallTime> read_since(const std::string& text) {
  if (const auto age = parse_long_duration(text); age && age->value > Duration::zero())
    return now() - std::chrono::duration_cast<WallTime::duration>(age->value);
  if (const auto timestamp = parse_timestamp(text)) return timestamp->time;
  return std::nullopt;
}

// A filter, or what is wrong with a parameter and how to put it right.
std::variant<IncidentFilter, std::string> read_filter(const std::string& query) {
  IncidentFilter filter;
  filter.limit = kUsualLimit;
  filter.target = query_value(query, "target").value_or("");
  if (const auto since = query_value(query, "since")) {
    filter.since = read_since(*since);
    if (!filter.since) {
      return fmt::format("since: {} is neither an age nor a time; write e.g. 7d, 12h or 2026-12-01T22:00:00Z",
                         in_quotes(*since));
    }
  }
  if (const auto open = query_value(query, "open")) {
    if (*open != "true" && *open != "false")
      return fmt::format("open: {} is neither true nor false", in_quotes(*open));
    filter.open_only = *open == "true";
  }
  if (const auto limit = query_value(query, "limit")) {
    const char* end = limit->data() + limit->size();
    const auto [read, error] = std::from_chars(limit->data(), end, filter.limit);
    if (error != std::errc() || read != end || filter.limit == 0 || filter.limit > kHighestLimit) {
      return fmt::format("limit: {} is no number from 1 to {}; ask for more with before", in_quotes(*limit),
                         kHighestLimit);
    }
  }
  if (const auto before = query_value(query, "before")) {
    if (!is_incident_id(*before))
      return fmt::format("before: {} is no incident's id; take one from this list", in_quotes(*before));
    filter.before = *before;
  }
  return filter;
}

std::string next_page(std::string_view route_prefix, const Request& request, const std::string& before) {
  std::string prefix(route_prefix);
  if (!prefix.ends_with('/')) prefix += '/';
  std::string path = fmt::format("{}api/v1/incidents?before={}", prefix, before);
  for (const std::string name : {"target", "since", "open", "limit"}) {
    if (const auto value = query_value(request.query, name))
      path += fmt::format("&{}={}", name, percent_encoded(*value));
  }
  return path;
}

// What a report needs; or why there is none.
struct FoundReport {
  std::optional<Incident> incident;
  std::optional<std::vector<Incident>> earlier;
  Response refused;
};

// What is open is known though the journal cannot be read.
const Incident* known_here(Backend& backend, const std::string& id) {
  for (const auto& [target, incident] : backend.recorder().open_incidents()) {
    if (incident.id == id) return &incident;
  }
  for (const Incident* drill : backend.drills().open_incidents()) {
    if (drill->id == id) return drill;
  }
  return backend.journal().unwritten(id);
}

Task<FoundReport> find_report(Backend& backend, std::string id) {
  FoundReport found;
  if (!is_incident_id(id)) {
    found.refused = error_response(404, "there is no incident of this id; /api/v1/incidents lists them");
    co_return found;
  }
  if (const Incident* incident = known_here(backend, id)) found.incident = *incident;
  struct Answer {
    std::optional<Incident> incident;
    std::vector<Incident> earlier;
  };
  const std::function<Answer(Store&)> question = [id, known = found.incident](Store& store) {
    Answer answer{known ? known : store.incident(id), {}};
    if (answer.incident) answer.earlier = earlier_alike(store, *answer.incident);
    return answer;
  };
  const std::function<void(Answer&)> complete = [&backend, id](Answer& answer) {
    if (const Incident* newest = known_here(backend, id)) answer.incident = *newest;
  };
  std::optional<Answer> answer = co_await backend.journal().ask(question, Journal::kAnswerTime, complete);
  if (answer) {
    found.incident = std::move(answer->incident);
    found.earlier = std::move(answer->earlier);
  }
  if (!found.incident) {
    found.refused = answer
                        ? error_response(404, "there is no incident of this id; /api/v1/incidents lists them")
                        : error_response(503, journal_fault(backend));
  }
  co_return found;
}

Response markdown_response(std::string text) {
  Response response = text_response(200, "");
  response.content_type = "text/markdown; charset=utf-8";
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.body = std::move(text);
  response.compressible = true;
  return response;
}

// A file to be kept: it brings its style with it, and runs and loads nothing.
Response html_report(std::string page) {
  Response response;
  response.content_type = "text/html; charset=utf-8";
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                                "form-action 'none'; frame-ancestors 'none'");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.body = std::move(page);
  response.compressible = true;
  return response;
}

}  // namespace

Task<FoundIncidents> find_incidents(Backend& backend, IncidentFilter filter, Duration patience) {
  FoundIncidents found;
  ++filter.limit;
  std::optional<std::vector<Incident>> past;
  if (!filter.open_only) {
    past = co_await backend.journal().incidents(filter, patience);
    if (!past) found.fault = journal_fault(backend);
  }
  if (past) {
    found.incidents = *std::move(past);
    co_return found;
  }
  for (const auto& [target, incident] : backend.recorder().open_incidents()) {
    if (matches(incident, filter)) found.incidents.push_back(incident);
  }
  for (const Incident* drill : backend.drills().open_incidents()) {
    if (matches(*drill, filter)) found.incidents.push_back(*drill);
  }
  std::ranges::sort(found.incidents, std::greater(), &Incident::id);
  if (found.incidents.size() > filter.limit) found.incidents.resize(filter.limit);
  co_return found;
}

Task<Response> incidents_json(Backend& backend, const Request& request, std::string_view route_prefix) {
  const auto read = read_filter(request.query);
  if (const auto* problem = std::get_if<std::string>(&read)) co_return error_response(400, *problem);
  const IncidentFilter& filter = std::get<IncidentFilter>(read);
  FoundIncidents found = co_await find_incidents(backend, filter);
  std::string next = "null", body = "{\"incidents\":[";
  std::size_t told = 0;
  const Incident* last = nullptr;
  for (const Incident& incident : found.incidents) {
    if (told == filter.limit) {
      next = quoted(next_page(route_prefix, request, last->id));
      break;
    }
    if (told++ > 0) body += ',';
    body += incident_summary_json(incident, now());
    last = &incident;
  }
  body += "],\"next\":" + next;
  if (!found.fault.empty()) body += ",\"error\":" + quoted(found.fault);
  co_return json_response(found.fault.empty() ? 200 : 503, body + "}\n");
}

Task<Response> incident_answer(Backend& backend, std::string rest) {
  const std::size_t slash = rest.find('/');
  const std::string form = slash == std::string::npos ? "" : rest.substr(slash + 1);
  if (slash != std::string::npos && form != "report.md" && form != "report.json" && form != "report.html")
    co_return error_response(404, "a report is report.md, report.json or report.html");
  const FoundReport found = co_await find_report(backend, rest.substr(0, slash));
  if (!found.incident) co_return found.refused;
  const IncidentReport report{*found.incident, found.earlier, now()};
  if (form == "report.md") co_return markdown_response(incident_markdown(report));
  if (form == "report.html") co_return html_report(incident_html_page(report));
  co_return json_response(200, incident_json(report));
}

// Works by live.js, as a form of another site's page could send what a form can.
void append_approvals(const Incident& incident, std::string& out) {
  for (const RecoveryAttempt& attempt : incident.attempts) {
    if (attempt.state != AttemptState::waiting) continue;
    out += fmt::format(
        "<p><button type=\"button\" data-post=\"../api/v1/attempts/{}/approve\">Approve {} for "
        "{}</button></p>\n",
        percent_encoded(attempt.id), html_escaped(attempt.action), html_escaped(attempt.failure));
  }
}

Task<Response> incident_page(Backend& backend, const Request& request, std::string id) {
  const FoundReport found = co_await find_report(backend, id);
  if (!found.incident) co_return found.refused;
  const Incident& incident = *found.incident;
  Response response = html_response();
  begin_page({.title = fmt::format("{} {}: {} - Lookout", incident.drill ? "DRILL" : "Incident", id,
                                   incident.target),
              .root = "../",
              .section = Section::incidents,
              .live = !incident.recovered},
             response.body);
  if (request.authenticated) append_approvals(incident, response.body);
  response.body += incident_html({incident, found.earlier, now()});
  response.body += fmt::format(
      "<p>Target: <a href=\"../targets/{0}\">{1}</a>. This report: "
      "<a href=\"../api/v1/incidents/{2}/report.md\">Markdown</a>, "
      "<a href=\"../api/v1/incidents/{2}/report.html\">HTML</a>, "
      "<a href=\"../api/v1/incidents/{2}\">JSON</a></p>\n",
      percent_encoded(incident.target), html_escaped(incident.target), id);
  end_page(response.body);
  co_return response;
}

}  // namespace lookout
