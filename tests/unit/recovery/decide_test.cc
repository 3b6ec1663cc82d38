// Each gate by itself, the order of all, and what counts against which limit.
#include "exporter/recovery/decide.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/incident_fixtures.h"

namespace lookout {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr int kNow = 100'000;  // seconds; the incident began ten before

// Everything that a decision looks at, in a state that lets it pass.
struct World {
  RecoveryConfig recovery;
  RecoveryPlan plan;
  Ledger ledger;
  RecoveryMode mode = RecoveryMode::automatic;
  std::string incident = "i2";
  TargetState state;
  std::optional<Verdict> newest = Verdict::down;
  int newest_started = kNow - 1;
  Circumstances circumstances;
  int targets = 10, down = 1, unsure = 0;
  std::string not_leading, unknown, asked_by;
  int attempts = 0;

  World() {
    recovery.actions["restart"].exec.emplace();
    recovery.actions["standby"].exec.emplace();
    plan.steps = {{.when = {{Stage::connect, Cause::refused}, {std::nullopt, Cause::timeout}},
                   .action = "restart",
                   .note = {},
                   .attempts = 2,
                   .settle = 10s,
                   .fail_back = {}},
                  {.when = {{Stage::tls, std::nullopt}},
                   .action = "none",
                   .note = "a restart never renews a certificate",
                   .attempts = 1,
                   .settle = 10s,
                   .fail_back = {}},
                  {.when = {{std::nullopt, Cause::refused}},
                   .action = "standby",
                   .note = {},
                   .attempts = 1,
                   .settle = 10s,
                   .fail_back = {}}};
    state.state = State::down;
    state.failures_in_row = 3;
    fail_with(Stage::connect, Cause::refused);
  }

  void fail_with(Stage stage, Cause cause) {
    const Failure failure{stage, cause, ""};
    state.incident = Outage{moment(kNow - 10), moment(kNow - 5), failure, failure, false};
  }

  RecoveryAttempt& add(AttemptState attempt_state, int ago, std::string in = "i2", std::size_t step = 0) {
    RecoveryAttempt attempt;
    attempt.id = "a" + std::to_string(attempts++);
    attempt.incident = std::move(in);
    attempt.target = "shop";
    attempt.action = plan.steps.at(step).action;
    attempt.step = step;
    attempt.failure = "connect/refused";
    attempt.state = attempt_state;
    attempt.decided = at(kNow - ago);
    attempt.ended = attempt.settled = at(kNow - ago);
    added = attempt;
    ledger.put(attempt);
    return added;
  }

  Situation situation() const {
    return {.recovery = recovery,
            .plan = plan,
            .ledger = ledger,
            .mode = mode,
            .target = "shop",
            .incident = incident,
            .state = state,
            .newest = newest,
            .newest_started = at(newest_started),
            .circumstances = circumstances,
            .targets = targets,
            .down = down,
            .unsure = unsure,
            .not_leading = not_leading,
            .unknown = unknown,
            .asked_by = asked_by,
            .approved = approved,
            .now = at(kNow)};
  }
  Decision decision() const { return decide(situation()); }

  RecoveryAttempt added;
  const RecoveryAttempt* approved = nullptr;
};

std::string refused_by(const World& world) {
  const Decision decision = world.decision();
  return decision.refused ? std::string(name(*decision.refused)) : "-";
}

TEST(Decide, acts_when_nothing_is_in_the_way) {
  const Decision decision = World().decision();
  EXPECT_FALSE(decision.refused);
  EXPECT_EQ(decision.step, 0U);
}

struct Row {
  const char* what;
  const char* gate;
  std::function<void(World&)> change;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows{
      {"off", "mode", [](World& w) { w.mode = RecoveryMode::off; }},
      {"no incident", "incident", [](World& w) { w.incident.clear(); }},
      {"recovering", "incident", [](World& w) { w.state.failures_in_row = 0; }},
      {"an action is on its way", "incident", [](World& w) { w.add(AttemptState::reserved, 5); }},
      {"it waits for approval", "incident", [](World& w) { w.add(AttemptState::waiting, 5); }},
      {"that of an earlier incident", "incident", [](World& w) { w.add(AttemptState::reserved, 5, "i1"); }},
      {"no failure since it has settled", "incident",
       [](World& w) {
         w.plan.cooldown = 0s;
         w.add(AttemptState::settling, 0);
       }},
      {"no alert asked", "incident", [](World& w) { w.plan.trigger = PlanTrigger::alertmanager; }},
      {"isolated", "conclusive", [](World& w) { w.circumstances.isolated = true; }},
      {"inconclusive", "conclusive", [](World& w) { w.newest = Verdict::inconclusive; }},
      {"maintenance", "maintenance", [](World& w) { w.circumstances.hold = Hold::maintenance; }},
      {"paused", "maintenance", [](World& w) { w.circumstances.hold = Hold::paused; }},
      {"a dependency", "dependency",
       [](World& w) { w.circumstances = {false, Hold::dependency, "gateway"}; }},
      {"not verified", "dependency", [](World& w) { w.circumstances = {false, Hold::verifying, "gateway"}; }},
      {"flapping", "flapping", [](World& w) { w.state.flaps = FlapHistory(0xFFFFF, true); }},
      {"no step", "plan", [](World& w) { w.fail_with(Stage::match, Cause::mismatch); }},
      {"none", "plan", [](World& w) { w.fail_with(Stage::tls, Cause::certificate_expired); }},
      {"all steps tried", "plan",
       [](World& w) {
         w.plan.cooldown = 0s;
         w.plan.max_attempts_per_incident = 10;
         for (const std::size_t step : {0U, 0U, 2U}) w.add(AttemptState::ineffective, 60, "i2", step);
       }},
      {"many are down", "brake", [](World& w) { w.down = 5; }},
      {"many may be down", "brake", [](World& w) { w.unsure = 4; }},
      {"another leads", "leader", [](World& w) { w.not_leading = "another Lookout holds it"; }},
      {"attempts of the incident", "attempts",
       [](World& w) {
         w.plan.max_attempts_per_incident = 1;
         w.add(AttemptState::ineffective, 3000);
       }},
      {"attempts of the day", "attempts",
       [](World& w) {
         w.plan.max_attempts_per_day = 2;
         w.add(AttemptState::recovered, 80'000, "i1");
         w.add(AttemptState::failed, 7000, "i1");
       }},
      {"cooldown", "cooldown", [](World& w) { w.add(AttemptState::recovered, 299, "i1"); }},
      {"budget", "budget",
       [](World& w) {
         w.recovery.max_actions_per_hour = 1;
         RecoveryAttempt other = w.add(AttemptState::recovered, 3599, "i1");
         w.ledger = Ledger();
         other.target = "bank";
         w.ledger.put(other);
       }},
      {"nothing may be done at all", "budget", [](World& w) { w.recovery.max_actions_per_hour = 0; }},
      {"the past is not known", "budget", [](World& w) { w.unknown = "the journal has not been read"; }},
      {"breaker", "breaker",
       [](World& w) {
         for (int i = 5; i > 0; --i) w.add(AttemptState::ineffective, 5000 * i, "i1");
       }},
      {"an action that is gone", "scope", [](World& w) { w.recovery.actions.erase("restart"); }},
  };
  return kRows;
}

TEST(Decide, each_gate_refuses) {
  for (const Row& row : rows()) {
    World world;
    row.change(world);
    EXPECT_EQ(refused_by(world), row.gate) << row.what;
    EXPECT_FALSE(world.decision().why.empty()) << row.what;
  }
}

// The gates stand in the order of their enumeration: of two that refuse, the first is told.
TEST(Decide, the_first_gate_that_refuses_is_told) {
  const auto position = [](const std::string& gate) {
    std::size_t i = 0;
    while (i < kGateCount && name(static_cast<RecoveryGate>(i)) != gate) ++i;
    return i;
  };
  // Those that change the same thing in another way, so that both cannot be had at once.
  const auto exclude = [](const Row& one, const Row& other) {
    World both, alone;
    one.change(both);
    other.change(both);
    other.change(alone);
    return both.ledger.all().size() < alone.ledger.all().size() ||
           both.state.failures_in_row != alone.state.failures_in_row;
  };
  int tried = 0;
  for (const Row& one : rows()) {
    for (const Row& other : rows()) {
      if (position(one.gate) >= position(other.gate) || exclude(one, other)) continue;
      World world;
      other.change(world);
      one.change(world);
      const std::string gate = refused_by(world);
      EXPECT_LE(position(gate), position(one.gate)) << one.what << " and " << other.what << ": " << gate;
      ++tried;
    }
  }
  EXPECT_GT(tried, 200);
}

TEST(Decide, what_ends_this_incidents_attempts_needs_a_person) {
  for (const Row& row : rows()) {
    World world;
    row.change(world);
    const std::string gate = row.gate;
    EXPECT_EQ(world.decision().exhausted, gate == "plan" || gate == "attempts") << row.what;
  }
}

TEST(Decide, goes_from_step_to_step) {
  World world;
  world.plan.cooldown = 0s;
  EXPECT_EQ(world.decision().step, 0U);
  world.add(AttemptState::ineffective, 50);
  EXPECT_EQ(world.decision().step, 0U);
  world.add(AttemptState::ineffective, 30);
  EXPECT_EQ(world.decision().step, 2U);
}

TEST(Decide, does_not_repeat_what_may_have_been_done) {
  World world;
  world.plan.cooldown = 0s;
  world.add(AttemptState::ambiguous, 50);
  EXPECT_EQ(refused_by(world), "-");
  EXPECT_EQ(world.decision().step, 2U);
}

TEST(Decide, does_not_ask_again_for_what_nobody_approved) {
  World world;
  world.mode = RecoveryMode::approve;
  world.add(AttemptState::expired, 50);
  EXPECT_EQ(world.decision().step, 2U);
}

TEST(Decide, an_approved_attempt_is_judged_as_if_it_were_new) {
  World world;
  world.mode = RecoveryMode::approve;
  world.add(AttemptState::waiting, 50);
  EXPECT_EQ(refused_by(world), "incident");
  world.approved = world.ledger.find("a0");
  EXPECT_EQ(refused_by(world), "-");
  world.down = 9;
  EXPECT_EQ(refused_by(world), "brake");
}

TEST(Decide, observes_a_failure_once) {
  World world;
  world.mode = RecoveryMode::observe;
  EXPECT_EQ(refused_by(world), "-");
  world.add(AttemptState::observed, 50);
  EXPECT_EQ(refused_by(world), "incident");
  world.fail_with(Stage::response, Cause::timeout);
  EXPECT_EQ(refused_by(world), "-");
}

TEST(Decide, what_was_only_observed_counts_against_nothing) {
  World world;
  for (int i = 20; i > 0; --i) world.add(AttemptState::observed, i, "i1");
  for (int i = 20; i > 0; --i) world.add(AttemptState::withdrawn, i);
  EXPECT_EQ(refused_by(world), "-");
}

TEST(Decide, a_failure_after_the_time_to_settle_is_needed) {
  World world;
  world.plan.cooldown = 0s;
  world.add(AttemptState::settling, 5);
  world.newest_started = kNow - 6;
  EXPECT_EQ(refused_by(world), "incident");
  world.newest_started = kNow - 5;
  EXPECT_EQ(refused_by(world), "-");
}

TEST(Decide, an_alert_may_ask) {
  World world;
  world.plan.trigger = PlanTrigger::alertmanager;
  world.asked_by = "the alert ShopDown";
  EXPECT_EQ(refused_by(world), "-");
}

TEST(Decide, the_brake_needs_both_a_number_and_a_part) {
  World world;
  world.down = 3;
  EXPECT_EQ(refused_by(world), "-") << "3 of 10 are no half";
  world.targets = 3;
  EXPECT_EQ(refused_by(world), "brake");
  world.down = world.targets = 2;
  EXPECT_EQ(refused_by(world), "-") << "two are below min_targets";
}

TEST(Decide, cooldown_grows_with_what_did_not_help) {
  RecoveryPlan plan;
  plan.cooldown = 5min;
  EXPECT_EQ(cooldown_after(plan, 0), 5min);
  EXPECT_EQ(cooldown_after(plan, 1), 5min);
  EXPECT_EQ(cooldown_after(plan, 2), 10min);
  EXPECT_EQ(cooldown_after(plan, 4), 40min);
  EXPECT_EQ(cooldown_after(plan, 5), 1h);
  EXPECT_EQ(cooldown_after(plan, 1'000'000), 1h);
  plan.cooldown = 2h;
  EXPECT_EQ(cooldown_after(plan, 9), 2h);
}

TEST(Decide, the_breaker_allows_one_trial_after_its_wait) {
  World world;
  world.recovery.breaker = {.after = 2, .wait = 6h};
  world.add(AttemptState::ineffective, 30'000, "i0");
  world.add(AttemptState::failed, 21'601, "i1");
  EXPECT_EQ(refused_by(world), "-");
  world.add(AttemptState::ineffective, 4'000, "i1");
  EXPECT_EQ(refused_by(world), "breaker");
  world.add(AttemptState::recovered, 3'900, "i1");
  EXPECT_EQ(refused_by(world), "-");
}

TEST(Decide, attempts_of_the_future_count) {
  World world;  // the clock was set back
  world.add(AttemptState::recovered, -5000, "i1");
  EXPECT_EQ(refused_by(world), "cooldown");
}

TEST(DecideFailBack, waits_until_all_is_well) {
  World world;
  world.incident.clear();
  const FailBack fail_back{"standby", 10min, ""};
  const auto refused = [&](std::optional<WallTime> since) {
    const Decision decision = decide_fail_back(world.situation(), fail_back, since);
    return decision.refused ? std::string(name(*decision.refused)) : "-";
  };
  EXPECT_EQ(refused(std::nullopt), "incident");
  EXPECT_EQ(refused(at(kNow - 599)), "incident");
  EXPECT_EQ(refused(at(kNow - 600)), "-");
  world.incident = "i3";
  EXPECT_EQ(refused(at(kNow - 600)), "incident");
  world.incident.clear();
  world.recovery.max_actions_per_hour = 0;
  EXPECT_EQ(refused(at(kNow - 600)), "budget");
}

TEST(Ledger, forgets_what_no_limit_looks_back_to) {
  World world;
  const int days = 86'400;
  world.add(AttemptState::recovered, 9 * days, "i0");
  world.add(AttemptState::settling, 9 * days, "i0");
  world.add(AttemptState::recovered, 7 * days, "i1");
  world.ledger.forget(at(kNow));
  EXPECT_EQ(world.ledger.all().size(), 2U);
  EXPECT_EQ(world.ledger.find("a0"), nullptr);
}

TEST(Ledger, takes_the_newer_version_of_an_attempt) {
  World world;
  RecoveryAttempt attempt = world.add(AttemptState::reserved, 10);
  attempt.state = AttemptState::failed;
  world.ledger.put(attempt);
  ASSERT_EQ(world.ledger.all().size(), 1U);
  EXPECT_EQ(world.ledger.find("a0")->state, AttemptState::failed);
}

}  // namespace
}  // namespace lookout
