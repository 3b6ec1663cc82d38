// What surrounds a target and holds its incident: maintenance, pauses, dependencies, reference targets,
// checkpoints. By the pipeline, because only there it all comes together.
#include "tests/unit/pipeline_fixture.h"

namespace lookout {
namespace {

struct PipelineHolds : PipelineTest {
  std::vector<std::string> told;  // "opened web", in order

  PipelineHolds() {
    on_event = [this](const TargetConfig& target, const IncidentEvent& event) {
      told.push_back(std::string(name(event.change)) + " " + target.name);
    };
  }
  static std::shared_ptr<TargetConfig> quick(std::string name) {
    auto config = target(std::move(name));
    config->failure_threshold = config->success_threshold = 1;
    config->interval = std::chrono::seconds(10);
    config->timeout = std::chrono::seconds(5);
    return config;
  }
  void configure(std::initializer_list<std::shared_ptr<TargetConfig>> targets,
                 std::vector<std::string> references = {}, std::vector<MaintenanceWindow> windows = {}) {
    auto snapshot = std::make_shared<Config>(config(targets));
    snapshot->reference_targets = std::move(references);
    snapshot->maintenance = std::move(windows);
    pipeline.apply(snapshot, moment(0));
  }
  static MaintenanceWindow window(std::string target, int start, int seconds) {
    MaintenanceWindow window;
    window.start = Timestamp{at(start)};
    window.duration = std::chrono::seconds(seconds);
    window.targets = {std::move(target)};
    window.reason = "upgrade";
    return window;
  }
  double suppressed(std::string_view name) const {
    const auto& held = record(name).state.held;
    return held && held->hold == Hold::dependency ? 1 : 0;
  }
};
using Told = std::vector<std::string>;

TEST_F(PipelineHolds, WhileADependencyIsDownNobodyIsToldOfWhatDependsOnIt) {
  const auto gateway = quick("gateway"), web = quick("web");
  web->depends_on = {"gateway"};
  configure({gateway, web});
  feed(*gateway, ".x");
  feed(*web, ".xx", 0);
  EXPECT_EQ(told, (Told{"opened gateway", "held web"}));
  EXPECT_EQ(record("web").state.state, State::down) << "its probing and its state go on";
  EXPECT_EQ(record("web").state.held->by, "gateway");
  EXPECT_EQ(suppressed("web"), 1);
  EXPECT_EQ(record("web").incidents, 0u);

  feed(*gateway, ".", 3);  // well again, and the web is not
  EXPECT_EQ(told, (Told{"opened gateway", "held web", "closed gateway", "opened web"}));
  EXPECT_EQ(record("web").state.incident->onset, moment(10)) << "the true one";
  EXPECT_EQ(suppressed("web"), 0);
}

TEST_F(PipelineHolds, WhatRecoversWithItsDependencyIsNeverTold) {
  const auto gateway = quick("gateway"), web = quick("web");
  web->depends_on = {"gateway"};
  configure({gateway, web});
  feed(*gateway, ".x");
  feed(*web, ".x.", 0);
  EXPECT_EQ(told, (Told{"opened gateway", "held web", "let_go web"}));
  EXPECT_EQ(record("web").state.state, State::up);
}

TEST_F(PipelineHolds, AFailureWaitsUntilItsDependencyHasBeenProbedOnceMore) {
  const auto gateway = quick("gateway"), web = quick("web");
  web->depends_on = {"gateway"};
  configure({gateway, web});
  feed(*gateway, ".");
  feed(*web, "x", 1);
  EXPECT_EQ(told, Told{"held web"}) << "the gateway was last seen well before";
  EXPECT_EQ(record("web").state.held->hold, Hold::verifying);
  feed(*gateway, "x", 2);
  EXPECT_EQ(told, (Told{"held web", "opened gateway"}));
  EXPECT_EQ(record("web").state.state, State::down);
}

TEST_F(PipelineHolds, ADependencyThatIsWellLetsTheIncidentOpenAtOnce) {
  const auto gateway = quick("gateway"), web = quick("web");
  web->depends_on = {"gateway"};
  configure({gateway, web});
  feed(*web, "x", 1);
  feed(*gateway, ".", 2);
  EXPECT_EQ(told, (Told{"held web", "opened web"}));
  EXPECT_EQ(record("web").state.incident->onset, moment(10));
}

TEST_F(PipelineHolds, ADependencyThatNeverTellsHoldsForTwoOfItsIntervalsAtMost) {
  const auto gateway = quick("gateway"), web = quick("web");
  web->depends_on = {"gateway"};
  configure({gateway, web});
  feed(*web, "x", 1);
  feed(*gateway, "?", 2);
  pipeline.look_around(moment(34));
  EXPECT_EQ(told, Told{"held web"});
  pipeline.look_around(moment(36));
  EXPECT_EQ(told, (Told{"held web", "opened web"}));
}

TEST_F(PipelineHolds, AnOutageThatOutlivesMaintenanceOpensWhenItEnds) {
  const auto web = quick("web");
  configure({web}, {}, {window("web", 15, 20)});
  feed(*web, ".");
  pipeline.look_around(moment(16));
  EXPECT_TRUE(record("web").maintenance);
  feed(*web, "xx", 2);
  EXPECT_EQ(told, Told{"held web"});
  pipeline.look_around(moment(36));
  EXPECT_FALSE(record("web").maintenance);
  EXPECT_EQ(told, (Told{"held web", "opened web"}));
  EXPECT_EQ(record("web").state.incident->onset, moment(20));
  EXPECT_EQ(recorder.open_incident("web")->held_by, "maintenance: upgrade");
}

TEST_F(PipelineHolds, WhatIsDownBeforeMaintenanceStaysOpenInIt) {
  const auto web = quick("web");
  configure({web}, {}, {window("web", 15, 20)});
  feed(*web, "xx");
  pipeline.look_around(moment(16));
  feed(*web, "x.", 2);
  EXPECT_EQ(told, (Told{"opened web", "closed web"}));
}

TEST_F(PipelineHolds, APauseHoldsUntilItIsTakenBack) {
  const auto web = quick("web");
  configure({web});
  EXPECT_TRUE(pipeline.pause("web", true, moment(0)));
  feed(*web, "xx", 1);
  EXPECT_EQ(told, Told{"held web"});
  EXPECT_TRUE(pipeline.pause("web", false, moment(30)));
  EXPECT_EQ(told, (Told{"held web", "opened web"}));
  EXPECT_FALSE(pipeline.pause("ghost", true, moment(30)));
}

TEST_F(PipelineHolds, WhileMostReferenceTargetsAreDownNothingOpensOrCloses) {
  const auto one = quick("one"), two = quick("two"), three = quick("three"), web = quick("web"),
             api = quick("api");
  configure({one, two, three, web, api}, {"one", "two", "three"});
  for (const auto& each : {one, two, three, web}) feed(*each, ".");
  feed(*api, "x", 1);
  EXPECT_EQ(told, Told{"held api"}) << "the references were last seen before";
  feed(*one, ".", 2);
  EXPECT_EQ(told, Told{"held api"});
  feed(*two, ".", 2);
  EXPECT_EQ(told, (Told{"held api", "opened api"}));
  told.clear();

  feed(*one, "x", 3);
  EXPECT_EQ(gauge("lookout_isolated"), 0);
  feed(*two, "x", 3);
  EXPECT_EQ(gauge("lookout_isolated"), 1);
  EXPECT_EQ(told, (Told{"held one", "held two"}))
      << "the references themselves are nobody's incidents either";
  feed(*web, "xxx", 4);
  feed(*api, ".", 4);
  EXPECT_EQ(record("web").state.state, State::up);
  EXPECT_EQ(record("api").state.state, State::down);
  feed(*one, ".", 6);
  EXPECT_EQ(gauge("lookout_isolated"), 0);
  feed(*one, ".", 7);
  feed(*api, ".", 7);
  EXPECT_EQ(told.back(), "closed api");
  EXPECT_EQ(journal.pending().gaps.back().reason, "isolated");
}

TEST_F(PipelineHolds, AQuorumOfCheckpointsDecidesAndTheDissentingVoteIsTold) {
  const auto web = quick("web");
  web->checkpoints = {{"direct", web->address, web->module_name, nullptr},
                      {"proxy", web->address, web->module_name, nullptr},
                      {"second", web->address, web->module_name, nullptr}};
  web->quorum = 2;
  configure({web});
  const auto vote = [&](std::string_view votes, int second) {
    Round round;
    for (const char symbol : votes)
      round.push_back(symbol == '.'   ? well(at(second))
                      : symbol == 'x' ? failed(at(second))
                                      : own_fault(at(second)));
    pipeline.on_round(*web, round, lookout::before(moment(second), -std::chrono::milliseconds(40)));
  };
  vote("...", 0);
  vote("x..", 10);
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(record("web").checkpoints[0].vote, Verdict::down);
  EXPECT_EQ(record("web").checkpoints[1].vote, Verdict::up);
  vote("x.?", 20);
  EXPECT_TRUE(told.empty()) << "a silent one votes for nobody";
  EXPECT_EQ(record("web").probes[static_cast<int>(Verdict::inconclusive)], 1u);
  vote("xx.", 30);
  EXPECT_EQ(told, Told{"opened web"});
  ASSERT_NE(recorder.open_incident("web"), nullptr);
  const Incident& incident = *recorder.open_incident("web");
  EXPECT_EQ(incident.timeline.back().what, "votes");
  EXPECT_EQ(incident.timeline.back().text,
            "direct: down (connect/refused), proxy: down (connect/refused), second: up");
  EXPECT_EQ(incident.failure.detail, "2 of 3 checkpoints failed: for people");
  vote("xx.", 40);
  vote("x..", 50);
  EXPECT_EQ(told, (Told{"opened web", "closed web"}));
  const ProbeResult& last = *record("web").last;
  EXPECT_EQ(last.verdict, Verdict::up);
  std::set<std::string> labels;
  for (const Fact& fact : last.facts) labels.insert(fact.labels);
  EXPECT_TRUE(labels.contains("checkpoint=\"direct\""));
  EXPECT_TRUE(labels.contains("checkpoint=\"proxy\",phase=\"connect\""));
}

}  // namespace
}  // namespace lookout
