#include "exporter/journal/recorder.h"

#include <gtest/gtest.h>

#include "tests/unit/journal/journal_fixtures.h"

namespace lookout {
namespace {

struct RecorderTest : testing::Test {
  asio::io_context loop;
  Journal journal{loop, "", {}};  // never opened: everything stays pending
  Recorder recorder{journal};
  std::shared_ptr<TargetConfig> web = target("web", Severity::critical);
  TargetState state;
  int second = 0;

  // One probe each ten seconds, by the thresholds 2 and 2.
  void feed(std::string_view probes, const Circumstances& circumstances = {}) {
    for (const char symbol : probes) {
      second += 10;
      const auto result = symbol == '.' ? well(at(second)) : failed(at(second));
      const Step judged = step(
          state, {2, 2, std::nullopt},
          {result->verdict, moment(second), result->duration, result->failure ? &*result->failure : nullptr},
          circumstances);
      recorder.enter(*web, state, judged, {result.get(), result.get()});
      state = judged.next;
    }
  }
  Batch taken() { return std::exchange(journal.pending(), {}); }
  Incident only_incident() {
    EXPECT_EQ(journal.pending().incidents.size(), 1u);
    return journal.pending().incidents.empty() ? Incident() : journal.pending().incidents.begin()->second;
  }
  static std::vector<std::string> told(const Incident& incident) {
    std::vector<std::string> result;
    for (const TimelineEntry& entry : incident.timeline) result.push_back(entry.what);
    return result;
  }
};
using Words = std::vector<std::string>;

TEST_F(RecorderTest, ADrillDoesNotOutliveItsProcess) {
  Restored restored;
  restored.alive = at(100);
  Incident drill = incident("1", "web", 90);
  drill.drill = true;
  restored.open = {drill};
  recorder.resume(restored, moment(130), [](const Incident&) { return true; });
  EXPECT_EQ(recorder.open_incident("web"), nullptr);
  const Incident kept = only_incident();
  EXPECT_EQ(kept.recovered, at(130));
  EXPECT_EQ(told(kept), (Words{"opened", "interrupted"}));
}

TEST_F(RecorderTest, AnIncidentIsKeptFromItsOpeningToItsEnd) {
  web->labels = {{"team", "sea"}};
  feed(".xx");
  const Incident open = only_incident();
  EXPECT_EQ(open.id, incident_id("web", open.detected));
  EXPECT_EQ(open.target, "web");
  EXPECT_EQ(open.severity, "critical");
  EXPECT_EQ(open.labels, web->labels);
  EXPECT_EQ(open.onset, at(20));
  EXPECT_EQ(open.detected, at(30) + std::chrono::milliseconds(40));
  EXPECT_EQ(open.detection, std::chrono::milliseconds(10'040));
  EXPECT_FALSE(open.recovered);
  EXPECT_EQ(key(open.failure), "connect/refused");
  EXPECT_EQ(told(open), (Words{"onset", "opened"}));
  ASSERT_NE(recorder.open_incident("web"), nullptr);

  feed("x..");
  const Incident closed = only_incident();
  EXPECT_EQ(closed.id, open.id);
  EXPECT_EQ(closed.recovered, at(50));
  EXPECT_EQ(closed.duration, std::chrono::seconds(30));
  EXPECT_EQ(told(closed), (Words{"onset", "opened", "closed"}));
  EXPECT_EQ(recorder.open_incident("web"), nullptr);
}

// Whoever asked the journal a moment ago still learns of an outage that has ended since.
TEST_F(RecorderTest, WhatHasJustEndedIsKnownForSomeMinutes) {
  EXPECT_TRUE(recorder.just_ended("web").empty());
  feed(".xx");
  EXPECT_TRUE(recorder.just_ended("web").empty()) << "it is open";
  feed("..");
  EXPECT_EQ(recorder.just_ended("web"), (std::vector<Span>{{at(20), at(40)}}));
  state.flaps = FlapHistory();
  feed("xx..");
  EXPECT_EQ(recorder.just_ended("web").size(), 2u);
  state.flaps = FlapHistory();
  second += 1000;
  feed("xx..");
  EXPECT_EQ(recorder.just_ended("web").size(), 1u);
  recorder.removed("web", moment(2000));
  EXPECT_TRUE(recorder.just_ended("web").empty());
}

TEST_F(RecorderTest, StatesAreKeptWhenARestartWouldJudgeOtherwiseAndNotForEachProbe) {
  feed(".");
  EXPECT_EQ(taken().targets.at("web").state.state, State::up);
  feed("....");
  EXPECT_TRUE(taken().targets.empty());
  feed("x");
  EXPECT_EQ(taken().targets.at("web").state.failures_in_row, 1);
}

TEST_F(RecorderTest, WhatHeldItsOpeningIsTold) {
  feed(".xx", {false, Hold::maintenance, "upgrade"});
  EXPECT_TRUE(journal.pending().incidents.empty());
  feed("x");
  const Incident open = only_incident();
  EXPECT_EQ(open.onset, at(20));
  EXPECT_EQ(open.held_by, "maintenance: upgrade");
  EXPECT_EQ(told(open), (Words{"onset", "opened", "released"}));
}

TEST_F(RecorderTest, AChangedFailureIsALineOfTheTimeline) {
  feed("xx");
  auto other = failed(at(40), Stage::tls, Cause::timeout);
  const Step judged =
      step(state, {2, 2, std::nullopt}, {other->verdict, moment(40), other->duration, &*other->failure});
  recorder.enter(*web, state, judged, {other.get(), other.get()});
  EXPECT_EQ(told(only_incident()), (Words{"onset", "opened", "failure_changed"}));
}

TEST_F(RecorderTest, ATimelineHasALimitAndKeepsItsEnd) {
  feed("xx");
  for (int i = 0; i < 1000; ++i) recorder.note("web", at(i), "note", std::to_string(i));
  EXPECT_EQ(only_incident().timeline.size(), 200u);
  feed("..");
  EXPECT_EQ(only_incident().timeline.back().what, "closed");
}

TEST_F(RecorderTest, RunsAndSummariesAreWrittenAtCheckpoints) {
  feed("..x");
  EXPECT_EQ(journal.pending().runs.size(), 1u) << "the run that ended";
  recorder.checkpoint(at(35), false);
  EXPECT_TRUE(journal.pending().hours.empty());
  recorder.checkpoint(at(40), true);
  const Batch batch = taken();
  EXPECT_EQ(batch.alive, at(40));
  EXPECT_EQ(batch.runs.at({"web", at(10)}), (VerdictRun{at(10), at(20), Verdict::up, "", 2}));
  EXPECT_EQ(batch.runs.at({"web", at(30)}),
            (VerdictRun{at(30), at(30), Verdict::down, "connect/refused", 1}));
  EXPECT_EQ(batch.hours.at({"web", kMidnight}).probes, 3u);
  EXPECT_EQ(batch.hours.at({"web", kMidnight}).failures, 1u);
  feed("x");
  recorder.checkpoint(at(50), true);
  const Batch second_batch = taken();
  EXPECT_EQ(second_batch.runs.at({"web", at(30)}).probes, 2u);
  EXPECT_EQ(second_batch.hours.at({"web", kMidnight}).probes, 1u) << "only what is new: it is added";
}

TEST_F(RecorderTest, ARestartIsAGapAndALineInWhatIsOpen) {
  Restored restored;
  restored.alive = at(100);
  restored.open = {incident("1", "web", 50), incident("2", "gone", 60)};
  recorder.resume(restored, moment(160), [](const Incident& each) { return each.target == "web"; });
  const Batch batch = taken();
  EXPECT_EQ(batch.gaps, (std::vector<Gap>{{at(100), at(160), "stopped"}}));
  EXPECT_EQ(told(batch.incidents.at("1")), (Words{"opened", "restarted"}));
  EXPECT_FALSE(batch.incidents.at("1").recovered);
  EXPECT_EQ(told(batch.incidents.at("2")), (Words{"opened", "restarted", "abandoned"}));
  EXPECT_EQ(batch.incidents.at("2").recovered, at(160));
  EXPECT_NE(recorder.open_incident("web"), nullptr);
  EXPECT_EQ(recorder.open_incident("gone"), nullptr);
}

TEST_F(RecorderTest, AnIncidentOfATargetThatLeavesTheConfigurationIsClosed) {
  feed("xx");
  recorder.removed("web", moment(100));
  EXPECT_EQ(told(only_incident()), (Words{"onset", "opened", "abandoned"}));
  EXPECT_EQ(recorder.open_incident("web"), nullptr);
}

TEST_F(RecorderTest, IsolationIsAGapAlsoIfItNeverEnds) {
  recorder.isolated(true, at(10));
  recorder.isolated(true, at(20));
  recorder.checkpoint(at(30), false);
  recorder.checkpoint(at(40), false);
  EXPECT_EQ(taken().gaps, (std::vector<Gap>{{at(10), at(40), "isolated"}}));
  recorder.isolated(false, at(50));
  EXPECT_EQ(taken().gaps, (std::vector<Gap>{{at(10), at(50), "isolated"}}));
}

TEST(IncidentId, IsTheSameForTheSameAndSortsByTime) {
  const WallTime time = at(0) + std::chrono::milliseconds(7);
  EXPECT_EQ(incident_id("web", time), incident_id("web", time));
  EXPECT_TRUE(incident_id("web", time).starts_with("20261123-")) << incident_id("web", time);
  EXPECT_NE(incident_id("web", time), incident_id("api", time));
  EXPECT_NE(incident_id("web", time), incident_id("web", time + std::chrono::milliseconds(1)));
  EXPECT_LT(incident_id("zzz", time), incident_id("aaa", time + std::chrono::seconds(1)));
}

}  // namespace
}  // namespace lookout
