#include "exporter/actions/kubernetes_objects.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporter/actions/json_at.h"
#include "exporter/actions/kubernetes_api.h"

namespace lookout {
namespace {

namespace json = boost::json;

constexpr std::string_view kDeadlineExceeded = "ProgressDeadlineExceeded";

struct Replicas {
  std::int64_t wanted = 0, all = 0, updated = 0, available = 0;
  bool observed = false;  // the controller has seen the object as it is now
};

Replicas replicas_of(const Workload& workload, const json::value& object) {
  Replicas replicas;
  replicas.observed =
      number_at(object, "/status/observedGeneration") >= number_at(object, "/metadata/generation");
  if (workload.kind == WorkloadKind::daemonset) {
    replicas.wanted = number_at(object, "/status/desiredNumberScheduled");
    replicas.all = replicas.wanted;
    replicas.updated = number_at(object, "/status/updatedNumberScheduled");
    replicas.available = number_at(object, "/status/numberAvailable");
  } else {
    replicas.wanted = number_at(object, "/spec/replicas", 1);
    replicas.all = number_at(object, "/status/replicas");
    replicas.updated = number_at(object, "/status/updatedReplicas");
    replicas.available = number_at(object, "/status/availableReplicas");
  }
  return replicas;
}

// Of a Deployment's condition Progressing: NewReplicaSetAvailable once a rollout is over, whatever happens to
// its pods later.
std::string_view progressing(const json::value& object) {
  for (const json::value& condition : items_at(object, "/status/conditions")) {
    if (text_at(condition, "/type") == "Progressing") return text_at(condition, "/reason");
  }
  return {};
}

bool replaces_pods(const Workload& workload, const json::value& object) {
  const bool replaced =
      workload.kind == WorkloadKind::statefulset
          ? text_at(object, "/status/updateRevision") != text_at(object, "/status/currentRevision")
          : false;
  const Replicas replicas = replicas_of(workload, object);
  constexpr std::array<std::string_view, 3> kUnderWay{"NewReplicaSetCreated", "FoundNewReplicaSet",
                                                      "ReplicaSetUpdated"};
  return !replicas.observed || replaced || replicas.updated < replicas.wanted ||
         replicas.all > replicas.updated ||
         std::ranges::find(kUnderWay, progressing(object)) != kUnderWay.end();
}

std::string container_trouble(const json::value& pod, const json::value& container) {
  const std::string_view reason = text_at(container, "/state/waiting/reason");
  const auto says = [&](std::string_view what) {
    return fmt::format("container {} of pod {} waits in {}: {}", text_at(container, "/name"),
                       text_at(pod, "/metadata/name"), reason, what);
  };
  if (reason == "CrashLoopBackOff") return says("the kubelet restarts it already");
  constexpr std::array<std::string_view, 7> kCannotStart{
      "ImagePullBackOff",           "ErrImagePull",         "InvalidImageName", "ErrImageNeverPull",
      "CreateContainerConfigError", "CreateContainerError", "RunContainerError"};
  if (std::ranges::find(kCannotStart, reason) != kCannotStart.end())
    return says("a restart makes no image and no configuration appear");
  return {};
}

// One requirement of matchExpressions.
std::string requirement(const json::value& expression) {
  const std::string_view key = text_at(expression, "/key"), by = text_at(expression, "/operator");
  std::vector<std::string_view> values;
  for (const json::value& value : items_at(expression, "/values")) values.push_back(text_at(value, ""));
  if (by == "Exists") return std::string(key);
  if (by == "DoesNotExist") return fmt::format("!{}", key);
  return fmt::format("{} {} ({})", key, by == "In" ? "in" : "notin", fmt::join(values, ","));
}

}  // namespace

std::string selector_of(const json::value& workload) {
  std::vector<std::string> requirements;
  json::error_code none;
  if (const json::value* labels = workload.find_pointer("/spec/selector/matchLabels", none);
      labels != nullptr && labels->is_object()) {
    for (const auto& [key, value] : labels->get_object())
      requirements.push_back(fmt::format("{}={}", std::string_view(key), text_at(value, "")));
  }
  for (const json::value& expression : items_at(workload, "/spec/selector/matchExpressions"))
    requirements.push_back(requirement(expression));
  return fmt::format("{}", fmt::join(requirements, ","));
}

std::string hindrance(const Workload& workload, const json::value& object) {
  const std::string what = print_config(workload);
  json::error_code none;
  if (const json::value* paused = object.find_pointer("/spec/paused", none);
      paused != nullptr && paused->is_bool() && paused->get_bool())
    return fmt::format("{} is paused", what);
  if (text_at(object, "/spec/updateStrategy/type") == "OnDelete")
    return fmt::format("{} has the update strategy OnDelete, with which a rollout replaces no pod", what);
  if (number_at(object, "/spec/updateStrategy/rollingUpdate/partition") > 0)
    return fmt::format("{} holds pods back by a partition, which a rollout does not replace", what);
  if (workload.kind != WorkloadKind::daemonset && number_at(object, "/spec/replicas", 1) == 0)
    return fmt::format("{} is scaled to 0", what);
  if (progressing(object) == kDeadlineExceeded)
    return fmt::format("the last rollout of {} failed ({}), and a restart would repeat it", what,
                       kDeadlineExceeded);
  if (replaces_pods(workload, object)) return fmt::format("a rollout of {} is under way already", what);
  return {};
}

std::string trouble_of_pod(const json::value& pod) {
  if (!text_at(pod, "/metadata/deletionTimestamp").empty()) return {};  // it goes anyway
  for (const char* statuses : {"/status/initContainerStatuses", "/status/containerStatuses"}) {
    for (const json::value& container : items_at(pod, statuses)) {
      if (std::string trouble = container_trouble(pod, container); !trouble.empty()) return trouble;
    }
  }
  return {};
}

Rollout rollout_of(const Workload& workload, const json::value& object) {
  const Replicas replicas = replicas_of(workload, object);
  Rollout rollout;
  rollout.progress = fmt::format("{} of {} pods updated, {} available", replicas.updated, replicas.wanted,
                                 replicas.available);
  rollout.over =
      replicas.observed && !replaces_pods(workload, object) && replicas.available >= replicas.wanted;
  if (replicas.observed && progressing(object) == kDeadlineExceeded) rollout.failed = kDeadlineExceeded;
  return rollout;
}

}  // namespace lookout
