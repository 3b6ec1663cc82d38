#include "exporter/pipeline.h"

#include "tests/unit/pipeline_fixture.h"

namespace lookout {
namespace {

TEST_F(PipelineTest, AnOutageBecomesOneIncidentWithItsTimes) {
  const auto web = target("web", Severity::critical);
  book.apply(config({web}));
  feed(*web, ".xx");
  const TargetRecord& record = *book.find("web");
  EXPECT_EQ(record.state.state, State::down);
  ASSERT_TRUE(record.state.incident);
  EXPECT_EQ(record.state.incident->onset, moment(10));
  EXPECT_EQ(record.incidents, 1u);
  const auto detection = histogram("lookout_incident_detection_seconds", "critical");
  EXPECT_EQ(detection.sample_count, 1u);
  EXPECT_DOUBLE_EQ(detection.sample_sum, 10.04);
  EXPECT_EQ(histogram("lookout_incident_duration_seconds", "critical").sample_count, 0u);

  feed(*web, "xx..", 3);
  EXPECT_EQ(book.find("web")->state.state, State::up);
  EXPECT_EQ(book.find("web")->incidents, 1u);
  const auto duration = histogram("lookout_incident_duration_seconds", "critical");
  EXPECT_EQ(duration.sample_count, 1u);
  EXPECT_DOUBLE_EQ(duration.sample_sum, 40);
}

TEST_F(PipelineTest, FailuresBelowTheThresholdOpenNothing) {
  const auto web = target("web");
  book.apply(config({web}));
  feed(*web, ".x.x.x");
  EXPECT_EQ(book.find("web")->incidents, 0u);
  EXPECT_EQ(book.find("web")->state.state, State::up);
  EXPECT_EQ(book.find("web")->probes[1], 3u);
}

TEST_F(PipelineTest, OurOwnFaultsMoveNoStateAndShowAsIsolation) {
  const auto web = target("web"), other = target("other");
  book.apply(config({web, other}));
  feed(*web, ".");
  feed(*other, ".");
  EXPECT_EQ(gauge("lookout_isolated"), 0);
  feed(*web, "?????", 1);
  EXPECT_EQ(gauge("lookout_isolated"), 0) << "half of them";
  feed(*other, "?", 1);
  EXPECT_EQ(gauge("lookout_isolated"), 1);
  EXPECT_EQ(book.find("web")->state.state, State::up);
  EXPECT_EQ(book.find("web")->probes[2], 5u);
  feed(*web, ".", 6);
  EXPECT_EQ(gauge("lookout_isolated"), 0);
}

TEST_F(PipelineTest, TheThresholdsInForceAreThoseOfTheBookNotOfTheProbe) {
  const auto before = target("web");
  book.apply(config({before}));
  feed(*before, ".");
  auto after = target("web", Severity::critical);
  after->failure_threshold = 1;
  book.apply(config({after}));
  feed(*before, "x", 1);  // was in flight during the reload
  EXPECT_EQ(book.find("web")->state.state, State::down);
  EXPECT_EQ(histogram("lookout_incident_detection_seconds", "critical").sample_count, 1u);
}

TEST_F(PipelineTest, ResultsOfTargetsThatAReloadTookAwayAreIgnored) {
  const auto gone = target("gone"), moved = target("moved");
  book.apply(config({gone, moved}));
  auto elsewhere = target("moved");
  elsewhere->address = "http://elsewhere.example.org/";
  book.apply(config({elsewhere}));
  feed(*gone, "xxx");
  feed(*moved, "xxx");
  EXPECT_EQ(book.find("gone"), nullptr);
  EXPECT_EQ(book.find("moved")->probes[1], 0u);
  EXPECT_EQ(book.find("moved")->state.state, State::unknown);
}

TEST_F(PipelineTest, TimesAreThoseOfTheSteadyClockWhateverTheWallClockSays) {
  auto web = target("web");
  web->failure_threshold = web->success_threshold = 1;
  book.apply(config({web}));
  enter(*web, failed(at(1000)), 1000);
  enter(*web, well(at(0)), 1010);
  const auto duration = histogram("lookout_incident_duration_seconds", "warning");
  EXPECT_EQ(duration.sample_count, 1u);
  EXPECT_DOUBLE_EQ(duration.sample_sum, 10);
}

}  // namespace
}  // namespace lookout
