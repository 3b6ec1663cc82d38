// An entry under `recovery: actions:`: exactly one kind of action, and what it is done to.
#pragma once

#include <optional>
#include <string_view>

#include "exporter/actions/docker_config.h"
#include "exporter/actions/exec_config.h"
#include "exporter/actions/http_config.h"
#include "exporter/actions/kubernetes_config.h"
#include "exporter/actions/systemd_config.h"
#include "probes/core/config_visitor.h"

namespace lookout {

struct ActionConfig {
  // Exactly one.
  std::optional<ExecAction> exec;
  std::optional<HttpAction> http;
  std::optional<SystemdAction> systemd;
  std::optional<DockerAction> docker;
  std::optional<KubernetesAction> kubernetes;
  bool operator==(const ActionConfig&) const = default;

  Duration timeout() const;
  // "exec", "http", ...
  std::string_view kind() const;
  // A restart of the very thing that is watched, which cures processes and nothing else.
  bool restarts() const;
};

template <class Visitor>
void describe(Visitor& v, ActionConfig& action) {
  v.field("exec", action.exec, "A program of this machine");
  v.field("http", action.http, "A request to whoever can do something about it");
  v.field("systemd", action.systemd, "A unit of systemd");
  v.field("docker", action.docker, "A container of a Docker engine");
  v.field("kubernetes", action.kubernetes, "An object of a Kubernetes cluster");
}
void validate(const ActionConfig& action, ConfigReader& reader);

}  // namespace lookout
