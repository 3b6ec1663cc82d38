#include "exporter/journal/saved_text.h"

#include <boost/json.hpp>

#include "exporter/report/json_text.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

json::object failure_object(const Failure& failure) {
  return {
      {"stage", name(failure.stage)}, {"cause", name(failure.cause)}, {"detail", json_text(failure.detail)}};
}

json::object outage_object(const Outage& outage) {
  return {{"onset", to_milliseconds(outage.onset.wall)},
          {"detected", to_milliseconds(outage.detected.wall)},
          {"failure", failure_object(outage.failure)},
          {"latest", failure_object(outage.latest)},
          {"flapped", outage.flapped}};
}

// Reads members with defaults: what is missing or of another type is as if it had not been written.
class Reader {
 public:
  explicit Reader(const json::value& value) : object_(value.if_object()) {}

  std::string text(const char* key) const {
    const json::value* found = find(key);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
  }
  std::int64_t number(const char* key) const {
    const json::value* found = find(key);
    return found != nullptr && found->is_int64() ? found->get_int64() : 0;
  }
  bool flag(const char* key) const {
    const json::value* found = find(key);
    return found != nullptr && found->is_bool() && found->get_bool();
  }
  WallTime time(const char* key) const { return from_milliseconds(number(key)); }
  const json::value* find(const char* key) const {
    return object_ != nullptr ? object_->if_contains(key) : nullptr;
  }

 private:
  const json::object* object_;
};

Failure failure_from(const json::value* value) {
  if (value == nullptr) return {};
  const Reader reader(*value);
  return {parse_stage(reader.text("stage")).value_or(Stage::connect),
          parse_cause(reader.text("cause")).value_or(Cause::internal), reader.text("detail")};
}

std::optional<Outage> outage_from(const json::value* value, Moment now) {
  if (value == nullptr || !value->is_object()) return std::nullopt;
  const Reader reader(*value);
  return Outage{recalled(reader.time("onset"), now), recalled(reader.time("detected"), now),
                failure_from(reader.find("failure")), failure_from(reader.find("latest")),
                reader.flag("flapped")};
}

json::object attempt_object(const RecoveryAttempt& attempt) {
  json::object object{{"id", json_text(attempt.id)},
                      {"plan", json_text(attempt.plan)},
                      {"action", json_text(attempt.action)},
                      {"step", attempt.step},
                      {"failure", json_text(attempt.failure)},
                      {"fail_back", attempt.fail_back},
                      {"state", name(attempt.state)},
                      {"decided", to_milliseconds(attempt.decided)},
                      {"took_ns", attempt.took.count()},
                      {"by", json_text(attempt.by)},
                      {"result", json_text(attempt.result)},
                      {"output", json_text(attempt.output)},
                      {"evidence", json_text(attempt.evidence)}};
  const auto time = [&](const char* key, const std::optional<WallTime>& value) {
    if (value) object[key] = to_milliseconds(*value);
  };
  time("started", attempt.started);
  time("ended", attempt.ended);
  time("settled", attempt.settled);
  return object;
}

// One whose state cannot be read may have been carried out.
RecoveryAttempt attempt_from(const json::value& value, const Incident& incident) {
  const Reader reader(value);
  RecoveryAttempt attempt;
  attempt.id = reader.text("id");
  attempt.incident = incident.id;
  attempt.target = incident.target;
  attempt.plan = reader.text("plan");
  attempt.action = reader.text("action");
  attempt.step = static_cast<std::size_t>(reader.number("step"));
  attempt.failure = reader.text("failure");
  attempt.fail_back = reader.flag("fail_back");
  attempt.state = parse_attempt_state(reader.text("state")).value_or(AttemptState::ambiguous);
  attempt.decided = reader.time("decided");
  const auto time = [&](const char* key) {
    return reader.find(key) != nullptr ? std::optional(reader.time(key)) : std::nullopt;
  };
  attempt.started = time("started");
  attempt.ended = time("ended");
  attempt.settled = time("settled");
  attempt.took = Duration(reader.number("took_ns"));
  attempt.by = reader.text("by");
  attempt.result = reader.text("result");
  attempt.output = reader.text("output");
  attempt.evidence = reader.text("evidence");
  return attempt;
}

std::optional<json::value> parsed(std::string_view text) {
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !value.is_object()) return std::nullopt;
  return value;
}

}  // namespace

std::int64_t to_milliseconds(WallTime time) {
  return std::chrono::floor<milliseconds>(time.time_since_epoch()).count();
}

WallTime from_milliseconds(std::int64_t count) { return WallTime(milliseconds(count)); }

std::string save_target(const SavedTarget& target) {
  const TargetState& state = target.state;
  json::object object{{"state", name(state.state)},
                      {"failures_in_row", state.failures_in_row},
                      {"successes_in_row", state.successes_in_row},
                      {"row_start", to_milliseconds(state.row_start.wall)},
                      {"flap_changes", state.flaps.bits()},
                      {"flapping", state.flaps.flapping()},
                      {"paused", target.paused}};
  if (state.incident) object["incident"] = outage_object(*state.incident);
  if (state.held) {
    object["held"] = outage_object(state.held->outage);
    object["hold"] = name(state.held->hold);
    object["held_by"] = json_text(state.held->by);
  }
  return json::serialize(object);
}

std::optional<SavedTarget> load_target(std::string_view text, Moment now) {
  const auto value = parsed(text);
  if (!value) return std::nullopt;
  const Reader reader(*value);
  const auto state = parse_state(reader.text("state"));
  if (!state) return std::nullopt;
  SavedTarget target;
  target.paused = reader.flag("paused");
  target.state.state = *state;
  target.state.failures_in_row = static_cast<int>(reader.number("failures_in_row"));
  target.state.successes_in_row = static_cast<int>(reader.number("successes_in_row"));
  target.state.row_start = recalled(reader.time("row_start"), now);
  target.state.flaps =
      FlapHistory(static_cast<std::uint32_t>(reader.number("flap_changes")), reader.flag("flapping"));
  target.state.incident = outage_from(reader.find("incident"), now);
  if (const auto held = outage_from(reader.find("held"), now)) {
    target.state.held =
        HeldOutage{*held, parse_hold(reader.text("hold")).value_or(Hold::none), reader.text("held_by")};
  }
  return target;
}

std::string save_incident(const Incident& incident) {
  json::object labels;
  for (const auto& [key, value] : incident.labels) labels[to_utf8(key)] = json_text(value);
  json::array timeline;
  for (const TimelineEntry& entry : incident.timeline) {
    timeline.push_back({{"at", to_milliseconds(entry.at)},
                        {"what", json_text(entry.what)},
                        {"text", json_text(entry.text)}});
  }
  json::object object{
      {"id", json_text(incident.id)},
      {"target", json_text(incident.target)},
      {"address", json_text(incident.address)},
      {"module", json_text(incident.module)},
      {"severity", json_text(incident.severity)},
      {"labels", std::move(labels)},
      {"runbook_url", json_text(incident.runbook_url)},
      {"onset", to_milliseconds(incident.onset)},
      {"detected", to_milliseconds(incident.detected)},
      {"detection_ns", incident.detection.count()},
      {"duration_ns", incident.duration.count()},
      {"failure", failure_object(incident.failure)},
      {"flapped", incident.flapped},
      {"held_by", json_text(incident.held_by)},
      {"evidence", json_text(incident.evidence)},
      {"timeline", std::move(timeline)},
  };
  if (incident.drill) object["drill"] = true;
  if (incident.recovered) object["recovered"] = to_milliseconds(*incident.recovered);
  if (incident.ending != Ending::none) object["ending"] = name(incident.ending);
  if (!incident.attempts.empty()) {
    json::array attempts;
    for (const RecoveryAttempt& attempt : incident.attempts) attempts.push_back(attempt_object(attempt));
    object["attempts"] = std::move(attempts);
  }
  return json::serialize(object);
}

std::optional<Incident> load_incident(std::string_view text) {
  const auto value = parsed(text);
  if (!value) return std::nullopt;
  const Reader reader(*value);
  Incident incident;
  incident.id = reader.text("id");
  incident.target = reader.text("target");
  incident.address = reader.text("address");
  incident.module = reader.text("module");
  incident.severity = reader.text("severity");
  if (const json::value* labels = reader.find("labels"); labels != nullptr && labels->is_object()) {
    for (const auto& [key, label] : labels->get_object()) {
      if (label.is_string()) incident.labels[std::string(key)] = std::string(label.get_string());
    }
  }
  incident.runbook_url = reader.text("runbook_url");
  incident.onset = reader.time("onset");
  incident.detected = reader.time("detected");
  incident.detection = Duration(reader.number("detection_ns"));
  if (reader.find("recovered") != nullptr) incident.recovered = reader.time("recovered");
  incident.duration = Duration(reader.number("duration_ns"));
  incident.failure = failure_from(reader.find("failure"));
  incident.flapped = reader.flag("flapped");
  incident.drill = reader.flag("drill");
  incident.held_by = reader.text("held_by");
  incident.evidence = reader.text("evidence");
  if (const json::value* timeline = reader.find("timeline"); timeline != nullptr && timeline->is_array()) {
    for (const json::value& each : timeline->get_array()) {
      const Reader entry(each);
      incident.timeline.push_back({entry.time("at"), entry.text("what"), entry.text("text")});
    }
  }
  incident.ending = parse_ending(reader.text("ending")).value_or(Ending::none);
  if (const json::value* attempts = reader.find("attempts"); attempts != nullptr && attempts->is_array()) {
    for (const json::value& each : attempts->get_array())
      incident.attempts.push_back(attempt_from(each, incident));
  }
  return incident;
}

}  // namespace lookout
