// Lookout's measurements of itself, held by prometheus-cpp's registry. Owned by the app; updated and read on the main loop.
#pragma once

#include <memory>

#include "exporter/config/config.h"
#include "probes/core/clock.h"
#include "probes/core/probe.h"

namespace prometheus {
class Registry;
}

namespace lookout {

class SelfMetrics {
 public:
  SelfMetrics();
  ~SelfMetrics();

  void probe_started();                                    // lookout_probes_in_flight
  void probe_finished();
  void scheduler_lag(Duration lag);                        // lookout_scheduler_lag_seconds
  void probes_missed(std::uint64_t count);                 // lookout_probes_missed_total
  void incident_opened(Severity severity, Duration detection);  // lookout_incident_detection_seconds
  void incident_closed(Severity severity, Duration duration);   // lookout_incident_duration_seconds
  void config_reloaded(bool successful, WallTime now);     // lookout_config_last_reload_*
  void isolated(bool isolated);                            // lookout_isolated
  void unknown_module();                                   // blackbox_module_unknown_total
  void http_request(int status);                           // lookout_http_requests_total{code}
  void connection_refused();                               // lookout_http_connections_refused_total: over the limit or out of descriptors
  void connections(std::size_t open);                      // lookout_http_connections

  prometheus::Registry& registry();

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace lookout
