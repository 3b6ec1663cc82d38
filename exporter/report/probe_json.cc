#include <cmath>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "exporter/report/fact_text.h"
#include "exporter/report/json_text.h"
#include "exporter/report/probe_report.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;

json::value number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return value;
}

json::array stages(const ProbeResult& result) {
  json::array stages;
  for (const StageTime& stage : result.stages) {
    stages.push_back({{"stage", json_text(name(stage.stage))}, {"seconds", seconds(stage.duration)}});
  }
  return stages;
}

json::array facts(const ProbeResult& result) {
  json::array facts;
  for (const Fact& fact : result.facts) {
    json::object labels;
    for (const auto& [label, value] : labels_of(fact)) labels[to_utf8(label)] = json_text(value);
    facts.push_back({{"metric", json_text(fact.family->metric)},
                     {"labels", std::move(labels)},
                     {"value", number(fact.value)}});
  }
  return facts;
}

json::array trace(const ProbeResult& result) {
  json::array trace;
  for (const TraceLine& line : result.trace) {
    trace.push_back({{"seconds", seconds(line.at)}, {"text", json_text(line.text)}});
  }
  return trace;
}

json::array certificates(const ProbeResult& result) {
  json::array certificates;
  for (const auto& each : result.certificates) {
    json::array names;
    for (const std::string& name : each->names) names.push_back(json_text(name));
    certificates.push_back({{"subject", json_text(each->subject)},
                            {"issuer", json_text(each->issuer)},
                            {"not_before", each->not_before},
                            {"not_after", each->not_after},
                            {"names", std::move(names)},
                            {"names_left_out", each->names_left_out},
                            {"serial", json_text(each->serial)},
                            {"fingerprint_sha256", json_text(each->fingerprint_sha256)},
                            {"key", json_text(each->key)},
                            {"signature", json_text(each->signature)}});
  }
  return certificates;
}

json::value failure(const Outcome& failure) {
  if (!failure) return nullptr;
  return {{"stage", json_text(name(failure->stage))},
          {"cause", json_text(name(failure->cause))},
          {"meaning", json_text(sentence(failure->cause))},
          {"detail", json_text(failure->detail)}};
}

json::array advice(const ProbeReport& report) {
  json::array steps;
  for (const std::string& step : next_steps(report)) steps.push_back(json_text(step));
  return steps;
}

}  // namespace

std::string probe_json(const ProbeReport& report) {
  const ProbeResult& result = report.result;
  const json::object out{{"target", json_text(report.target)},
                         {"module", json_text(report.module)},
                         {"prober", json_text(report.kind)},
                         {"verdict", json_text(name(result.verdict))},
                         {"started", unix_seconds(result.started)},
                         {"seconds", seconds(result.duration)},
                         {"timeout_seconds", seconds(result.timeout)},
                         {"attempts", result.attempts.value_or(1)},
                         {"failure", failure(result.failure)},
                         {"stages", stages(result)},
                         {"certificates", certificates(result)},
                         {"facts", facts(result)},
                         {"trace", trace(result)},
                         {"advice", advice(report)}};
  return json::serialize(out) + "\n";
}

}  // namespace lookout
