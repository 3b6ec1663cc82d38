// `docker:`, a container of a Docker engine or of what speaks its API.
#pragma once

#include <string>

#include "probes/core/config_visitor.h"

namespace lookout {

struct DockerAction {
  // Name or id of the container; exactly one of the two.
  std::string restart, start;
  std::string socket = "/var/run/docker.sock";
  Duration stop_timeout = std::chrono::seconds(10);
  Duration timeout = std::chrono::seconds(30);
  bool operator==(const DockerAction&) const = default;
};

template <class Visitor>
void describe(Visitor& v, DockerAction& action) {
  v.field("restart", action.restart, "Container to restart, by name or id");
  v.field("start", action.start, "Container to start that has ended, by name or id");
  v.field("socket", action.socket, "Socket of the engine; /var/run/docker.sock unless set");
  v.field("stop_timeout", action.stop_timeout,
          "How long the container may take to end before it is killed, in whole seconds; 10s unless set");
  v.field("timeout", action.timeout, "Until the engine has answered; 30s unless set");
}
void validate(const DockerAction& action, ConfigReader& reader);

}  // namespace lookout
