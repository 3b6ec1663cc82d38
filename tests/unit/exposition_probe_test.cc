#include <gtest/gtest.h>

#include "exporter/metrics/exposition.h"
#include "tests/unit/incident_fixtures.h"

namespace lookout {
namespace {

TEST(ProbePage, HasSortedFamiliesAndNoFailureWhenTheProbeSucceeded) {
  EXPECT_EQ(render_probe(*well(at(0)), ExpositionFormat::text),
            R"(# HELP probe_duration_seconds How long the probe took
# TYPE probe_duration_seconds gauge
probe_duration_seconds 0.04
# HELP probe_http_duration_seconds Time by phase, over all redirects
# TYPE probe_http_duration_seconds gauge
probe_http_duration_seconds{phase="connect"} 0.001
probe_http_duration_seconds{phase="processing"} 0.03
# HELP probe_http_status_code Status of the last response
# TYPE probe_http_status_code gauge
probe_http_status_code 200
# HELP probe_success Whether the probe succeeded
# TYPE probe_success gauge
probe_success 1
# HELP probe_timeout_seconds Time that the probe was given
# TYPE probe_timeout_seconds gauge
probe_timeout_seconds 5
)");
}

TEST(ProbePage, CountsTheAttemptsOfModulesWithRetries) {
  ProbeResult result = *well(at(0));
  EXPECT_EQ(render_probe(result, ExpositionFormat::text).find("probe_attempts"), std::string::npos);
  result.attempts = 2;
  EXPECT_NE(
      render_probe(result, ExpositionFormat::text).find("# TYPE probe_attempts gauge\nprobe_attempts 2\n"),
      std::string::npos);
}

TEST(ProbePage, SaysWhyAProbeFailed) {
  const std::string page =
      render_probe(*failed(at(0), Stage::tls, Cause::certificate_name), ExpositionFormat::text);
  EXPECT_NE(page.find("probe_success 0\n"), std::string::npos);
  EXPECT_NE(page.find("# TYPE probe_failure_info "
                      "gauge\nprobe_failure_info{cause=\"certificate_name\",stage=\"tls\"} 1\n"),
            std::string::npos);
  EXPECT_EQ(page.find("for people"), std::string::npos);
  EXPECT_NE(render_probe(*own_fault(at(0)), ExpositionFormat::text).find("probe_success 0\n"),
            std::string::npos)
      << "whoever asks with /probe gets an answer also when the fault is ours";
}

TEST(ProbePage, EndsWithEofInOpenMetrics) {
  const std::string text = render_probe(*well(at(0)), ExpositionFormat::text);
  EXPECT_EQ(render_probe(*well(at(0)), ExpositionFormat::openmetrics), text + "# EOF\n");
}

TEST(ProbePage, ShowsASeriesOnceAndAFamilyInOneGroup) {
  static constexpr FactFamily kSameName{"probe_http_status_code", "Another constant of the same name"};
  auto result = well(at(0));
  result->facts.push_back({&kSameName, 404, ""});
  result->facts.push_back({&kSameName, 7, "hop=\"2\""});
  const std::string page = render_probe(*result, ExpositionFormat::text);
  EXPECT_EQ(page.find("# TYPE probe_http_status_code"), page.rfind("# TYPE probe_http_status_code"));
  EXPECT_EQ(page.find("\nprobe_http_status_code "), page.rfind("\nprobe_http_status_code "));
  EXPECT_NE(page.find("probe_http_status_code{hop=\"2\"} 7\n"), std::string::npos);
}

TEST(ProbePage, LeavesOutWhatIsNoNumberInOpenMetrics) {
  auto result = probe(Verdict::up, at(0));
  result->facts = {{&kStatusCode, std::numeric_limits<double>::quiet_NaN(), ""}};
  EXPECT_NE(render_probe(*result, ExpositionFormat::text).find("probe_http_status_code NaN\n"),
            std::string::npos);
  EXPECT_EQ(render_probe(*result, ExpositionFormat::openmetrics).find("probe_http_status_code"),
            std::string::npos);
}

}  // namespace
}  // namespace lookout
