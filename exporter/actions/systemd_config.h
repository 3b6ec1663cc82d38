// `systemd:`, a unit of the system's manager or of a user's.
#pragma once

#include <string>

#include "probes/core/config_visitor.h"

namespace lookout {

struct SystemdAction {
  // Full name of the unit; exactly one of the two.
  std::string restart, start;
  std::string socket = "/run/dbus/system_bus_socket";
  Duration timeout = std::chrono::minutes(1);
  bool operator==(const SystemdAction&) const = default;
};

template <class Visitor>
void describe(Visitor& v, SystemdAction& action) {
  v.field("restart", action.restart, "Unit to restart, or to start where it is not running: shop.service");
  v.field("start", action.start, "Unit to start that is not running");
  v.field("socket", action.socket,
          "Socket of the bus that systemd is on, or systemd's own, .../systemd/private; "
          "/run/dbus/system_bus_socket unless set");
  v.field("timeout", action.timeout, "Until the unit has started; 1m unless set");
}
void validate(const SystemdAction& action, ConfigReader& reader);

}  // namespace lookout
