#include <cmath>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "exporter/report/fact_text.h"
#include "exporter/report/probe_report.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;

json::string text(std::string_view value) {
  const std::string clean = to_utf8(value);
  return json::string(clean.data(), clean.size());
}

json::value number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return value;
}

json::array stages(const ProbeResult& result) {
  json::array stages;
  for (const StageTime& stage : result.stages) {
    stages.push_back({{"stage", text(name(stage.stage))}, {"seconds", seconds(stage.duration)}});
  }
  return stages;
}

json::array facts(const ProbeResult& result) {
  json::array facts;
  for (const Fact& fact : result.facts) {
    json::object labels;
    for (const auto& [label, value] : labels_of(fact)) labels[to_utf8(label)] = text(value);
    facts.push_back({{"metric", text(fact.family->metric)},
                     {"labels", std::move(labels)},
                     {"value", number(fact.value)}});
  }
  return facts;
}

json::array trace(const ProbeResult& result) {
  json::array trace;
  for (const TraceLine& line : result.trace) {
    trace.push_back({{"seconds", seconds(line.at)}, {"text", text(line.text)}});
  }
  return trace;
}

json::array certificates(const ProbeResult& result) {
  json::array certificates;
  for (const auto& each : result.certificates) {
    json::array names;
    for (const std::string& name : each->names) names.push_back(text(name));
    certificates.push_back({{"subject", text(each->subject)},
                            {"issuer", text(each->issuer)},
                            {"not_before", each->not_before},
                            {"not_after", each->not_after},
                            {"names", std::move(names)},
                            {"names_left_out", each->names_left_out},
                            {"serial", text(each->serial)},
                            {"fingerprint_sha256", text(each->fingerprint_sha256)},
                            {"key", text(each->key)},
                            {"signature", text(each->signature)}});
  }
  return certificates;
}

json::value failure(const Outcome& failure) {
  if (!failure) return nullptr;
  return {{"stage", text(name(failure->stage))},
          {"cause", text(name(failure->cause))},
          {"meaning", text(sentence(failure->cause))},
          {"detail", text(failure->detail)}};
}

json::array advice(const ProbeReport& report) {
  json::array steps;
  for (const std::string& step : next_steps(report)) steps.push_back(text(step));
  return steps;
}

}  // namespace

std::string probe_json(const ProbeReport& report) {
  const ProbeResult& result = report.result;
  const json::object out{{"target", text(report.target)},
                         {"module", text(report.module)},
                         {"prober", text(report.kind)},
                         {"verdict", text(name(result.verdict))},
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
