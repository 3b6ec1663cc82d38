#include "exporter/serve/json_api.h"

#include <boost/json.hpp>

#include "exporter/report/json_text.h"
#include "exporter/serve/page_text.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;

constexpr std::size_t kPieceBytes = 64 * 1024;

void add_failure(json::object& object, const Outcome& failure) {
  object["stage"] = failure ? json::value(json_text(name(failure->stage))) : json::value(nullptr);
  object["cause"] = failure ? json::value(json_text(name(failure->cause))) : json::value(nullptr);
  object["detail"] = failure ? json::value(json_text(failure->detail)) : json::value(nullptr);
}

json::value last_probe(const TargetRecord& record) {
  if (record.last == nullptr) return nullptr;
  json::object probe;
  probe["time"] = json_text(rfc3339(record.last->started));
  probe["duration_seconds"] = seconds(record.last->duration);
  probe["verdict"] = json_text(name(record.last->verdict));
  add_failure(probe, record.last->failure);
  return probe;
}

json::value incident(const TargetRecord& record) {
  if (!record.state.incident) return nullptr;
  json::object incident;
  incident["onset"] = json_text(rfc3339(record.state.incident->onset.wall));
  incident["detected"] = json_text(rfc3339(record.state.incident->detected.wall));
  add_failure(incident, record.state.incident->failure);
  return incident;
}

json::value held(const TargetState& state) {
  if (!state.held) return nullptr;
  return {{"why", json_text(name(state.held->hold))},
          {"by", json_text(state.held->by)},
          {"onset", json_text(rfc3339(state.held->outage.onset.wall))}};
}

json::value up(State state) {
  if (state == State::unknown) return nullptr;
  return state != State::down;
}

json::object describe_target(const TargetRecord& record) {
  const TargetConfig& config = *record.config;
  json::object target;
  target["name"] = json_text(config.name);
  target["address"] = json_text(mask_url_password(config.address));
  target["module"] = json_text(config.module_name);
  target["severity"] = json_text(name(config.severity));
  target["state"] = json_text(name(record.state.state));
  target["up"] = up(record.state.state);
  target["since"] = json_time_or_null(in_state_since(record));
  target["paused"] = record.paused;
  target["maintenance"] = record.maintenance;
  target["flapping"] = record.state.flaps.flapping();
  target["held"] = held(record.state);
  target["last_probe"] = last_probe(record);
  target["incident"] = incident(record);
  json::object labels;
  for (const auto& [name, value] : config.labels) labels[to_utf8(name)] = json_text(value);
  target["labels"] = std::move(labels);
  return target;
}

std::string shard_member(const Config& config) {
  if (!config.shard) return {};
  const json::object shard{
      {"index", config.shard->index}, {"count", config.shard->count}, {"left_out", config.left_out}};
  return "\"shard\":" + json::serialize(shard) + ",";
}

}  // namespace

Response target_json(const TargetRecord& record) {
  return json_response(200, json::serialize(describe_target(record)) + '\n');
}

Response targets_json(const Config& config, const Book& book) {
  Response response = json_response(200, "{" + shard_member(config) + "\"targets\":[");
  // A copy of the list: the book may change between two pieces, but never a record that somebody holds.
  response.stream = [records = book.records(), next = std::size_t{0}](std::string& out) mutable {
    const std::size_t start = out.size();
    for (; next < records.size() && out.size() - start < kPieceBytes; ++next) {
      if (next > 0) out += ',';
      out += json::serialize(describe_target(*records[next]));
    }
    if (next < records.size()) return true;
    out += "]}\n";
    return false;
  };
  return response;
}

}  // namespace lookout
