// `kubernetes:`, one object of a cluster.
#pragma once

#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "exporter/actions/kubernetes_server.h"
#include "probes/core/config_visitor.h"

namespace lookout {

enum class WorkloadKind : std::uint8_t { deployment, statefulset, daemonset };
std::string_view name(WorkloadKind kind);

// Written "deployment/shop".
struct Workload {
  WorkloadKind kind = WorkloadKind::deployment;
  std::string name;
  bool empty() const { return name.empty(); }
  bool operator==(const Workload&) const = default;
};
bool read_config(const YamlNode& node, Workload& value, Problems& problems);
std::string print_config(const Workload& value);

// Written as a name, or {selector: "app=shop"}: then exactly one pod must match.
struct PodChoice {
  std::string name, selector;
  bool operator==(const PodChoice&) const = default;
};
bool read_config(const YamlNode& node, PodChoice& value, Problems& problems);
std::string print_config(const PodChoice& value);
PrintedValue printed(const PodChoice& value);
boost::json::object config_schema(const PodChoice& value);

struct Scaling {
  std::string deployment, statefulset;
  int replicas = 0;
  Workload workload() const;
  bool operator==(const Scaling&) const = default;

  static constexpr int kMaximumReplicas = 1000;
};
template <class Visitor>
void describe(Visitor& v, Scaling& scaling) {
  v.field("deployment", scaling.deployment, "Deployment to scale");
  v.field("statefulset", scaling.statefulset, "StatefulSet to scale");
  v.field("replicas", scaling.replicas, "How many replicas it shall have, at least 1");
}
void validate(const Scaling& scaling, ConfigReader& reader);

struct KubernetesAction {
  // Exactly one.
  std::optional<Workload> rollout_restart;
  std::optional<PodChoice> delete_pod;
  std::optional<Scaling> scale;
  std::string object_namespace;  // empty: the pod's own
  bool wait = true;
  Duration timeout = std::chrono::minutes(2);
  KubernetesServer server;
  bool operator==(const KubernetesAction&) const = default;
};

template <class Visitor>
void describe(Visitor& v, KubernetesAction& action) {
  v.field("rollout_restart", action.rollout_restart,
          "Replaces all its pods as a rollout does: deployment/NAME, statefulset/NAME or daemonset/NAME");
  v.field("delete_pod", action.delete_pod,
          "Deletes one pod, which its controller makes anew: a name, or {selector: \"app=x\"} that matches "
          "one pod");
  v.field("scale", action.scale, "Sets the number of replicas");
  v.field("namespace", action.object_namespace,
          "Namespace of the object; that of Lookout's own pod unless set");
  v.field("wait", action.wait,
          "Whether the action ends only when the new pods are available; true unless set");
  v.field("timeout", action.timeout, "Until all of that is done; 2m unless set");
  describe_inline(v, action.server);
}
void validate(const KubernetesAction& action, ConfigReader& reader);

}  // namespace lookout
