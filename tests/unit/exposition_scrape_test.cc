#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "exporter/incident/step.h"
#include "exporter/metrics/exposition.h"
#include "tests/unit/exposition_page.h"
#include "tests/unit/incident_fixtures.h"

namespace lookout {
namespace {

constexpr ExpositionFormat kFormats[] = {ExpositionFormat::text, ExpositionFormat::openmetrics};

struct ScrapeTest : testing::Test {
  Book book;
  SelfMetrics self;

  void feed(const std::shared_ptr<TargetConfig>& target, const std::shared_ptr<ProbeResult>& result) {
    const Step judged =
        step(book.find(target->name)->state, {target->failure_threshold, target->success_threshold, {}},
             {result->verdict,
              {result->started, {}},
              result->duration,
              result->failure ? &*result->failure : nullptr});
    book.enter(target->name, result, judged);
  }
  std::vector<PageSample> page(WallTime now = at(100),
                               ExpositionFormat format = ExpositionFormat::text) const {
    return parse_page(render_all(book, self, format, now));
  }
};

using Labels = std::map<std::string, std::string>;

TEST_F(ScrapeTest, WithoutTargetsThereAreOnlyOurOwnFamilies) {
  for (const PageSample& sample : page()) {
    EXPECT_FALSE(sample.name.starts_with("probe_")) << sample.name;
    EXPECT_FALSE(sample.name.starts_with("lookout_target_")) << sample.name;
  }
}

TEST_F(ScrapeTest, AnUnknownTargetHasAStateAndNoUp) {
  book.apply(config({target("a")}));
  const auto samples = page();
  EXPECT_EQ(find_sample(samples, "lookout_target_up", {{"target", "a"}, {"severity", "warning"}}), nullptr);
  EXPECT_EQ(find_sample(samples, "lookout_target_state", {{"target", "a"}, {"state", "unknown"}})->value, 1);
  EXPECT_EQ(find_sample(samples, "lookout_target_state", {{"target", "a"}, {"state", "up"}})->value, 0);
  EXPECT_EQ(find_sample(samples, "lookout_target_sample_age_seconds", {{"target", "a"}}), nullptr);
  EXPECT_EQ(find_sample(samples, "lookout_checkpoint_up", {{"target", "a"}, {"checkpoint", "default"}}),
            nullptr);
  EXPECT_EQ(find_sample(samples, "probe_success", {{"target", "a"}}), nullptr);
  EXPECT_EQ(
      find_sample(samples, "lookout_incidents_total", {{"target", "a"}, {"severity", "warning"}})->value, 0);
}

TEST_F(ScrapeTest, TheInstanceNamesTheViewOfATargetWithoutCheckpoints) {
  Book paris("paris \"north\"");
  paris.apply(config({target("a")}));
  EXPECT_EQ(*paris.find("a")->labels->own_checkpoint, "checkpoint=\"paris \\\"north\\\"\"");
}

TEST_F(ScrapeTest, ATargetThatIsUpShowsItsNewestProbe) {
  const auto a = target("a");
  book.apply(config({a}));
  feed(a, well(at(0)));
  const auto samples = page(at(10));
  EXPECT_EQ(find_sample(samples, "lookout_target_up", {{"target", "a"}, {"severity", "warning"}})->value, 1);
  EXPECT_EQ(find_sample(samples, "lookout_target_sample_age_seconds", {{"target", "a"}})->value, 9.96);
  EXPECT_EQ(
      find_sample(samples, "lookout_checkpoint_up", {{"target", "a"}, {"checkpoint", "default"}})->value, 1);
  EXPECT_EQ(find_sample(samples, "probe_success", {{"target", "a"}})->value, 1);
  EXPECT_EQ(find_sample(samples, "probe_duration_seconds", {{"target", "a"}})->value, 0.04);
  EXPECT_EQ(find_sample(samples, "probe_timeout_seconds", {{"target", "a"}})->value, 5);
  EXPECT_EQ(find_sample(samples, "probe_http_status_code", {{"target", "a"}})->value, 200);
  EXPECT_EQ(
      find_sample(samples, "probe_http_duration_seconds", {{"target", "a"}, {"phase", "connect"}})->value,
      0.001);
  const Labels idle{
      {"target", "a"}, {"severity", "warning"}, {"stage", ""}, {"cause", ""}, {"drill", "false"}};
  EXPECT_EQ(find_sample(samples, "lookout_incident_active", idle)->value, 0);
  for (const PageSample& sample : samples) {
    EXPECT_NE(sample.name, "probe_failure_info");
    EXPECT_NE(sample.name, "lookout_incident_onset_timestamp_seconds");
    EXPECT_NE(sample.name, "lookout_probe_failures_total");
  }
}

TEST_F(ScrapeTest, ADrillIsASeriesOfItsOwnAndChangesNoOther) {
  const auto a = target("a");
  book.apply(config({a}));
  feed(a, well(at(0)));
  const auto before = page();
  const Failure refused{Stage::connect, Cause::refused, {}};
  book.set_drill("a", Outage{moment(1), moment(2), refused, refused});
  book.set_drill_passed("a", at(7));
  const auto during = page();
  const Labels pretended{{"target", "a"},
                         {"severity", "warning"},
                         {"stage", "connect"},
                         {"cause", "refused"},
                         {"drill", "true"}};
  EXPECT_EQ(find_sample(during, "lookout_incident_active", pretended)->value, 1);
  EXPECT_EQ(find_sample(during, "lookout_drill_last_success_timestamp_seconds", {{"target", "a"}})->value,
            unix_seconds(at(7)));
  for (const PageSample& sample : before) {
    if (!sample.name.starts_with("lookout_") && !sample.name.starts_with("probe_")) continue;
    ASSERT_NE(find_sample(during, sample.name, sample.labels), nullptr) << sample.name;
    EXPECT_EQ(find_sample(during, sample.name, sample.labels)->value, sample.value) << sample.name;
  }
  book.set_drill("a", std::nullopt);
  EXPECT_EQ(find_sample(page(), "lookout_incident_active", pretended), nullptr);
}

TEST_F(ScrapeTest, AnOpenIncidentSaysWhatFailedAndSinceWhen) {
  const auto a = target("a", Severity::critical);
  book.apply(config({a}));
  for (int i = 0; i < 3; ++i) feed(a, failed(at(10 * i), Stage::tls, Cause::certificate_expired));
  const auto samples = page();
  const Labels open{{"target", "a"},
                    {"severity", "critical"},
                    {"stage", "tls"},
                    {"cause", "certificate_expired"},
                    {"drill", "false"}};
  EXPECT_EQ(find_sample(samples, "lookout_incident_active", open)->value, 1);
  EXPECT_EQ(std::count_if(samples.begin(), samples.end(),
                          [](const auto& s) { return s.name == "lookout_incident_active"; }),
            1);
  EXPECT_EQ(find_sample(samples, "lookout_incident_onset_timestamp_seconds", {{"target", "a"}})->value,
            unix_seconds(at(0)));
  EXPECT_EQ(find_sample(samples, "lookout_incident_detected_timestamp_seconds", {{"target", "a"}})->value,
            unix_seconds(at(10)) + 0.04);
  EXPECT_EQ(find_sample(samples, "lookout_target_up", {{"target", "a"}, {"severity", "critical"}})->value, 0);
  EXPECT_EQ(
      find_sample(samples, "lookout_incidents_total", {{"target", "a"}, {"severity", "critical"}})->value, 1);
  const Labels failure{
      {"target", "a"}, {"checkpoint", "default"}, {"stage", "tls"}, {"cause", "certificate_expired"}};
  EXPECT_EQ(find_sample(samples, "lookout_probe_failures_total", failure)->value, 3);
  EXPECT_EQ(find_sample(samples, "probe_failure_info",
                        {{"target", "a"}, {"stage", "tls"}, {"cause", "certificate_expired"}})
                ->value,
            1);
  EXPECT_EQ(find_sample(samples, "probe_success", {{"target", "a"}})->value, 0);
  EXPECT_EQ(
      find_sample(samples, "lookout_checkpoint_up", {{"target", "a"}, {"checkpoint", "default"}})->value, 0);
}

TEST_F(ScrapeTest, OurOwnFaultSaysNothingOfTheTarget) {
  const auto a = target("a");
  book.apply(config({a}));
  feed(a, well(at(0)));
  feed(a, own_fault(at(10)));
  const auto samples = page(at(20));
  EXPECT_EQ(find_sample(samples, "probe_success", {{"target", "a"}}), nullptr);
  EXPECT_EQ(find_sample(samples, "probe_http_status_code", {{"target", "a"}}), nullptr);
  EXPECT_EQ(find_sample(samples, "probe_failure_info",
                        {{"target", "a"}, {"stage", "connect"}, {"cause", "internal"}})
                ->value,
            1);
  EXPECT_EQ(find_sample(samples, "lookout_target_up", {{"target", "a"}, {"severity", "warning"}})->value, 1);
  EXPECT_EQ(
      find_sample(samples, "lookout_checkpoint_up", {{"target", "a"}, {"checkpoint", "default"}})->value, 1);
  EXPECT_EQ(find_sample(samples, "lookout_target_sample_age_seconds", {{"target", "a"}})->value, 19.96);
  const Labels inconclusive{{"target", "a"}, {"checkpoint", "default"}, {"verdict", "inconclusive"}};
  EXPECT_EQ(find_sample(samples, "lookout_probes_total", inconclusive)->value, 1);
}

TEST_F(ScrapeTest, ALabelOfAPatternMayNotTakeTheTargetsName) {
  const auto a = target("a");
  book.apply(config({a}));
  auto result = well(at(0));
  result->facts = {{&kExpectInfo, 1, render_labels({{"target", "x"}})},
                   {&kExpectInfo, 2, render_labels({{"m", ",target=\"x\""}, {"target", "y"}})},
                   {&kExpectInfo, 3, render_labels({{"m", ",target=\"x\""}})}};
  feed(a, result);
  const auto samples = page();
  EXPECT_EQ(find_sample(samples, "probe_expect_info", {{"target", "a"}, {"exported_target", "x"}})->value, 1);
  EXPECT_EQ(find_sample(samples, "probe_expect_info",
                        {{"target", "a"}, {"m", ",target=\"x\""}, {"exported_target", "y"}})
                ->value,
            2);
  EXPECT_EQ(find_sample(samples, "probe_expect_info", {{"target", "a"}, {"m", ",target=\"x\""}})->value, 3);
}

TEST_F(ScrapeTest, HistogramsAreCumulativeInBothFormats) {
  const auto a = target("a");
  book.apply(config({a}));
  for (const int milliseconds : {1, 5, 6, 70, 20'000}) {
    auto result = well(at(0));
    result->duration = std::chrono::milliseconds(milliseconds);
    feed(a, result);
  }
  for (const ExpositionFormat format : kFormats) {
    const bool openmetrics = format == ExpositionFormat::openmetrics;
    const auto samples = page(at(1), format);
    const auto bucket = [&](const std::string& le) {
      return find_sample(samples, "lookout_probe_latency_seconds_bucket", {{"target", "a"}, {"le", le}})
          ->value;
    };
    EXPECT_EQ(bucket("0.005"), 2);
    EXPECT_EQ(bucket("0.01"), 3);
    EXPECT_EQ(bucket("0.05"), 3);
    EXPECT_EQ(bucket(openmetrics ? "10.0" : "10"), 4);
    EXPECT_EQ(bucket("+Inf"), 5);
    EXPECT_EQ(find_sample(samples, "lookout_probe_latency_seconds_count", {{"target", "a"}})->value, 5);
    EXPECT_DOUBLE_EQ(find_sample(samples, "lookout_probe_latency_seconds_sum", {{"target", "a"}})->value,
                     20.082);
  }
}

TEST_F(ScrapeTest, SeriesOfARemovedTargetDisappearAtOnce) {
  const auto a = target("a"), b = target("b");
  book.apply(config({a, b}));
  feed(a, well(at(0)));
  book.apply(config({b}));
  EXPECT_EQ(render_all(book, self, ExpositionFormat::text, at(1)).find("target=\"a\""), std::string::npos);
}

// Every finite number that a probe can state reads back as itself, whatever its size.
TEST_F(ScrapeTest, NumbersReadBackAsTheyWere) {
  const auto a = target("a");
  book.apply(config({a}));
  std::mt19937_64 random(5);
  auto result = well(at(0));
  result->facts.clear();
  std::vector<double> values;
  for (int i = 0; i < 200; ++i) {
    const double value = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())),
                                    static_cast<int>(random() % 120) - 100);
    values.push_back(value);
    result->facts.push_back({&kStatusCode, value, "n=\"" + std::to_string(i) + "\""});
  }
  feed(a, result);
  for (const ExpositionFormat format : kFormats) {
    const auto samples = page(at(1), format);
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(
          find_sample(samples, "probe_http_status_code", {{"target", "a"}, {"n", std::to_string(i)}})->value,
          values[i]);
    }
  }
}

struct BigScrapeTest : ScrapeTest {
  std::vector<std::shared_ptr<TargetConfig>> targets;
  BigScrapeTest() {
    Config all;
    for (int i = 0; i < 300; ++i) targets.push_back(target("target-" + std::to_string(i)));
    all.targets.assign(targets.begin(), targets.end());
    book.apply(all);
    for (const auto& each : targets) feed(each, well(at(0)));
  }
};

TEST_F(BigScrapeTest, ComesInPiecesOf64KiBThatMakeOnePage) {
  std::string page, piece;
  Scrape scrape(book, self, ExpositionFormat::openmetrics, at(1));
  int pieces = 0;
  for (; scrape.next(piece); ++pieces, piece.clear()) {
    EXPECT_LT(piece.size(), 64u * 1024 + 8 * 1024);
    page += piece;
  }
  EXPECT_GT(pieces, 5);
  EXPECT_FALSE(scrape.next(piece));
  EXPECT_TRUE(piece.empty());
  EXPECT_GT(parse_page(page).size(), 300u * 30);
  EXPECT_TRUE(page.ends_with("\n# EOF\n"));
}

// While a page is being sent, probes go on and a reload happens; the page stays what it was when the scrape
// began.
TEST_F(BigScrapeTest, IsUntouchedByProbesAndReloadsBetweenTwoPieces) {
  const std::string expected = render_all(book, self, ExpositionFormat::text, at(1));
  Scrape scrape(book, self, ExpositionFormat::text, at(1));
  std::string page;
  for (int piece = 0; scrape.next(page); ++piece) {
    for (const auto& each : targets) {
      if (book.find(each->name) != nullptr) feed(each, failed(at(10 + piece)));
    }
    if (piece == 2) book.apply(config({target("another")}));
  }
  const auto without_process = [](std::string text) {
    const std::size_t begin = text.find("# HELP process_");
    return text.erase(begin);
  };
  EXPECT_EQ(without_process(page), without_process(expected));
}

}  // namespace
}  // namespace lookout
