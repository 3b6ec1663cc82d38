#include "exporter/serve/service_discovery.h"

#include <boost/json.hpp>

#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;

json::string text(std::string_view value) {
  const std::string clean = to_utf8(value);
  return json::string(clean.data(), clean.size());
}

}  // namespace

Response service_discovery(const Config& config) {
  json::array groups;
  for (const auto& target : config.targets) {
    json::object labels;
    for (const auto& [label, value] : target->labels) labels[to_utf8(label)] = text(value);
    labels["target"] = text(target->name);
    labels["severity"] = text(name(target->severity));
    labels["__param_module"] = text(target->module_name);
    groups.push_back(
        {{"targets", json::array{text(mask_url_password(target->address))}}, {"labels", std::move(labels)}});
  }
  return json_response(200, json::serialize(groups) + '\n');
}

}  // namespace lookout
