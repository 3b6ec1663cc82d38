// States and incidents for the journal's tests, with every field set.
#pragma once

#include "exporter/journal/entries.h"
#include "tests/unit/incident_fixtures.h"

namespace lookout {

inline Failure refused() { return {Stage::connect, Cause::refused, "127.0.0.1 refused \"it\"\n\xFF"}; }

inline Outage outage(int onset, int detected) {
  return {moment(onset), moment(detected), refused(), {Stage::tls, Cause::timeout, "later"}, true};
}

inline TargetState down_state() {
  TargetState state;
  state.state = State::down;
  state.failures_in_row = 4;
  state.row_start = moment(10);
  state.flaps = FlapHistory(0b1011, true);
  state.incident = outage(10, 30);
  return state;
}

inline Incident incident(std::string id, std::string target, int detected) {
  Incident incident;
  incident.id = std::move(id);
  incident.target = std::move(target);
  incident.address = "http://a.example.org/";
  incident.module = "http_2xx";
  incident.severity = "critical";
  incident.labels = {{"team", "sea"}};
  incident.runbook_url = "https://example.org/runbook";
  incident.onset = at(detected - 20);
  incident.detected = at(detected);
  incident.detection = incident.duration = std::chrono::seconds(20);
  incident.failure = {Stage::connect, Cause::refused, "no"};
  incident.flapped = true;
  incident.held_by = "maintenance: upgrade";
  incident.evidence = R"({"verdict":"down"})";
  incident.timeline = {{at(detected), "opened", "Down"}};
  return incident;
}

inline RecoveryAttempt attempt_of(const Incident& incident, int number, int decided, AttemptState state) {
  RecoveryAttempt attempt;
  attempt.id = incident.id + "." + std::to_string(number);
  attempt.incident = incident.id;
  attempt.target = incident.target;
  attempt.plan = "restart-shop";
  attempt.action = "restart-service";
  attempt.step = 2;
  attempt.failure = "connect/refused";
  attempt.fail_back = true;
  attempt.state = state;
  attempt.decided = at(decided);
  attempt.started = at(decided + 1);
  attempt.ended = at(decided + 3);
  attempt.settled = at(decided + 33);
  attempt.took = std::chrono::milliseconds(2345);
  attempt.by = "alice";
  attempt.result = "exit status 1";
  attempt.output = "no such \"unit\"\n";
  attempt.evidence = R"({"verdict":"down"})";
  return attempt;
}

inline Incident ended(Incident incident, int recovered) {
  incident.recovered = at(recovered);
  incident.duration = std::chrono::milliseconds(61'234);
  return incident;
}

}  // namespace lookout
