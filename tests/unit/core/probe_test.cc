#include "probes/core/probe.h"

#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "probes/core/problem.h"

namespace lookout {
namespace {

using namespace std::chrono_literals;

// ProbeRun only hands the services on; nothing here touches them.
ProbeServices& no_services() {
  static long long place;
  return reinterpret_cast<ProbeServices&>(place);
}

TEST(Failures, EveryNameIsReadBack) {
  std::set<std::string_view> names;
  for (std::size_t index = 0; index < kStageCount; ++index) {
    const auto stage = static_cast<Stage>(index);
    EXPECT_EQ(parse_stage(name(stage)), stage);
    names.insert(name(stage));
  }
  for (std::size_t index = 0; index < kCauseCount; ++index) {
    const auto cause = static_cast<Cause>(index);
    EXPECT_EQ(parse_cause(name(cause)), cause);
    EXPECT_FALSE(sentence(cause).empty());
    names.insert(name(cause));
  }
  EXPECT_EQ(names.size(), kStageCount + kCauseCount);
  EXPECT_EQ(parse_stage("TLS"), std::nullopt);
  EXPECT_EQ(parse_cause(""), std::nullopt);
}

TEST(Failures, TheLastOfEachNameStandsWithItsEnumerator) {
  EXPECT_EQ(name(Stage::match), "match");
  EXPECT_EQ(name(Cause::certificate_name), "certificate_name");
  EXPECT_EQ(name(Cause::internal), "internal");
  EXPECT_EQ(key({Stage::connect, Cause::refused, ""}), "connect/refused");
  EXPECT_EQ(name(Verdict::inconclusive), "inconclusive");
}

TEST(FactLabels, AreSortedAndEscaped) {
  EXPECT_EQ(render_labels({{"phase", "tls"}}), "phase=\"tls\"");
  EXPECT_EQ(render_labels({{"b", "2"}, {"a", "1"}}), "a=\"1\",b=\"2\"");
  EXPECT_EQ(render_labels({{"x", "q\" b\\ n\n \xFF"}}), "x=\"q\\\" b\\\\ n\\n \xEF\xBF\xBD\"");
  EXPECT_EQ(render_labels(std::vector<std::pair<std::string, std::string>>{}), "");
}

constexpr FactFamily kOne{"one", "One"};
constexpr FactFamily kTwo{"two", "Two"};

TEST(Facts, AreUniqueByFamilyAndLabels) {
  Facts facts;
  facts.set(kOne, 1);
  facts.set(kTwo, 2, "a=\"b\"");
  facts.set(kOne, 3);
  facts.add(kTwo, 0.5, "a=\"b\"");
  facts.add(kTwo, 7, "a=\"c\"");
  EXPECT_EQ(facts.find(kOne, "a=\"b\""), nullptr);
  EXPECT_EQ(facts.find(kOne)->value, 3);
  EXPECT_EQ(facts.find(kTwo, "a=\"b\"")->value, 2.5);
  const std::vector<Fact> taken = std::move(facts).take();
  ASSERT_EQ(taken.size(), 3u);
  EXPECT_EQ(taken[0].family, &kOne);
  EXPECT_EQ(taken[2].value, 7);
}

TEST(Facts, NeverGrowBeyondTheirLimit) {
  Facts facts;
  for (int index = 0; index < 1000; ++index)
    facts.set(kOne, index, render_labels({{"n", std::to_string(index)}}));
  facts.set(kOne, 99, "n=\"0\"");
  const std::vector<Fact> taken = std::move(facts).take();
  EXPECT_EQ(taken.size(), Facts::kMaximum);
  EXPECT_EQ(taken[0].value, 99);
}

TEST(ProbeRun, SumsAStageThatIsEnteredTwice) {
  const SteadyTime start = std::chrono::steady_clock::now();
  ProbeRun run(no_services(), start, start + 5s);
  EXPECT_EQ(run.stage(), Stage::resolve);
  run.enter(Stage::connect);
  std::this_thread::sleep_for(2ms);
  run.enter(Stage::request);
  run.enter(Stage::connect);
  const SteadyTime end = std::chrono::steady_clock::now() + 10s;
  const std::vector<StageTime> stages = run.take_stages(end);
  ASSERT_EQ(stages.size(), 2u);
  EXPECT_EQ(stages[0].stage, Stage::connect);
  EXPECT_GE(stages[0].duration, 10s + 2ms);
  EXPECT_EQ(stages[1].stage, Stage::request);
  EXPECT_LE(stages[0].duration + stages[1].duration, end - start);
  EXPECT_TRUE(run.take_stages(end).empty());
}

TEST(ProbeRun, FailsInTheStageReachedWithDetailForPeople) {
  ProbeRun run(no_services(), {}, {});
  run.enter(Stage::tls);
  const Failure failure = run.fail(Cause::protocol, "line\nbreak" + std::string(1000, 'x'));
  EXPECT_EQ(key(failure), "tls/protocol");
  EXPECT_EQ(failure.detail.substr(0, 10), "line break");
  EXPECT_EQ(failure.detail.size(), Failure::kMaximumDetail);
}

TEST(ProbeRun, TraceIsLimited) {
  ProbeRun run(no_services(), std::chrono::steady_clock::now(), {});
  for (int index = 0; index < 200; ++index)
    run.note("line " + std::to_string(index) + std::string(5000, '.'));
  const std::vector<TraceLine> trace = run.take_trace();
  ASSERT_EQ(trace.size(), ProbeRun::kMaximumTraceLines);
  EXPECT_EQ(trace[1].text.substr(0, 6), "line 1");
  EXPECT_LE(trace[0].at, trace[63].at);
  EXPECT_LE(trace[0].text.size(), 512u);
}

TEST(Problems, AreSortedByPositionAndSaidOnce) {
  Problems problems("b.yml");
  problems.add({3, 1}, "third");
  problems.add({2, 9}, "second");
  problems.add({2, 9}, "second");
  problems.add(Problem{"a.yml", {}, "first"});
  {
    const Problems::Subject subject(problems, "timeout");
    problems.add({10, 2}, "fourth");
  }
  std::string text;
  for (const Problem& problem : problems.sorted()) text += describe(problem) + "\n";
  EXPECT_EQ(text, "a.yml: first\nb.yml:2:9: second\nb.yml:3:1: third\nb.yml:10:2: timeout: fourth\n");
}

}  // namespace
}  // namespace lookout
