#include "exporter/config/config_file.h"

#include <boost/json/value.hpp>

#include "probes/core/config_schema.h"
#include "probes/module_schema.h"

namespace lookout {

namespace json = boost::json;

json::object config_schema(const Unread<AllModules>&) { return schema::mapping_to(module_schema()); }

json::object config_schema(const CheckpointConfig& checkpoint) {
  SchemaVisitor visitor;
  CheckpointConfig fields = checkpoint;
  describe(visitor, fields);
  json::object schema = std::move(visitor).finish();
  schema["required"] = json::array{"name"};
  return schema;
}

json::object config_schema(const Unread<TargetDefaults>&) {
  SchemaVisitor visitor;
  TargetConfig target;
  describe_settings(visitor, target);
  return std::move(visitor).finish();
}

json::object config_schema(const Unread<AllTargets>&) {
  json::object target = schema_of(TargetConfig());
  target["required"] = json::array{"name", "address"};
  return schema::list_of(std::move(target));
}

std::string config_schema_text() {
  json::object root{{"$schema", "http://json-schema.org/draft-07/schema#"},
                    {"title", "Configuration of Lookout, and of blackbox_exporter"}};
  for (auto& entry : schema::nullable(schema_of(ConfigFile()))) root.emplace(entry.key(), entry.value());
  return print_json(std::move(root));
}

}  // namespace lookout
