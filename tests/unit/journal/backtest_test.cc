// Recorded probes, judged with other thresholds.
#include "exporter/journal/backtest.h"

#include <gtest/gtest.h>

#include "tests/unit/journal/journal_fixtures.h"

namespace lookout {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

VerdictRun run(int started, std::uint64_t probes, Verdict verdict, int interval = 10) {
  const int length = static_cast<int>(probes - 1) * interval;
  return {at(started), at(started + length), verdict, verdict == Verdict::up ? "" : "connect/refused",
          probes};
}

BacktestTerms terms(int failures, int successes) { return {{failures, successes, {}}, seconds(10)}; }

// 100 good probes, 2 bad, 100 good, 10 bad, 100 good; one each ten seconds.
std::vector<VerdictRun> history() {
  return {run(0, 100, Verdict::up), run(1000, 2, Verdict::down), run(1020, 100, Verdict::up),
          run(2020, 10, Verdict::down), run(2120, 100, Verdict::up)};
}

TEST(Backtest, CountsWhatTheThresholdsWouldHaveOpened) {
  const BacktestOutcome eager = backtest(history(), terms(1, 1));
  EXPECT_EQ(eager.probes, 312U);
  EXPECT_EQ(eager.incidents, 2U);
  EXPECT_EQ(eager.detection_most, seconds(0));
  EXPECT_EQ(eager.down, seconds(20 + 100));
  const BacktestOutcome patient = backtest(history(), terms(3, 2));
  EXPECT_EQ(patient.incidents, 1U);
  EXPECT_EQ(patient.detection_sum, seconds(20)) << "the third probe in a row";
  EXPECT_EQ(patient.down, seconds(100)) << "from the first that failed to the first that succeeded";
  EXPECT_EQ(backtest(history(), terms(11, 1)).incidents, 0U);
}

TEST(Backtest, KnowsFalseAlarms) {
  EXPECT_EQ(backtest(history(), terms(2, 1)).false_alarms, 1U) << "detected, and over with the next probe";
  EXPECT_EQ(backtest(history(), terms(3, 1)).false_alarms, 0U);
  BacktestTerms brief = terms(3, 1);
  brief.brief = minutes(2);
  EXPECT_EQ(backtest(history(), brief).false_alarms, 1U);
}

TEST(Backtest, CountsAnOpenIncidentUntilTheLastProbe) {
  const BacktestOutcome open = backtest({run(0, 5, Verdict::up), run(50, 7, Verdict::down)}, terms(3, 2));
  EXPECT_EQ(open.incidents, 1U);
  EXPECT_EQ(open.false_alarms, 0U);
  EXPECT_EQ(open.down, seconds(60));
}

TEST(Backtest, DoesNotCountProbesOfDifferentTimesAsOneRow) {
  const std::vector<VerdictRun> runs{run(0, 50, Verdict::up), run(500, 2, Verdict::down),
                                     run(90'000, 2, Verdict::down), run(90'020, 5, Verdict::up)};
  EXPECT_EQ(backtest(runs, terms(3, 2)).incidents, 0U) << "a day lies between";
  EXPECT_EQ(backtest(runs, terms(2, 2)).incidents, 1U) << "the first stays open meanwhile";
}

TEST(Backtest, TakesInconclusiveProbesForNothing) {
  const std::vector<VerdictRun> runs{run(0, 5, Verdict::up), run(50, 2, Verdict::down),
                                     run(70, 3, Verdict::inconclusive), run(100, 1, Verdict::down)};
  EXPECT_EQ(backtest(runs, terms(3, 2)).incidents, 1U);
}

// A month of good probes costs no more than a minute of them, and ends at the same time.
TEST(Backtest, LongRunsAreNotJudgedProbeByProbe) {
  const std::vector<VerdictRun> runs{run(0, 10'000'000, Verdict::up), run(100'000'000, 3, Verdict::down)};
  const auto begun = std::chrono::steady_clock::now();
  const BacktestOutcome outcome = backtest(runs, terms(3, 2));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(2));
  EXPECT_EQ(outcome.probes, 10'000'003U);
  EXPECT_EQ(outcome.incidents, 1U);
}

TEST(Backtest, LearnsTheIntervalFromTheRuns) {
  EXPECT_EQ(interval_of(history()), seconds(10));
  EXPECT_EQ(interval_of({run(0, 1, Verdict::up)}), Duration::zero());
}

}  // namespace
}  // namespace lookout
