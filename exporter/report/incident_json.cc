#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "exporter/report/advice.h"
#include "exporter/report/incident_text.h"
#include "exporter/report/json_text.h"
#include "exporter/report/time_text.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;

json::object summary(const Incident& incident, WallTime now) {
  json::object labels;
  for (const auto& [label, value] : incident.labels) labels[to_utf8(label)] = json_text(value);
  return {{"id", json_text(incident.id)},
          {"target", json_text(incident.target)},
          {"address", json_text(incident.address)},
          {"module", json_text(incident.module)},
          {"severity", json_text(incident.severity)},
          {"labels", std::move(labels)},
          {"runbook_url", json_text_or_null(incident.runbook_url)},
          {"open", !incident.recovered},
          {"onset", json_text(rfc3339(incident.onset))},
          {"detected", json_text(rfc3339(incident.detected))},
          {"recovered", json_time_or_null(incident.recovered)},
          {"detection_seconds", seconds(std::max(incident.detection, Duration::zero()))},
          {"duration_seconds", seconds(lasted(incident, now))},
          {"failure",
           {{"stage", json_text(name(incident.failure.stage))},
            {"cause", json_text(name(incident.failure.cause))},
            {"meaning", json_text(sentence(incident.failure.cause))},
            {"detail", json_text(incident.failure.detail)}}},
          {"flapped", incident.flapped},
          {"drill", incident.drill},
          {"held_by", json_text_or_null(incident.held_by)},
          {"ended_by", incident.ending == Ending::none
                           ? json::value(nullptr)
                           : json::value({{"kind", json_text(name(incident.ending))},
                                          {"text", json_text(ending_in_words(incident))}})}};
}

json::value earlier(const IncidentReport& report) {
  if (!report.earlier) return nullptr;
  json::array out;
  for (const Incident& each : *report.earlier) {
    out.push_back({{"id", json_text(each.id)},
                   {"onset", json_text(rfc3339(each.onset))},
                   {"duration_seconds", seconds(lasted(each, report.now))}});
  }
  return out;
}

json::array timeline(const Incident& incident) {
  json::array lines;
  for (const TimelineEntry& entry : incident.timeline) {
    lines.push_back({{"time", json_text(rfc3339(entry.at))},
                     {"what", json_text(entry.what)},
                     {"text", json_text(entry.text)}});
  }
  return lines;
}

json::array attempts(const Incident& incident) {
  json::array all;
  for (const RecoveryAttempt& attempt : incident.attempts) all.push_back(attempt_json(attempt));
  return all;
}

const json::array kNone;

}  // namespace

json::object attempt_json(const RecoveryAttempt& attempt) {
  return {{"id", json_text(attempt.id)},
          {"incident", json_text(attempt.incident)},
          {"target", json_text(attempt.target)},
          {"plan", json_text(attempt.plan)},
          {"step", attempt.step + 1},
          {"action", json_text(attempt.action)},
          {"failure", json_text_or_null(attempt.failure)},
          {"fail_back", attempt.fail_back},
          {"state", json_text(name(attempt.state))},
          {"decided", json_text(rfc3339(attempt.decided))},
          {"started", json_time_or_null(attempt.started)},
          {"ended", json_time_or_null(attempt.ended)},
          {"seconds", seconds(attempt.took)},
          {"by", json_text_or_null(attempt.by)},
          {"result", json_text_or_null(attempt.result)},
          {"output", json_text_or_null(attempt.output)}};
}

Duration lasted(const Incident& incident, WallTime now) {
  const Duration known = std::max(incident.duration, Duration::zero());
  return incident.recovered ? known : std::max<Duration>(now - incident.onset, known);
}

bool is_alike(const Incident& one, const Incident& other) {
  return one.target == other.target && one.drill == other.drill && one.failure.stage == other.failure.stage &&
         one.failure.cause == other.failure.cause;
}

Evidence::Evidence(std::string_view text) {
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (!error && value.is_object()) object_ = std::move(value.get_object());
}

std::string Evidence::text(const json::object& of, const char* key) {
  const json::value* found = of.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

double Evidence::number(const json::object& of, const char* key) {
  const json::value* found = of.if_contains(key);
  return found != nullptr && found->is_number() ? found->to_number<double>() : 0;
}

const json::array& Evidence::list(const json::object& of, const char* key) {
  const json::value* found = of.if_contains(key);
  return found != nullptr && found->is_array() ? found->get_array() : kNone;
}

std::vector<std::string> advice_of(const Incident& incident, const Evidence& evidence) {
  std::vector<std::string> steps;
  for (const json::value& step : evidence.list("advice")) {
    if (step.is_string()) steps.emplace_back(step.get_string());
  }
  if (steps.empty()) steps.push_back(advice(incident.failure, evidence.text("prober"), incident.address));
  return steps;
}

std::string span_in_words(Duration duration) {
  return duration < std::chrono::milliseconds(1) ? "less than 1 ms" : for_people(duration);
}

std::string incident_summary_json(const Incident& incident, WallTime now) {
  return json::serialize(summary(incident, now));
}

std::string incident_json(const IncidentReport& report) {
  const Evidence evidence(report.incident.evidence);
  json::object out = summary(report.incident, report.now);
  out["timeline"] = timeline(report.incident);
  out["attempts"] = attempts(report.incident);
  out["evidence"] = evidence.empty() ? json::value(nullptr) : json::value(evidence.object());
  json::array steps;
  for (const std::string& step : advice_of(report.incident, evidence)) steps.push_back(json_text(step));
  out["advice"] = std::move(steps);
  out["earlier"] = earlier(report);
  out["root_cause"] = nullptr;  // for people
  out["went_well"] = nullptr;
  out["action_items"] = json::array();
  return json::serialize(out) + "\n";
}

}  // namespace lookout
