// What objects of Kubernetes say about themselves: whether a restart makes sense, how far a rollout got.
// Pure, over the JSON of the API.
#pragma once

#include <string>

#include <boost/json/value.hpp>

#include "exporter/actions/kubernetes_config.h"

namespace lookout {

// As a query wants it: "app=shop,tier in (a,b),!canary". Empty: the object selects nothing.
std::string selector_of(const boost::json::value& workload);

// Why its pods are not to be replaced now: a rollout is under way, failed or would do nothing. Empty: go on.
std::string hindrance(const Workload& workload, const boost::json::value& object);

// Why this pod is not to be restarted: the kubelet does it already, or it cannot start at all. Empty: go on.
std::string trouble_of_pod(const boost::json::value& pod);

struct Rollout {
  bool over = false;
  std::string failed;  // why it will never be over
  std::string progress;
};
Rollout rollout_of(const Workload& workload, const boost::json::value& object);

}  // namespace lookout
