// Lookout's measurements of itself, held by prometheus-cpp's registry. Owned by the app and read on the main
// loop; the instruments of probing (first group) may be touched by any loop, the others by the main loop
// only.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "exporter/config/config.h"
#include "probes/core/clock.h"
#include "probes/core/probe.h"

namespace prometheus {
class Registry;
struct MetricFamily;
}  // namespace prometheus

namespace lookout {

class SelfMetrics {
 public:
  SelfMetrics();
  ~SelfMetrics();

  void probe_started();  // lookout_probes_in_flight
  void probe_finished();
  void scheduler_lag(Duration lag);         // lookout_scheduler_lag_seconds
  void probes_missed(std::uint64_t count);  // lookout_probes_missed_total

  void incident_opened(Severity severity, Duration detection);  // lookout_incident_detection_seconds
  void incident_closed(Severity severity, Duration duration);   // lookout_incident_duration_seconds
  void config_reloaded(bool successful,
                       WallTime now);     // lookout_config_last_reload_*, and blackbox_exporter's
  void isolated(bool isolated);           // lookout_isolated
  void recovery_mode(RecoveryMode mode);  // lookout_recovery_mode
  void journal_failed();                  // lookout_journal_errors_total
  void unknown_module();                  // blackbox_module_unknown_total
  // promhttp_metric_handler_requests_in_flight counts a scrape for as long as the token is held, which may be
  // longer than this object lives.
  std::shared_ptr<const void> scrape_started();
  void scrape_answered(int status);    // promhttp_metric_handler_requests_total{code}
  void http_request(int status);       // lookout_http_requests_total{code}
  void connection_refused();           // lookout_http_connections_refused_total
  void connections(std::size_t open);  // lookout_http_connections

  prometheus::Registry& registry();
  // Everything of the registry, and process_*, which are read from the kernel now.
  std::vector<prometheus::MetricFamily> collect() const;

 private:
  struct Instruments;
  std::unique_ptr<Instruments> instruments_;
};

}  // namespace lookout
