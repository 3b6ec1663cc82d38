#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <prometheus/metric_family.h>

#include "exporter/metrics/registry_writer.h"
#include "exporter/metrics/self_metrics.h"

namespace lookout {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string family(const SelfMetrics& self, std::string_view name) {
  std::string page;
  for (const auto& family : self.collect()) {
    if (family.name == name) append_family(page, family, ExpositionFormat::text);
  }
  return page;
}

// The samples of a family that are not zero, without its head.
std::string samples(const SelfMetrics& self, std::string_view name) {
  std::string result;
  std::string page = family(self, name);
  for (std::size_t begin = 0; begin < page.size();) {
    const std::size_t end = page.find('\n', begin);
    const std::string line = page.substr(begin, end - begin);
    if (!line.starts_with('#') && !line.ends_with(" 0")) result += line + "\n";
    begin = end + 1;
  }
  return result;
}

TEST(SelfMetrics, EveryInstrumentStandsAtZeroBeforeAnythingHappened) {
  const SelfMetrics self;
  EXPECT_EQ(family(self, "lookout_probes_missed_total"),
            "# HELP lookout_probes_missed_total Probes not started at their due time, because the one before "
            "still ran or "
            "Lookout stalled\n# TYPE lookout_probes_missed_total counter\nlookout_probes_missed_total 0\n");
  for (const std::string_view severity : {"critical", "warning", "info"}) {
    EXPECT_NE(
        family(self, "lookout_incident_duration_seconds")
            .find("lookout_incident_duration_seconds_count{severity=\"" + std::string(severity) + "\"} 0\n"),
        std::string::npos);
  }
}

TEST(SelfMetrics, CountProbes) {
  SelfMetrics self;
  self.probe_started();
  self.probe_started();
  self.probe_finished();
  self.probes_missed(3);
  self.probes_missed(4);
  self.scheduler_lag(milliseconds(2));
  EXPECT_EQ(samples(self, "lookout_probes_in_flight"), "lookout_probes_in_flight 1\n");
  EXPECT_EQ(samples(self, "lookout_probes_missed_total"), "lookout_probes_missed_total 7\n");
  EXPECT_NE(samples(self, "lookout_scheduler_lag_seconds").find("lookout_scheduler_lag_seconds_sum 0.002\n"),
            std::string::npos);
}

TEST(SelfMetrics, TimeIncidentsBySeverity) {
  SelfMetrics self;
  self.incident_opened(Severity::critical, milliseconds(700));
  self.incident_closed(Severity::critical, seconds(100'000));
  self.incident_closed(Severity::info, seconds(61));
  EXPECT_NE(samples(self, "lookout_incident_detection_seconds").find("_sum{severity=\"critical\"} 0.7\n"),
            std::string::npos);
  const std::string duration = samples(self, "lookout_incident_duration_seconds");
  EXPECT_NE(duration.find("_bucket{severity=\"critical\",le=\"+Inf\"} 1\n"), std::string::npos);
  EXPECT_EQ(duration.find("_bucket{severity=\"critical\",le=\"86400\"}"), std::string::npos);
  EXPECT_NE(duration.find("_bucket{severity=\"info\",le=\"120\"} 1\n"), std::string::npos);
  EXPECT_EQ(duration.find("severity=\"warning\""), std::string::npos);
}

TEST(SelfMetrics, RememberTheNewestReloadUnderBothNames) {
  SelfMetrics self;
  const WallTime loaded{seconds(1'800'000'000)};
  self.config_reloaded(true, loaded);
  self.config_reloaded(false, loaded + seconds(60));
  for (const std::string prefix : {"lookout", "blackbox_exporter"}) {
    EXPECT_EQ(samples(self, prefix + "_config_last_reload_successful"), "");
    EXPECT_EQ(samples(self, prefix + "_config_last_reload_success_timestamp_seconds"),
              prefix + "_config_last_reload_success_timestamp_seconds 1.8e+09\n");
  }
  self.config_reloaded(true, loaded + seconds(60));
  EXPECT_EQ(samples(self, "lookout_config_last_reload_successful"),
            "lookout_config_last_reload_successful 1\n");
}

TEST(SelfMetrics, CountWhatTheServerDoes) {
  SelfMetrics self;
  self.http_request(200);
  self.http_request(200);
  self.http_request(404);
  self.connection_refused();
  self.connections(17);
  self.unknown_module();
  self.isolated(true);
  EXPECT_EQ(samples(self, "lookout_isolated"), "lookout_isolated 1\n");
  self.isolated(false);
  EXPECT_EQ(samples(self, "lookout_isolated"), "");
  const std::string requests = samples(self, "lookout_http_requests_total");
  EXPECT_NE(requests.find("lookout_http_requests_total{code=\"200\"} 2\n"), std::string::npos);
  EXPECT_NE(requests.find("lookout_http_requests_total{code=\"404\"} 1\n"), std::string::npos);
  EXPECT_EQ(samples(self, "lookout_http_connections_refused_total"),
            "lookout_http_connections_refused_total 1\n");
  EXPECT_EQ(samples(self, "lookout_http_connections"), "lookout_http_connections 17\n");
  EXPECT_EQ(samples(self, "blackbox_module_unknown_total"), "blackbox_module_unknown_total 1\n");
}

TEST(SelfMetrics, TellWhatTheBinaryWasBuiltFrom) {
  const std::string info = samples(SelfMetrics(), "lookout_build_info");
  for (const std::string_view label : {"version=\"", "revision=\"", "branch=\"", "compiler=\""}) {
    EXPECT_NE(info.find(label), std::string::npos) << label;
  }
  EXPECT_TRUE(info.ends_with("} 1\n"));
}

TEST(SelfMetrics, InstrumentsOfProbingMayBeTouchedByAnyLoop) {
  SelfMetrics self;
  std::vector<std::thread> loops;
  for (int loop = 0; loop < 4; ++loop) {
    loops.emplace_back([&self] {
      for (int i = 0; i < 1000; ++i) {
        self.probe_started();
        self.scheduler_lag(milliseconds(1));
        self.probes_missed(1);
        self.probe_finished();
      }
    });
  }
  for (int i = 0; i < 20; ++i) self.collect();
  for (std::thread& loop : loops) loop.join();
  EXPECT_EQ(samples(self, "lookout_probes_missed_total"), "lookout_probes_missed_total 4000\n");
  EXPECT_EQ(samples(self, "lookout_probes_in_flight"), "");
}

}  // namespace
}  // namespace lookout
