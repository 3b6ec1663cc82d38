#include "probes/core/config_schema.h"

#include <algorithm>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace lookout {

namespace json = boost::json;

namespace schema {

json::object text() { return {{"type", json::array{"string", "number", "boolean"}}}; }

json::object duration() {
  return {{"type", "string"},
          {"pattern", "^[-+]?(0|(([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|\xC2\xB5s|\xCE\xBCs|ms|s|m|h))+)$"},
          {"examples", json::array{"5s", "300ms", "1m30s"}}};
}

json::object byte_size() {
  return {{"type", json::array{"string", "integer"}},
          {"pattern", "^[-+]?(0|(([0-9]+\\.?[0-9]*|\\.[0-9]+)([KMGTPE]i?)?B)+)$"},
          {"maximum", 0},  // a number without its unit is zero
          {"examples", json::array{"512KB", "1MB", "1.5GiB"}}};
}

json::object nullable(json::object schema) {
  if (json::value* type = schema.if_contains("type")) {
    if (!type->is_array()) *type = json::array{*type};
    type->as_array().emplace_back("null");
  }
  if (json::value* words = schema.if_contains("enum")) words->as_array().emplace_back(nullptr);
  return schema;
}

json::object list_of(json::object item) { return {{"type", "array"}, {"items", nullable(std::move(item))}}; }

json::object mapping_to(json::object value) {
  return {{"type", "object"}, {"additionalProperties", nullable(std::move(value))}};
}

json::object one_of(std::span<const std::string_view> words) {
  json::array names;
  for (std::string_view word : words) names.emplace_back(word);
  return {{"type", "string"}, {"enum", std::move(names)}};
}

}  // namespace schema

void SchemaVisitor::add(std::string_view key, json::object schema, std::string_view help) {
  json::object property;
  if (!help.empty()) property["description"] = help;
  for (auto& entry : schema) property.emplace(entry.key(), std::move(entry.value()));
  properties_.insert_or_assign(key, std::move(property));
}

json::object SchemaVisitor::finish() && {
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties_)}};
}

namespace {

bool is_flat(const json::value& value) {
  const auto scalar = [](const json::value& item) { return !item.is_array() && !item.is_object(); };
  return scalar(value) || (value.is_array() && std::ranges::all_of(value.get_array(), scalar)) ||
         (value.is_object() && value.get_object().empty());
}

void lay_out(std::string& out, const json::value& value, const std::string& margin) {
  if (is_flat(value)) {
    out += json::serialize(value);
    return;
  }
  const std::string inner = margin + "  ";
  const bool object = value.is_object();
  std::string_view separator = object ? "{\n" : "[\n";
  const auto begin_item = [&] { out.append(std::exchange(separator, ",\n")).append(inner); };
  if (object) {
    for (const auto& entry : value.get_object()) {
      begin_item();
      out.append(json::serialize(json::value(entry.key()))).append(": ");
      lay_out(out, entry.value(), inner);
    }
  } else {
    for (const json::value& item : value.get_array()) {
      begin_item();
      lay_out(out, item, inner);
    }
  }
  out.append("\n").append(margin).append(object ? "}" : "]");
}

}  // namespace

std::string print_json(const json::value& value) {
  std::string out;
  lay_out(out, value, "");
  return out + "\n";
}

}  // namespace lookout
