// One look at what has become of a drill's alert: asks Prometheus and Alertmanager over their APIs. Runs on
// the loop of the services that it is lent; every request has its time, and every answer its size.
#pragma once

#include <memory>
#include <string>

#include "exporter/drill/seen.h"
#include "probes/core/task.h"

namespace lookout {

class ProbeServices;  // probes/net/services.h

struct LookWhere {
  std::string target;
  std::string prometheus_url, alertmanager_url;  // empty: not asked
  bool asks_pace = false;                        // how long hops take by their configuration
};

Task<AlertSeen> look(LookWhere where, ProbeServices& services);

}  // namespace lookout
