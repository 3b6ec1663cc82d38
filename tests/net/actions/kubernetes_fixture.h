// A stand-in for an API server of Kubernetes: TLS by an authority of its own, a service account's token, and
// objects in the shape that a real one (1.30) gives them.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/actions/action_fixture.h"
#include "tests/net/actions/api_stand_in.h"

namespace lookout::test {

struct DeploymentState {
  int generation = 4, observed = 4, replicas = 3, updated = 3, available = 2;
  std::string_view reason = "NewReplicaSetAvailable";
  std::string_view resource_version = "51203";
  std::string_view further_spec = {};  // "\"paused\": true,"
};
std::string deployment(const DeploymentState& state = {});

struct StatefulSetState {
  int updated = 2, available = 1;
  std::string_view current = "shop-7c9f", update = "shop-7c9f";
  std::string_view strategy = R"({"type":"RollingUpdate","rollingUpdate":{"partition":0}})";
};
std::string statefulset(const StatefulSetState& state = {});

struct DaemonSetState {
  int wanted = 2, updated = 2, available = 1;
};
std::string daemonset(const DaemonSetState& state = {});

struct PodState {
  std::string_view name = "shop-6d4cf56db6-x2x9k", uid = "5f3a90c1";
  std::string_view waiting = {};  // reason of its container
  bool owned = true, deleting = false;
};
std::string pod(const PodState& state = {});
std::string list(std::string_view kind, const std::vector<std::string>& items);  // "Pod"
// The Status that comes with an error.
std::string status(int code, std::string_view reason, std::string_view message);
std::string ok(const std::string& object);
std::string no(int code, std::string_view reason, std::string_view message = "because");

// An object that is left alone, and why.
struct Refused {
  std::string object, why;
};

class Kubernetes : public testing::Test {
 protected:
  Kubernetes();
  // Answers one request with each.
  void serve(std::vector<std::string> answers);
  ActionResult run(std::string_view keys) const;
  std::string keys_of_server() const;

  TestCertificates certificates;
  const ServerTls tls{.identity = certificates.good()};
  const std::string token_file = certificates.folder() + "/token";
  std::optional<ApiStandIn> api;
};

}  // namespace lookout::test
