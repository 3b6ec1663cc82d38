#include "exporter/metrics/self_metrics.h"

#include <array>
#include <iterator>
#include <map>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "exporter/metrics/catalogue.h"
#include "exporter/metrics/process_metrics.h"
#include "probes/core/version.h"

namespace lookout {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;
using Labels = prometheus::Labels;

const Buckets kLagBuckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1};
const Buckets kDetectionBuckets{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120, 300, 600};
const Buckets kDurationBuckets{1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400};
constexpr std::array kSeverities{Severity::critical, Severity::warning, Severity::info};

prometheus::Family<prometheus::Counter>& counters(prometheus::Registry& registry, std::string_view name) {
  const Metric& row = metric(name);
  return prometheus::BuildCounter()
      .Name(std::string(row.name))
      .Help(std::string(row.help))
      .Register(registry);
}
prometheus::Family<prometheus::Gauge>& gauges(prometheus::Registry& registry, std::string_view name) {
  const Metric& row = metric(name);
  return prometheus::BuildGauge().Name(std::string(row.name)).Help(std::string(row.help)).Register(registry);
}
prometheus::Family<prometheus::Histogram>& histograms(prometheus::Registry& registry, std::string_view name) {
  const Metric& row = metric(name);
  return prometheus::BuildHistogram()
      .Name(std::string(row.name))
      .Help(std::string(row.help))
      .Register(registry);
}

void count(prometheus::Family<prometheus::Counter>& family, std::map<int, prometheus::Counter*>& known,
           int status, double requests) {
  prometheus::Counter*& counter = known[status];
  if (counter == nullptr) counter = &family.Add(Labels{{"code", std::to_string(status)}});
  counter->Increment(requests);
}

#if defined(__aarch64__)
constexpr const char* kGoArchitecture = "arm64";
#else
constexpr const char* kGoArchitecture = "amd64";
#endif

// One histogram per severity, there from the start so that the first incident is an increase.
std::array<prometheus::Histogram*, kSeverities.size()> by_severity(prometheus::Registry& registry,
                                                                   std::string_view name,
                                                                   const Buckets& buckets) {
  auto& family = histograms(registry, name);
  std::array<prometheus::Histogram*, kSeverities.size()> result{};
  for (const Severity severity : kSeverities) {
    result[static_cast<std::size_t>(severity)] =
        &family.Add(Labels{{"severity", std::string(lookout::name(severity))}}, buckets);
  }
  return result;
}

}  // namespace

struct SelfMetrics::Instruments {
  prometheus::Registry registry;
  ProcessMetrics process;

  prometheus::Gauge& probes_in_flight = gauges(registry, "lookout_probes_in_flight").Add({});
  prometheus::Histogram& lag = histograms(registry, "lookout_scheduler_lag_seconds").Add({}, kLagBuckets);
  prometheus::Counter& missed = counters(registry, "lookout_probes_missed_total").Add({});
  std::array<prometheus::Histogram*, kSeverities.size()> detection =
      by_severity(registry, "lookout_incident_detection_seconds", kDetectionBuckets);
  std::array<prometheus::Histogram*, kSeverities.size()> duration =
      by_severity(registry, "lookout_incident_duration_seconds", kDurationBuckets);
  std::array<prometheus::Gauge*, 2> reload_successful{
      &gauges(registry, "lookout_config_last_reload_successful").Add({}),
      &gauges(registry, "blackbox_exporter_config_last_reload_successful").Add({})};
  std::array<prometheus::Gauge*, 2> reload_time{
      &gauges(registry, "lookout_config_last_reload_success_timestamp_seconds").Add({}),
      &gauges(registry, "blackbox_exporter_config_last_reload_success_timestamp_seconds").Add({})};
  std::array<prometheus::Gauge*, 4> recovery_modes{};
  prometheus::Gauge& isolated = gauges(registry, "lookout_isolated").Add({});
  prometheus::Counter& journal_errors = counters(registry, "lookout_journal_errors_total").Add({});
  prometheus::Counter& unknown_modules = counters(registry, "blackbox_module_unknown_total").Add({});
  prometheus::Family<prometheus::Counter>& requests = counters(registry, "lookout_http_requests_total");
  std::map<int, prometheus::Counter*> requests_by_status;
  prometheus::Family<prometheus::Counter>& scrapes =
      counters(registry, "promhttp_metric_handler_requests_total");
  std::map<int, prometheus::Counter*> scrapes_by_status;
  prometheus::Gauge& scrapes_in_flight =
      gauges(registry, "promhttp_metric_handler_requests_in_flight").Add({});
  const std::shared_ptr<const void> scrape_token = std::make_shared<char>();
  prometheus::Counter& refused = counters(registry, "lookout_http_connections_refused_total").Add({});
  prometheus::Gauge& connections = gauges(registry, "lookout_http_connections").Add({});

  Instruments() {
    for (const int status : {200, 500, 503}) count(scrapes, scrapes_by_status, status, 0);
    auto& modes = gauges(registry, "lookout_recovery_mode");
    for (std::size_t mode = 0; mode < recovery_modes.size(); ++mode) {
      const std::string name(lookout::name(static_cast<RecoveryMode>(mode)));
      recovery_modes[mode] = &modes.Add(Labels{{"mode", name}});
    }
    gauges(registry, "blackbox_exporter_build_info")
        .Add(Labels{{"version", std::string(kVersion)},
                    {"revision", std::string(kRevision)},
                    {"branch", std::string(kBranch)},
                    {"goos", "linux"},
                    {"goarch", kGoArchitecture},
                    {"goversion", ""},
                    {"tags", ""}})
        .Set(1);
    gauges(registry, "lookout_build_info")
        .Add(Labels{{"version", std::string(kVersion)},
                    {"revision", std::string(kRevision)},
                    {"branch", std::string(kBranch)},
                    {"compiler", std::string(kCompiler)}})
        .Set(1);
  }
};

SelfMetrics::SelfMetrics() : instruments_(std::make_unique<Instruments>()) {}
SelfMetrics::~SelfMetrics() = default;

void SelfMetrics::probe_started() { instruments_->probes_in_flight.Increment(); }
void SelfMetrics::probe_finished() { instruments_->probes_in_flight.Decrement(); }
void SelfMetrics::scheduler_lag(Duration lag) { instruments_->lag.Observe(seconds(lag)); }
void SelfMetrics::probes_missed(std::uint64_t count) {
  instruments_->missed.Increment(static_cast<double>(count));
}

void SelfMetrics::incident_opened(Severity severity, Duration detection) {
  instruments_->detection[static_cast<std::size_t>(severity)]->Observe(seconds(detection));
}
void SelfMetrics::incident_closed(Severity severity, Duration duration) {
  instruments_->duration[static_cast<std::size_t>(severity)]->Observe(seconds(duration));
}

void SelfMetrics::config_reloaded(bool successful, WallTime now) {
  for (prometheus::Gauge* gauge : instruments_->reload_successful) gauge->Set(successful ? 1 : 0);
  if (!successful) return;
  for (prometheus::Gauge* gauge : instruments_->reload_time) gauge->Set(unix_seconds(now));
}

void SelfMetrics::isolated(bool isolated) { instruments_->isolated.Set(isolated ? 1 : 0); }
void SelfMetrics::recovery_mode(RecoveryMode mode) {
  for (std::size_t each = 0; each < instruments_->recovery_modes.size(); ++each)
    instruments_->recovery_modes[each]->Set(each == static_cast<std::size_t>(mode) ? 1 : 0);
}
void SelfMetrics::journal_failed() { instruments_->journal_errors.Increment(); }
void SelfMetrics::unknown_module() { instruments_->unknown_modules.Increment(); }

void SelfMetrics::http_request(int status) {
  count(instruments_->requests, instruments_->requests_by_status, status, 1);
}

std::shared_ptr<const void> SelfMetrics::scrape_started() { return instruments_->scrape_token; }
void SelfMetrics::scrape_answered(int status) {
  count(instruments_->scrapes, instruments_->scrapes_by_status, status, 1);
}

void SelfMetrics::connection_refused() { instruments_->refused.Increment(); }
void SelfMetrics::connections(std::size_t open) { instruments_->connections.Set(static_cast<double>(open)); }

prometheus::Registry& SelfMetrics::registry() { return instruments_->registry; }

std::vector<prometheus::MetricFamily> SelfMetrics::collect() const {
  instruments_->scrapes_in_flight.Set(static_cast<double>(instruments_->scrape_token.use_count() - 1));
  std::vector<prometheus::MetricFamily> families = instruments_->registry.Collect();
  std::vector<prometheus::MetricFamily> process = instruments_->process.collect();
  families.insert(families.end(), std::make_move_iterator(process.begin()),
                  std::make_move_iterator(process.end()));
  return families;
}

}  // namespace lookout
