#include "exporter/report/incident_report.h"

#include <cmath>

#include <fmt/format.h>

#include "exporter/report/document.h"
#include "exporter/report/fact_text.h"
#include "exporter/report/html_text.h"
#include "exporter/report/incident_text.h"
#include "exporter/report/time_text.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;

Duration duration_of(double seconds) {
  if (!(seconds > 0 && seconds < 1e9)) return Duration::zero();
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

std::string rfc3339_of(double unix_seconds) {
  if (!(std::abs(unix_seconds) < 9e9)) return "-";
  return rfc3339(WallTime(std::chrono::milliseconds(std::llround(unix_seconds * 1000))));
}

template <class Row>
void for_each_object(const json::array& list, Row&& row) {
  for (const json::value& each : list) {
    if (each.is_object()) row(each.get_object());
  }
}

std::string capitalized(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}

std::optional<WallTime> first_action(const Incident& incident) {
  for (const RecoveryAttempt& attempt : incident.attempts) {
    if (attempt.started) return attempt.started;
  }
  return std::nullopt;
}

class Writer {
 public:
  explicit Writer(const IncidentReport& report)
      : report_(report), incident_(report.incident), evidence_(report.incident.evidence) {}

  Document write() && {
    out_.heading(
        1, fmt::format("{} {}: {}", incident_.drill ? "DRILL" : "Incident", incident_.id, incident_.target));
    if (incident_.drill)
      out_.paragraph({{"A drill.", Words::Kind::strong},
                      {" The failure was pretended, to see whether its alert arrives; it counts nowhere."}});
    summary();
    failure();
    recovery();
    timeline();
    evidence();
    earlier();
    blanks();
    return std::move(out_);
  }

 private:
  std::string ending() const {
    const std::string lasting = span_in_words(lasted(incident_, report_.now));
    if (!incident_.recovered) return fmt::format("Open for {}.", lasting);
    const bool left = !incident_.timeline.empty() && incident_.timeline.back().what == "abandoned";
    return fmt::format("{} after {}.", left ? "Closed" : "Recovered", lasting);
  }

  void summary();
  void failure();
  void recovery();
  void timeline();
  void evidence();
  void stages();
  void certificates();
  void facts();
  void trace();
  void earlier();
  void blanks();

  const IncidentReport& report_;
  const Incident& incident_;
  const Evidence evidence_;
  Document out_;
};

void Writer::summary() {
  out_.paragraph(
      {{ending(), Words::Kind::strong},
       {fmt::format(" {} ({}).", capitalized(sentence(incident_.failure.cause)), key(incident_.failure))}});
  std::vector<std::vector<Line>> rows;
  const auto row = [&](std::string what, Line line) {
    if (!line.empty()) rows.push_back({plain(std::move(what)), std::move(line)});
  };
  row("Target", code(incident_.target));
  row("Address", code(incident_.address));
  row("Module", code(incident_.module));
  row("Severity", plain(incident_.severity));
  Line labels;
  for (const auto& [label, value] : incident_.labels) {
    if (!labels.empty()) labels.push_back({", "});
    labels.push_back({label + "=" + value, Words::Kind::code});
  }
  row("Labels", std::move(labels));
  if (!incident_.runbook_url.empty())
    row("Runbook", {{incident_.runbook_url, Words::Kind::link, incident_.runbook_url}});
  row("Onset", plain(rfc3339(incident_.onset)));
  row("Detected", plain(rfc3339(incident_.detected)));
  row("Recovered", plain(incident_.recovered ? rfc3339(*incident_.recovered) : "not yet: it is open"));
  if (const auto first = first_action(incident_)) row("First action", plain(rfc3339(*first)));
  if (incident_.ending != Ending::none) row("Recovered how", plain(capitalized(ending_in_words(incident_))));
  row("Time to detect", plain(span_in_words(incident_.detection)));
  row(incident_.recovered ? "Duration" : "Duration so far",
      plain(span_in_words(lasted(incident_, report_.now))));
  if (incident_.flapped) row("Flapping", plain("yes: it went up and down, and counts as one incident"));
  if (!incident_.held_by.empty()) row("Held back by", plain(incident_.held_by));
  out_.table({"", "Incident"}, std::move(rows));
}

void Writer::failure() {
  out_.heading(2, "Failure");
  out_.paragraph(
      {{fmt::format("In the stage {}: {}", name(incident_.failure.stage), sentence(incident_.failure.cause))},
       {" ("},
       {key(incident_.failure), Words::Kind::code},
       {")."}});
  if (!incident_.failure.detail.empty()) out_.verbatim(incident_.failure.detail);
  out_.paragraph(plain("Look at next:"));
  std::vector<Line> steps;
  for (const std::string& step : advice_of(incident_, evidence_)) steps.push_back(with_code(step));
  out_.list(std::move(steps));
}

// What was done to bring the target back, and what came of it.
void Writer::recovery() {
  if (incident_.attempts.empty()) return;
  out_.heading(2, "Recovery");
  std::vector<std::vector<Line>> rows;
  for (const RecoveryAttempt& attempt : incident_.attempts) {
    const bool begun = attempt.started.has_value();
    rows.push_back({plain(rfc3339(attempt.started.value_or(attempt.decided))), code(attempt.action),
                    code(attempt.failure), plain(begun ? span_in_words(attempt.took) : "-"),
                    plain(attempt.result), plain(std::string(name(attempt.state))), plain(attempt.by)});
  }
  out_.table({"Time (UTC)", "Action", "For", "Took", "Result", "What became of it", "Asked for by"},
             std::move(rows));
  for (const RecoveryAttempt& attempt : incident_.attempts) {
    if (attempt.output.empty()) continue;
    out_.paragraph(
        {{"Output of "}, {attempt.action, Words::Kind::code}, {fmt::format(" ({}):", attempt.id)}});
    out_.verbatim(attempt.output);
  }
}

void Writer::timeline() {
  out_.heading(2, "Timeline");
  if (incident_.timeline.empty()) return out_.paragraph(plain("Nothing was noted."));
  std::vector<std::vector<Line>> rows;
  for (const TimelineEntry& entry : incident_.timeline)
    rows.push_back({plain(rfc3339(entry.at)), plain(entry.what), plain(entry.text)});
  out_.table({"Time (UTC)", "What", "In words"}, std::move(rows));
}

void Writer::evidence() {
  out_.heading(2, "Evidence");
  if (evidence_.empty()) return out_.paragraph(plain("The probe that opened it was not kept."));
  out_.paragraph({{"The probe that opened it: "},
                  {evidence_.text("target"), Words::Kind::code},
                  {fmt::format(" with module {} (prober {}), started {}, took {} of at most {}.",
                               evidence_.text("module"), evidence_.text("prober"),
                               rfc3339_of(evidence_.number("started")),
                               span_in_words(duration_of(evidence_.number("seconds"))),
                               span_in_words(duration_of(evidence_.number("timeout_seconds"))))}});
  stages();
  certificates();
  facts();
  trace();
}

void Writer::stages() {
  std::vector<std::vector<Line>> rows;
  for_each_object(evidence_.list("stages"), [&](const json::object& stage) {
    const std::string which = Evidence::text(stage, "stage");
    rows.push_back({plain(which), plain(for_people(duration_of(Evidence::number(stage, "seconds")))),
                    plain(which == name(incident_.failure.stage) ? "failed here" : "")});
  });
  if (rows.empty()) return;
  out_.heading(3, "Stages");
  out_.table({"Stage", "Time", ""}, std::move(rows));
}

std::string names_of(const json::object& certificate) {
  std::string names;
  for (const json::value& each : Evidence::list(certificate, "names")) {
    if (each.is_string()) names += (names.empty() ? "" : ", ") + std::string(each.get_string());
  }
  if (const double more = Evidence::number(certificate, "names_left_out"); more > 0)
    names += fmt::format(" and {:.0f} more", more);
  return names.empty() ? "none" : names;
}

void Writer::certificates() {
  std::vector<std::vector<Line>> rows;
  for_each_object(evidence_.list("certificates"), [&](const json::object& each) {
    rows.push_back({plain(Evidence::text(each, "subject")), plain(Evidence::text(each, "issuer")),
                    plain(utc_for_people(Evidence::number(each, "not_before"))),
                    plain(utc_for_people(Evidence::number(each, "not_after"))), plain(names_of(each)),
                    code(Evidence::text(each, "fingerprint_sha256"))});
  });
  if (rows.empty()) return;
  out_.heading(3, "Certificates");
  out_.table({"Subject", "Issuer", "Valid from", "Valid until", "Names", "SHA-256"}, std::move(rows));
}

std::string series_of(const json::object& fact) {
  std::string labels;
  if (const json::value* all = fact.if_contains("labels"); all != nullptr && all->is_object()) {
    for (const auto& [label, value] : all->get_object()) {
      if (value.is_string())
        labels += fmt::format("{}{}=\"{}\"", labels.empty() ? "" : ",", std::string_view(label),
                              std::string_view(value.get_string()));
    }
  }
  const std::string metric = Evidence::text(fact, "metric");
  return labels.empty() ? metric : metric + "{" + labels + "}";
}

void Writer::facts() {
  const WallTime started(std::chrono::milliseconds(std::llround(evidence_.number("started") * 1000)));
  std::vector<std::vector<Line>> rows;
  for_each_object(evidence_.list("facts"), [&](const json::object& fact) {
    const json::value* value = fact.if_contains("value");
    const bool told = value != nullptr && value->is_number();
    rows.push_back({code(series_of(fact)), plain(told ? value_for_people(Evidence::text(fact, "metric"),
                                                                         value->to_number<double>(), started)
                                                      : "no number")});
  });
  if (rows.empty()) return;
  out_.heading(3, "Facts");
  out_.table({"Metric", "Value"}, std::move(rows));
}

void Writer::trace() {
  std::string lines;
  for_each_object(evidence_.list("trace"), [&](const json::object& line) {
    lines += fmt::format("{:>10}  {}\n", for_people(duration_of(Evidence::number(line, "seconds"))),
                         one_line(Evidence::text(line, "text"), 2000));
  });
  if (lines.empty()) return;
  out_.heading(3, "Trace");
  out_.verbatim(std::move(lines));
}

void Writer::earlier() {
  out_.heading(2, "Earlier incidents with this failure");
  if (!report_.earlier) return out_.paragraph(plain("The journal could not be asked."));
  if (report_.earlier->empty()) return out_.paragraph(plain("None is known."));
  std::vector<std::vector<Line>> rows;
  for (const Incident& each : *report_.earlier) {
    rows.push_back({code(each.id), plain(rfc3339(each.onset)),
                    plain(span_in_words(lasted(each, report_.now)) + (each.recovered ? "" : ", and open"))});
  }
  out_.table({"Incident", "Onset", "Duration"}, std::move(rows));
}

void Writer::blanks() {
  const Line blank{{"to be filled in by people", Words::Kind::blank}};
  out_.heading(2, "Root cause");
  out_.paragraph(blank);
  out_.heading(2, "What went well");
  out_.paragraph(blank);
  out_.heading(2, "Action items");
  out_.tasks({blank});
}

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; }
.table { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #8886; }
code, td { overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: .6rem; border: 1px solid #8886; }
)";

}  // namespace

std::string incident_markdown(const IncidentReport& report) { return Writer(report).write().markdown(); }

std::string incident_html(const IncidentReport& report) { return Writer(report).write().html(); }

std::string incident_html_page(const IncidentReport& report) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>{} {}: {}</title>\n<style>{}</style>\n"
      "</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
      report.incident.drill ? "DRILL" : "Incident", html_escaped(report.incident.id),
      html_escaped(report.incident.target), kStyle, incident_html(report));
}

}  // namespace lookout
