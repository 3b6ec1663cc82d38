#include "exporter/metrics/catalogue.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace lookout {
namespace {

using enum MetricKind;

constexpr std::array kCatalogue{
    Metric{"blackbox_exporter_build_info", gauge, "branch,goarch,goos,goversion,revision,tags,version",
           "Same as lookout_build_info, for dashboards written for blackbox_exporter"},
    Metric{"blackbox_exporter_config_last_reload_success_timestamp_seconds", gauge, "",
           "Same as lookout_config_last_reload_success_timestamp_seconds, for rules written for "
           "blackbox_exporter"},
    Metric{"blackbox_exporter_config_last_reload_successful", gauge, "",
           "Same as lookout_config_last_reload_successful, for rules written for blackbox_exporter"},
    Metric{"blackbox_module_unknown_total", counter, "",
           "Requests to /probe that named a module which does not exist"},
    Metric{"lookout_build_info", gauge, "version,revision,branch,compiler",
           "1, labelled with what this binary was built from"},
    Metric{"lookout_checkpoint_up", gauge, "target,checkpoint",
           "Newest verdict of this checkpoint: 1 up, 0 down; absent before the first conclusive probe"},
    Metric{"lookout_config_last_reload_success_timestamp_seconds", gauge, "",
           "Unix time at which a configuration was last loaded successfully"},
    Metric{"lookout_config_last_reload_successful", gauge, "",
           "Whether the newest attempt to load the configuration succeeded"},
    Metric{"lookout_drill_last_success_timestamp_seconds", gauge, "target",
           "Unix time at which a drill of the target last passed; absent before the first"},
    Metric{"lookout_http_connections", gauge, "",
           "Connections to Lookout's own HTTP server that are open now"},
    Metric{"lookout_http_connections_refused_total", counter, "",
           "Connections to Lookout's own HTTP server turned away, over the limit or for want of descriptors"},
    Metric{"lookout_http_requests_total", counter, "code",
           "Requests that Lookout's own HTTP server answered"},
    Metric{
        "lookout_incident_active", gauge, "target,severity,stage,cause,drill",
        "1 while the target has an open incident, with what failed; 0 otherwise, with stage and cause empty. "
        "During a drill a second series, of the drill"},
    Metric{"lookout_incident_detected_timestamp_seconds", gauge, "target",
           "Unix time at which the open incident's failures reached the threshold"},
    Metric{"lookout_incident_detection_seconds", histogram, "severity",
           "Time from the onset of an incident to its detection"},
    Metric{"lookout_incident_duration_seconds", histogram, "severity",
           "Time from the onset of an incident to recovery"},
    Metric{"lookout_incident_onset_timestamp_seconds", gauge, "target",
           "Unix time of the first failing probe of the open incident"},
    Metric{"lookout_incidents_total", counter, "target,severity", "Incidents opened"},
    Metric{"lookout_isolated", gauge, "", "1 while this instance takes what it sees for its own fault"},
    Metric{"lookout_journal_errors_total", counter, "",
           "Attempts to read or write the journal that failed; what waits to be written is kept and tried "
           "again"},
    Metric{"lookout_probe_failures_total", counter, "target,checkpoint,stage,cause",
           "Probes that did not succeed, by the stage reached and the cause; internal ones are inconclusive"},
    Metric{"lookout_probe_latency_seconds", histogram, "target", "Duration of every probe of the target"},
    Metric{"lookout_probes_in_flight", gauge, "", "Probes running now"},
    Metric{"lookout_probes_missed_total", counter, "",
           "Probes not started at their due time, because the one before still ran or Lookout stalled"},
    Metric{"lookout_probes_total", counter, "target,checkpoint,verdict", "Probes ended, by verdict"},
    Metric{
        "lookout_recovery_actions_total", counter, "target,action,outcome",
        "Actions of recovery by what became of them; a target that fails again soon after it was helped is "
        "counted as ineffective, too"},
    Metric{"lookout_recovery_exhausted", gauge, "target",
           "1 while an incident is open about which nothing is left to be done: a person is needed; only of "
           "targets with a plan"},
    Metric{"lookout_recovery_mode", gauge, "mode", "1 for what recovery may do now, 0 for the other modes"},
    Metric{"lookout_recovery_refusals_total", counter, "target,gate",
           "Times that nothing was done about an incident, by the gate that said so"},
    Metric{"lookout_scheduler_lag_seconds", histogram, "", "Start of a probe behind its due time"},
    Metric{"lookout_target_flapping", gauge, "target",
           "1 while the target goes up and down too often to be believed"},
    Metric{"lookout_target_info", gauge, "target,module,address,severity,...",
           "1, labelled with the target's configuration"},
    Metric{"lookout_target_maintenance", gauge, "target",
           "1 while a maintenance window covers the target, or a person has paused it"},
    Metric{"lookout_target_sample_age_seconds", gauge, "target", "Age of the newest conclusive probe"},
    Metric{"lookout_target_state", gauge, "target,state",
           "1 for the state that the target is in, 0 for the others"},
    Metric{"lookout_target_suppressed", gauge, "target",
           "1 while the target is down and nobody is told, because of maintenance, a pause, or what it "
           "depends on"},
    Metric{"lookout_target_up", gauge, "target,severity",
           "Whether the target is up or degraded, by its thresholds; absent while unknown"},
    Metric{"probe_attempts", gauge, "target", "Attempts that the probe made; only of modules with retries"},
    Metric{"probe_duration_seconds", gauge, "target", "How long the probe took"},
    Metric{"probe_failure_info", gauge, "target,stage,cause",
           "1, labelled with why the probe did not succeed; absent if it did"},
    Metric{"probe_success", gauge, "target", "Whether the probe succeeded"},
    Metric{"probe_timeout_seconds", gauge, "target", "Time that the probe was given"},
    Metric{"process_cpu_seconds_total", counter, "", "User and system time that the process has spent"},
    Metric{"process_max_fds", gauge, "", "Most file descriptors that the process may open"},
    Metric{"process_network_receive_bytes_total", counter, "",
           "Bytes that came in over the network, of the process's network namespace"},
    Metric{"process_network_transmit_bytes_total", counter, "",
           "Bytes that went out over the network, of the process's network namespace"},
    Metric{"process_open_fds", gauge, "", "File descriptors that are open"},
    Metric{"process_resident_memory_bytes", gauge, "", "Resident memory"},
    Metric{"process_start_time_seconds", gauge, "", "Unix time at which the process started"},
    Metric{"process_threads", gauge, "", "Threads of the process"},
    Metric{"process_virtual_memory_bytes", gauge, "", "Virtual memory"},
    Metric{"process_virtual_memory_max_bytes", gauge, "", "Most virtual memory that the process may have"},
    Metric{"promhttp_metric_handler_requests_in_flight", gauge, "", "Scrapes that are being answered now"},
    Metric{"promhttp_metric_handler_requests_total", counter, "code", "Scrapes of this page, by status"},
};
static_assert(std::ranges::is_sorted(kCatalogue, {}, &Metric::name));

}  // namespace

std::string_view name(MetricKind kind) {
  static constexpr std::array<std::string_view, 3> kNames{"counter", "gauge", "histogram"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::span<const Metric> catalogue() { return kCatalogue; }

const Metric& metric(std::string_view name) {
  const auto row = std::ranges::lower_bound(kCatalogue, name, {}, &Metric::name);
  assert(row != kCatalogue.end() && row->name == name);
  return *row;
}

}  // namespace lookout
