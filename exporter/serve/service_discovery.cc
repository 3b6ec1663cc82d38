#include "exporter/serve/service_discovery.h"

#include <boost/json.hpp>

#include "exporter/report/json_text.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;

}  // namespace

Response service_discovery(const Config& config) {
  json::array groups;
  for (const auto& target : config.targets) {
    json::object labels;
    for (const auto& [label, value] : target->labels) labels[to_utf8(label)] = json_text(value);
    labels["target"] = json_text(target->name);
    labels["severity"] = json_text(name(target->severity));
    labels["__param_module"] = json_text(target->module_name);
    groups.push_back({{"targets", json::array{json_text(mask_url_password(target->address))}},
                      {"labels", std::move(labels)}});
  }
  return json_response(200, json::serialize(groups) + '\n');
}

}  // namespace lookout
