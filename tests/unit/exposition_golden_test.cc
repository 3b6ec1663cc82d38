// Whole pages against tests/unit/golden/; UPDATE_GOLDEN=1 writes them anew.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>

#include <gtest/gtest.h>
#include <prometheus/metric_family.h>

#include "exporter/incident/step.h"
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/registry_writer.h"
#include "tests/unit/exposition_page.h"
#include "tests/unit/incident_fixtures.h"

namespace lookout {
namespace {

constexpr FactFamily kNastyHelp{"probe_nasty", "Help with a \\ backslash, a \"quote\" and a\nnewline"};

void compare_with_golden(const std::string& page, const std::string& file) {
  const std::string path = std::string(LOOKOUT_GOLDEN) + "/" + file;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << page;
    return;
  }
  std::ifstream stream(path);
  const std::string golden{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(page, golden) << "if this is meant: UPDATE_GOLDEN=1";
}

// What differs from run to run and from build to build.
std::string steady(const std::string& page) {
  const std::string without_process =
      std::regex_replace(page, std::regex("\n(process_[a-z_]+) [^\n]*"), "\n$1 0");
  return std::regex_replace(without_process, std::regex("_build_info\\{[^\n]*\\} 1"), "_build_info{} 1");
}

struct GoldenScrape : testing::TestWithParam<ExpositionFormat> {
  Book book;
  SelfMetrics self;

  GoldenScrape() {
    auto nasty = target("back\\slash \"quote\" new\nline \xc3\xa9 \xff", Severity::critical);
    nasty->address = "https://user:hunter2@host.example.org/\"?q=\\";
    nasty->labels = {{"team", "a\nb\"c\\d"}, {"empty", ""}};
    const auto web = target("web"), idle = target("idle", Severity::info), fault = target("fault");
    book.apply(config({nasty, web, idle, fault}));
    for (int i = 0; i < 3; ++i) feed(*nasty, failed(at(10 * i), Stage::response, Cause::status));
    auto result = well(at(20));
    result->facts.push_back({&kNastyHelp, 1.5e-7, render_labels({{"text", "a\\b\"c\nd"}})});
    feed(*web, result);
    feed(*fault, own_fault(at(20)));
    self.incident_opened(Severity::critical, std::chrono::milliseconds(10'040));
    self.scheduler_lag(std::chrono::microseconds(1500));
    self.config_reloaded(true, at(-60));
    self.http_request(200);
    self.unknown_module();
  }
  void feed(const TargetConfig& target, const std::shared_ptr<ProbeResult>& result) {
    const Step judged = step(book.find(target.name)->state, {2, 2, {}},
                             {result->verdict,
                              {result->started, {}},
                              result->duration,
                              result->failure ? &*result->failure : nullptr});
    book.enter(target.name, result, judged);
  }
};

TEST_P(GoldenScrape, IsAsWrittenDown) {
  const bool text = GetParam() == ExpositionFormat::text;
  const std::string page = render_all(book, self, GetParam(), at(30));
  parse_page(page);
  EXPECT_EQ(page.find("hunter2"), std::string::npos);
  compare_with_golden(steady(page), text ? "scrape.prom" : "scrape.openmetrics");
}

TEST_P(GoldenScrape, ProbePageIsAsWrittenDown) {
  const bool text = GetParam() == ExpositionFormat::text;
  auto result = failed(at(0), Stage::match, Cause::mismatch);
  result->facts = well(at(0))->facts;
  result->facts.push_back({&kNastyHelp, -1.25e9, render_labels({{"text", "a\\b\"c\nd"}})});
  compare_with_golden(render_probe(*result, GetParam()), text ? "probe.prom" : "probe.openmetrics");
}

INSTANTIATE_TEST_SUITE_P(BothFormats, GoldenScrape,
                         testing::Values(ExpositionFormat::text, ExpositionFormat::openmetrics),
                         [](const auto& format) {
                           return format.param == ExpositionFormat::text ? "text" : "openmetrics";
                         });

TEST(RegistryWriter, EscapesLabelsAndHelpOfThePrometheusLibrary) {
  prometheus::MetricFamily family;
  family.name = "a_total";
  family.help = "back\\slash and\nnewline and \"quote\"";
  family.type = prometheus::MetricType::Counter;
  family.metric.resize(1);
  family.metric[0].label = {{"x", "1"}, {"y", "a\\b\"c\nd"}};
  family.metric[0].counter.value = 0.1 + 0.2;
  std::string page;
  append_family(page, family, ExpositionFormat::text);
  EXPECT_EQ(page, R"(# HELP a_total back\\slash and\nnewline and "quote"
# TYPE a_total counter
a_total{x="1",y="a\\b\"c\nd"} 0.30000000000000004
)");
  page.clear();
  append_family(page, family, ExpositionFormat::openmetrics);
  EXPECT_TRUE(
      page.starts_with("# HELP a back\\\\slash and\\nnewline and \\\"quote\\\"\n# TYPE a counter\na_total{"))
      << page;
  family.type = prometheus::MetricType::Untyped;
  family.metric[0].untyped.value = 7;
  page.clear();
  append_family(page, family, ExpositionFormat::text);
  EXPECT_TRUE(page.ends_with("} 7\n")) << page;
  family.metric.clear();
  page.clear();
  append_family(page, family, ExpositionFormat::text);
  EXPECT_TRUE(page.empty());
}

}  // namespace
}  // namespace lookout
