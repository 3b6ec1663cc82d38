// `exec:`, a program of this machine.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "probes/core/config_visitor.h"

namespace lookout {

struct ExecAction {
  std::vector<std::string> argv;  // no shell: each is one argument as it stands
  Duration timeout = std::chrono::seconds(30);
  std::string user;       // to run as; empty: as Lookout
  std::string directory;  // to run in; empty: /
  std::map<std::string, Secret> environment;
  bool operator==(const ExecAction&) const = default;
};

template <class Visitor>
void describe(Visitor& v, ExecAction& action) {
  v.field("argv", action.argv, "Program and arguments; no shell looks at them");
  v.field("timeout", action.timeout,
          "After this the program and all that it started are killed; 30s unless set");
  v.field("user", action.user, "User to run as; needs root");
  v.field("directory", action.directory, "Folder to run in; / unless set");
  v.field("environment", action.environment,
          "Variables beside PATH, LANG, HOME, USER and LOOKOUT_TARGET, LOOKOUT_ADDRESS, LOOKOUT_INCIDENT, "
          "LOOKOUT_ATTEMPT, LOOKOUT_STAGE, LOOKOUT_CAUSE; never shown");
}
void validate(const ExecAction& action, ConfigReader& reader);

// States a problem under `timeout` unless it is within what an action may take.
void validate_action_timeout(Duration timeout, ConfigReader& reader);

}  // namespace lookout
