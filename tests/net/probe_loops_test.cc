// The loops that probe, with threads as in the program: results and answers come to the main loop, whatever
// is reloaded, refused or destroyed meanwhile. Worth most under the thread sanitizer.
#include "exporter/probe_loops.h"

#include <map>
#include <optional>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/metric_family.h>

#include "tests/support/patience.h"
#include "tests/support/probe_once.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using Targets = std::vector<std::shared_ptr<const TargetConfig>>;

void hang_on(Peer& peer) { peer.wait_for_close(); }
void say_hello(Peer& peer) {
  peer.pause(milliseconds(30));
  peer.send("hello\n");
  peer.wait_for_close();
}

const char* const kConnects = "{prober: tcp}";
const char* const kListens = "{prober: tcp, tcp: {query_response: [{expect: hello}]}}";

// `count` targets at one address, each every 100 ms.
Targets targets_at(const ScriptedServer& server, const std::string& module, int count,
                   const std::string& prefix = "target", Duration timeout = milliseconds(100)) {
  Targets targets;
  for (int i = 0; i < count; ++i) {
    TargetConfig target;
    target.name = prefix + std::to_string(i);
    target.address = server.address();
    target.interval = milliseconds(100);
    target.timeout = timeout;
    target.module = module_of(module);
    targets.push_back(std::make_shared<const TargetConfig>(std::move(target)));
  }
  return targets;
}

// A main loop on the test's thread, two loops that probe, and what came from them.
class ProbeLoopsTest : public ::testing::Test {
 protected:
  void start(std::size_t concurrency = 1000) {
    loops_.emplace(main_, 2, concurrency, metrics_, [this](auto target, const Round& round) {
      EXPECT_EQ(std::this_thread::get_id(), main_thread_);
      std::string votes;
      for (const auto& result : round) votes += (votes.empty() ? "" : " ") + key_of(result->failure);
      reports_[target->name].push_back(votes);
    });
  }

  // Runs the main loop until this holds.
  template <class Condition>
  bool comes_true(Condition condition, Duration limit = seconds(20)) {
    const SteadyTime end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      main_.run_one_for(milliseconds(10));
    }
    return true;
  }

  void ask(const ScriptedServer& server, const std::string& module, Duration timeout) {
    asio::co_spawn(main_, loops_->probe(module_of(module), {server.address(), {}}, timeout),
                   [this](std::exception_ptr exception, ProbeResult result) {
                     EXPECT_EQ(std::this_thread::get_id(), main_thread_);
                     EXPECT_FALSE(exception);
                     answers_.push_back(std::move(result));
                   });
  }

  std::size_t fewest_reports(std::size_t targets) const {
    if (reports_.size() < targets) return 0;
    std::size_t fewest = std::string::npos;
    for (const auto& [name, keys] : reports_) fewest = std::min(fewest, keys.size());
    return fewest;
  }

  int count(Verdict verdict) const {
    return static_cast<int>(
        std::count_if(answers_.begin(), answers_.end(),
                      [verdict](const ProbeResult& each) { return each.verdict == verdict; }));
  }

  double in_flight() const {
    for (const prometheus::MetricFamily& family : metrics_.collect()) {
      if (family.name == "lookout_probes_in_flight") return family.metric.at(0).gauge.value;
    }
    return -1;
  }

  const std::thread::id main_thread_ = std::this_thread::get_id();
  asio::io_context main_{1};
  asio::executor_work_guard<Executor> keep_running_{main_.get_executor()};
  SelfMetrics metrics_;
  std::map<std::string, std::vector<std::string>> reports_;  // by target, in order
  std::vector<ProbeResult> answers_;
  std::optional<ProbeLoops> loops_;
};

TEST_F(ProbeLoopsTest, every_target_is_reported_again_and_again) {
  ScriptedServer server(hang_on);
  start();
  loops_->watch(targets_at(server, kConnects, 12));
  ASSERT_TRUE(comes_true([&] { return fewest_reports(12) >= 3; }));
  for (const auto& [name, keys] : reports_) EXPECT_THAT(keys, ::testing::Each("up")) << name;
  loops_.reset();
  EXPECT_EQ(in_flight(), 0);
}

// Those that never answer wait for their deadline alone: the others go on in their intervals.
TEST_F(ProbeLoopsTest, targets_that_swallow_everything_hold_up_nobody) {
  ScriptedServer server(hang_on), hole(hang_on);
  start();
  constexpr int kWell = 60, kSwallowed = 20;
  Targets targets = targets_at(server, kConnects, kWell);
  const Targets silent = targets_at(hole, kListens, kSwallowed, "silent", seconds(30));
  targets.insert(targets.end(), silent.begin(), silent.end());
  loops_->watch(targets);
  ASSERT_TRUE(comes_true([&] { return fewest_reports(kWell) >= 10; }));
  EXPECT_EQ(reports_.size(), static_cast<std::size_t>(kWell)) << "nobody that swallows has been judged yet";
  for (const auto& [name, keys] : reports_) EXPECT_THAT(keys, ::testing::Each("up")) << name;
}

TEST_F(ProbeLoopsTest, scrape_targets_are_nobodys_business) {
  ScriptedServer server(hang_on);
  start();
  Targets targets = targets_at(server, kConnects, 2);
  TargetConfig scraped = *targets[0];
  scraped.mode = TargetMode::scrape;
  targets[0] = std::make_shared<const TargetConfig>(scraped);
  loops_->watch(targets);
  ASSERT_TRUE(comes_true([&] { return reports_["target1"].size() >= 3; }));
  EXPECT_TRUE(reports_["target0"].empty());
}

TEST_F(ProbeLoopsTest, checkpoints_are_probed_together_each_at_its_own_address) {
  ScriptedServer quick(hang_on), slow(say_hello), silent(hang_on);
  start();
  Targets targets = targets_at(quick, kListens, 1, "target", milliseconds(80));
  TargetConfig config = *targets[0];
  for (const ScriptedServer* server : {&slow, &silent, &slow}) {
    CheckpointConfig checkpoint;
    checkpoint.name = "checkpoint" + std::to_string(config.checkpoints.size());
    checkpoint.address = server->address();
    checkpoint.module = config.module;
    config.checkpoints.push_back(std::move(checkpoint));
  }
  targets[0] = std::make_shared<const TargetConfig>(config);
  loops_->watch(targets);
  ASSERT_TRUE(comes_true([&] { return reports_["target0"].size() >= 3; }));
  EXPECT_EQ(reports_["target0"].back(), "up response/timeout up");
  EXPECT_EQ(quick.connections(), 0);
  loops_.reset();
  EXPECT_EQ(in_flight(), 0);
}

TEST_F(ProbeLoopsTest, a_reload_disturbs_no_probe_in_flight) {
  ScriptedServer server(say_hello);
  start();
  const Targets before = targets_at(server, kListens, 16, "before", seconds(5));
  loops_->watch(before);
  ASSERT_TRUE(comes_true([&] { return server.connections() >= 8; }));
  for (int i = 0; i < 30; ++i) {  // of every size, so that slots of the last plan are not there in the next
    loops_->watch(Targets(before.begin(), before.begin() + (i * 7) % 16));
    main_.run_for(milliseconds(7));
  }
  loops_->watch(targets_at(server, kListens, 3, "after", seconds(5)));
  ASSERT_TRUE(comes_true([&] { return reports_["after0"].size() >= 3 && reports_["after2"].size() >= 3; }));
  const std::size_t last_of_before = reports_["before1"].size();
  main_.run_for(milliseconds(300));
  EXPECT_EQ(reports_["before1"].size(), last_of_before);
  for (const auto& [name, keys] : reports_) EXPECT_THAT(keys, ::testing::Each("up")) << name;
}

TEST_F(ProbeLoopsTest, a_pause_lets_probes_end_and_starts_none) {
  ScriptedServer server(say_hello);
  start();
  loops_->watch(targets_at(server, kListens, 6, "target", seconds(5)));
  ASSERT_TRUE(comes_true([&] { return server.connections() >= 6; }));
  loops_->pause();
  main_.run_for(milliseconds(300));
  const int connections = server.connections();
  main_.run_for(milliseconds(300));
  EXPECT_EQ(server.connections(), connections);
  std::size_t reports = 0;
  for (const auto& [name, keys] : reports_) reports += keys.size();
  EXPECT_EQ(reports, static_cast<std::size_t>(connections)) << "each probe that began was reported";
}

TEST_F(ProbeLoopsTest, answers_come_back_to_the_main_loop) {
  ScriptedServer server(say_hello);
  start();
  loops_->watch(targets_at(server, kListens, 4));
  for (int i = 0; i < 40; ++i) ask(server, kListens, seconds(10));
  ASSERT_TRUE(comes_true([&] { return answers_.size() == 40; }));
  EXPECT_EQ(count(Verdict::up), 40);
}

TEST_F(ProbeLoopsTest, more_than_the_limit_is_refused_at_once_and_judges_nobody) {
  ScriptedServer server(hang_on);
  start(6);  // three for each loop
  for (int i = 0; i < 10; ++i) ask(server, kListens, milliseconds(600));
  ASSERT_TRUE(comes_true([&] { return answers_.size() == 4; }, milliseconds(500)));
  for (const ProbeResult& refused : answers_) {
    EXPECT_EQ(refused.verdict, Verdict::inconclusive);
    EXPECT_EQ(key_of(refused.failure), "resolve/internal");
    EXPECT_THAT(refused.failure->detail, HasSubstr("too many probes"));
  }
  ASSERT_TRUE(comes_true([&] { return answers_.size() == 10; }));
  EXPECT_EQ(count(Verdict::down), 6);
  ask(server, kConnects, seconds(10));
  ASSERT_TRUE(comes_true([&] { return answers_.size() == 11; }));
  EXPECT_EQ(answers_.back().verdict, Verdict::up) << "there is room again";
}

TEST_F(ProbeLoopsTest, the_end_cuts_probes_in_flight) {
  ScriptedServer server(hang_on);
  start();
  loops_->watch(targets_at(server, kListens, 10, "target", seconds(30)));
  for (int i = 0; i < 10; ++i) ask(server, kListens, seconds(30));
  ASSERT_TRUE(comes_true([&] { return server.connections() == 20; }));
  const SteadyTime before = std::chrono::steady_clock::now();
  loops_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(5) * kPatience);
  ASSERT_TRUE(comes_true([&] { return answers_.size() == 10; }));
  EXPECT_EQ(count(Verdict::inconclusive), 10);
  EXPECT_TRUE(reports_.empty()) << "results are for a book that may be gone";
  EXPECT_EQ(in_flight(), 0);
}

TEST_F(ProbeLoopsTest, an_end_right_after_the_beginning_still_answers) {
  ScriptedServer server(hang_on);
  for (int i = 0; i < 20; ++i) {
    start();
    loops_->watch(targets_at(server, kListens, 5));
    ask(server, kListens, seconds(30));
    main_.poll();
    loops_.reset();
  }
  ASSERT_TRUE(comes_true([&] { return answers_.size() == 20; }));
  EXPECT_EQ(count(Verdict::inconclusive), 20);
}

// The main loop goes first where a program ends in the middle: what is on its way to it is thrown away.
TEST_F(ProbeLoopsTest, nobody_has_to_wait_for_an_answer) {
  ScriptedServer server(hang_on);
  start();
  for (int i = 0; i < 10; ++i) ask(server, kListens, seconds(30));
  main_.poll();
  loops_.reset();
  EXPECT_TRUE(answers_.empty());
}

}  // namespace
}  // namespace lookout::test
