#include "exporter/actions/kubernetes_config.h"

#include <algorithm>
#include <array>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "exporter/actions/exec_config.h"
#include "probes/core/config_rules.h"
#include "probes/core/config_schema.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::array<std::string_view, 3> kWorkloads{"deployment", "statefulset", "daemonset"};
constexpr std::size_t kLongestLabel = 63, kLongestName = 253;

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

void validate_name(std::string_view key, const std::string& name, ConfigReader& reader) {
  if (reader.has(key) && !is_kubernetes_name(name))
    reader.problem(key, fmt::format("{} is no name of an object", in_quotes(name)));
}

}  // namespace

std::string_view name(WorkloadKind kind) { return kWorkloads.at(static_cast<std::size_t>(kind)); }

bool is_kubernetes_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && is_alphanumeric(text.front()) &&
         is_alphanumeric(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

bool is_kubernetes_label(std::string_view text) {
  return is_kubernetes_name(text) && text.size() <= kLongestLabel && text.find('.') == std::string_view::npos;
}

bool read_config(const YamlNode& node, Workload& value, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  const std::size_t slash = text.find('/');
  const auto kind = std::ranges::find(kWorkloads, std::string_view(text).substr(0, slash));
  const std::string object = slash == std::string::npos ? "" : text.substr(slash + 1);
  if (kind == kWorkloads.end() || !is_kubernetes_name(object)) {
    problems.add(node.mark(), "names no object; write deployment/NAME, statefulset/NAME or daemonset/NAME");
    return false;
  }
  value = {static_cast<WorkloadKind>(kind - kWorkloads.begin()), object};
  return true;
}

std::string print_config(const Workload& value) { return fmt::format("{}/{}", name(value.kind), value.name); }

bool read_config(const YamlNode& node, PodChoice& value, Problems& problems) {
  if (node.kind() != YamlNode::Kind::mapping) {
    if (!read_value(node, value.name, problems)) return false;
    if (is_kubernetes_name(value.name)) return true;
    problems.add(node.mark(), "names no pod; write its name, or {selector: \"app=NAME\"}");
    return false;
  }
  ConfigReader reader(node, problems);
  reader.field("selector", value.selector);
  reader.finish();
  // An empty selector means every pod.
  if (!trimmed(value.selector).empty()) return true;
  problems.add(node.mark(),
               "selects every pod; write {selector: \"app=NAME\"} so that exactly one pod matches");
  return false;
}

std::string print_config(const PodChoice& value) {
  return value.selector.empty() ? value.name : fmt::format("{{selector: {}}}", in_quotes(value.selector));
}

PrintedValue printed(const PodChoice& value) {
  if (value.selector.empty()) return printed(value.name);
  return {PrintedValue::Kind::mapping, {}, {}, {{"selector", printed(value.selector)}}};
}

boost::json::object config_schema(const PodChoice&) {
  boost::json::object by_selector{{"type", "object"},
                                  {"properties", {{"selector", schema::text()}}},
                                  {"required", boost::json::array{"selector"}},
                                  {"additionalProperties", false}};
  return {{"anyOf", boost::json::array{schema::text(), std::move(by_selector)}}};
}

Workload Scaling::workload() const {
  if (!statefulset.empty()) return {WorkloadKind::statefulset, statefulset};
  return {WorkloadKind::deployment, deployment};
}

void validate(const Scaling& scaling, ConfigReader& reader) {
  demand_one(reader, {{"deployment", reader.has("deployment")}, {"statefulset", reader.has("statefulset")}},
             "scale names no object; write deployment: NAME or statefulset: NAME");
  validate_name("deployment", scaling.deployment, reader);
  validate_name("statefulset", scaling.statefulset, reader);
  if (scaling.replicas < 1 || scaling.replicas > Scaling::kMaximumReplicas) {
    reader.problem("replicas", fmt::format("replicas: write 1 to {}; nothing recovers by having no pods",
                                           Scaling::kMaximumReplicas));
  }
}

void validate(const KubernetesAction& action, ConfigReader& reader) {
  demand_one(reader,
             {{"rollout_restart", reader.has("rollout_restart")},
              {"delete_pod", reader.has("delete_pod")},
              {"scale", reader.has("scale")}},
             "this action does nothing; write rollout_restart: deployment/NAME");
  if (!action.object_namespace.empty() && !is_kubernetes_label(action.object_namespace)) {
    reader.problem("namespace", fmt::format("namespace: {} is no name of a namespace",
                                            in_quotes(action.object_namespace)));
  }
  if (!action.server.in_cluster() && action.object_namespace.empty())
    reader.problem("namespace", "namespace: with api_server, write the object's namespace");
  validate_action_timeout(action.timeout, reader);
}

}  // namespace lookout
