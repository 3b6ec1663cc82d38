// Targets and results of probes for the tests of what becomes of them. Times count from one fixed moment.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "exporter/config/config.h"
#include "exporter/incident/moment.h"
#include "probes/core/probe.h"

namespace lookout {

inline constexpr FactFamily kStatusCode{"probe_http_status_code", "Status of the last response"};
inline constexpr FactFamily kPhases{"probe_http_duration_seconds", "Time by phase, over all redirects"};
inline constexpr FactFamily kExpectInfo{"probe_expect_info", "What the patterns found"};

inline constexpr WallTime kMidnight{std::chrono::seconds(1'795'392'000)};
inline WallTime at(int seconds) { return kMidnight + std::chrono::seconds(seconds); }

inline Moment moment(int seconds_since) {
  return {at(seconds_since), SteadyTime(std::chrono::hours(1) + std::chrono::seconds(seconds_since))};
}

inline std::shared_ptr<TargetConfig> target(std::string name, Severity severity = Severity::warning) {
  auto config = std::make_shared<TargetConfig>();
  config->address = "http://" + name + ".example.org/health";
  config->name = std::move(name);
  config->severity = severity;
  config->failure_threshold = 2;
  config->success_threshold = 2;
  return config;
}

inline Config config(std::initializer_list<std::shared_ptr<TargetConfig>> targets) {
  Config result;
  result.targets.assign(targets.begin(), targets.end());
  return result;
}

inline std::shared_ptr<ProbeResult> probe(Verdict verdict, WallTime started) {
  auto result = std::make_shared<ProbeResult>();
  result->verdict = verdict;
  result->started = started;
  result->duration = std::chrono::milliseconds(40);
  result->timeout = std::chrono::seconds(5);
  return result;
}

inline std::shared_ptr<ProbeResult> well(WallTime started) {
  auto result = probe(Verdict::up, started);
  result->stages = {{Stage::connect, std::chrono::milliseconds(1)}};
  result->facts = {{&kStatusCode, 200, ""},
                   {&kPhases, 0.03, "phase=\"processing\""},
                   {&kPhases, 0.001, "phase=\"connect\""}};
  result->trace = {{Duration(1), "connected"}};
  return result;
}

inline std::shared_ptr<ProbeResult> failed(WallTime started, Stage stage = Stage::connect,
                                           Cause cause = Cause::refused) {
  auto result = probe(cause == Cause::internal ? Verdict::inconclusive : Verdict::down, started);
  result->failure = Failure{stage, cause, "for people"};
  result->facts = {{&kStatusCode, 0, ""}};
  return result;
}

inline std::shared_ptr<ProbeResult> own_fault(WallTime started) {
  return failed(started, Stage::connect, Cause::internal);
}

}  // namespace lookout
