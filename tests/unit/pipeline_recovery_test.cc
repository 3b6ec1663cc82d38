// From failing probes to what is done about them, with actions that only say that they were done.
#include <gmock/gmock.h>

#include "tests/unit/pipeline_recovery_fixture.h"

namespace lookout {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(RecoveryTest, a_restart_that_helps) {
  feed(".x.");
  EXPECT_THAT(done, ElementsAre(".1 connect/refused"));
  EXPECT_THAT(states(), ElementsAre("restart recovered"));
  EXPECT_EQ(incident().ending, Ending::action);
  EXPECT_EQ(incident().attempts.front().result, "exit status 0");
  EXPECT_EQ((book.find("shop")->recovery.actions.at({"restart", AttemptState::recovered})), 1U);
}

TEST_F(RecoveryTest, escalates_only_after_a_failure_that_began_after_the_time_to_settle) {
  feed("x");  // acts at 5, settled at 15
  feed("x");  // 10
  EXPECT_THAT(done, ElementsAre(".1 connect/refused"));
  feed("x");  // 15
  EXPECT_THAT(done, ElementsAre(".1 connect/refused", ".2 connect/refused"));
  EXPECT_THAT(states(), ElementsAre("restart ineffective", "standby settling"));
  EXPECT_FALSE(exhausted());
  feed("xxx");
  EXPECT_TRUE(exhausted());
  EXPECT_EQ(done.size(), 2U);
  feed(".");
  EXPECT_FALSE(exhausted());
  EXPECT_EQ(incident().ending, Ending::person);
}

TEST_F(RecoveryTest, what_recovers_by_itself_is_left_alone) {
  shop->failure_threshold = 2;
  feed(".x.");
  EXPECT_THAT(done, IsEmpty());
}

TEST_F(RecoveryTest, observe_touches_nothing) {
  settings.recovery.mode = RecoveryMode::observe;
  begin();
  feed("xxxxx");
  EXPECT_THAT(done, IsEmpty());
  EXPECT_THAT(states(), ElementsAre("restart observed"));
  EXPECT_FALSE(exhausted());
  feed(".");
  EXPECT_EQ(last_ended.ending, Ending::itself);
  EXPECT_EQ(last_ended.attempts.size(), 1U);
  EXPECT_THAT(states(), IsEmpty()) << "it counts against nothing, and is not remembered";
}

TEST_F(RecoveryTest, what_was_approved_late_counts_from_then) {
  settings.recovery.mode = RecoveryMode::approve;
  settings.recovery.max_actions_per_hour = 1;
  settings.recovery.approval_expires = 3h;
  begin();
  feed("x");
  const std::string id = recovery->ledger().all().front()->id;
  second += 7200;
  feed("x");
  EXPECT_TRUE(recovery->approve(id, "ann", moment(second)).accepted);
  turn();
  EXPECT_EQ(recovery->ledger().acted_since(at(second - 3600)), 1);
}

TEST_F(RecoveryTest, a_decision_of_a_plan_that_has_changed_is_not_carried_out) {
  settings.recovery.mode = RecoveryMode::approve;
  begin();
  feed("x");
  const std::string id = recovery->ledger().all().front()->id;
  settings.recovery.plans["plan"].steps[0].action = "back";
  pipeline->apply(std::make_shared<const Config>(settings), moment(second));
  EXPECT_FALSE(recovery->approve(id, "ann", moment(second)).accepted);
  turn();
  EXPECT_THAT(done, IsEmpty());
  EXPECT_THAT(states(), Contains("restart withdrawn"));
}

TEST_F(RecoveryTest, several_attempts_are_undone_once) {
  for (RecoveryStep& step : settings.recovery.plans["plan"].steps) {
    step.action = "standby";
    step.fail_back = FailBack{"back", 60s, ""};
  }
  begin();
  feed("xxx.");
  ASSERT_EQ(done.size(), 2U);
  second += 60;
  look_around();
  look_around();
  EXPECT_EQ(done.size(), 3U);
  EXPECT_THAT(states(), ElementsAre("standby ineffective", "standby recovered", "back recovered"));
}

TEST_F(RecoveryTest, a_stopping_lookout_begins_nothing) {
  recovery->stop();
  feed("xxx");
  EXPECT_THAT(done, IsEmpty());
}

TEST_F(RecoveryTest, a_target_that_leaves_while_it_is_helped_was_not_seen_to_recover) {
  hangs = true;
  feed("x");
  settings.targets.clear();
  pipeline->apply(std::make_shared<const Config>(settings), moment(second));
  hangs = false;
  turn();
  EXPECT_THAT(states(), ElementsAre("restart ambiguous"));
  EXPECT_EQ(last_ended.ending, Ending::unknown);
}

TEST_F(RecoveryTest, without_a_journal_that_lasts_nothing_is_touched) {
  bounds.remembers = false;
  begin();
  feed("xxx");
  EXPECT_THAT(done, IsEmpty());
  EXPECT_THAT(states(), ElementsAre("restart observed"));
}

TEST_F(RecoveryTest, a_person_approves) {
  settings.recovery.mode = RecoveryMode::approve;
  begin();
  feed("xx");
  EXPECT_THAT(done, IsEmpty());
  ASSERT_THAT(states(), ElementsAre("restart waiting"));
  const std::string id = recovery->ledger().all().front()->id;
  EXPECT_FALSE(recovery->approve("nonsense", "ann", moment(second)).accepted);
  EXPECT_TRUE(recovery->approve(id, "ann", moment(second)).accepted);
  EXPECT_FALSE(recovery->approve(id, "bob", moment(second)).accepted) << "twice";
  turn();
  EXPECT_EQ(done.size(), 1U);
  feed(".");
  EXPECT_THAT(states(), ElementsAre("restart recovered"));
  EXPECT_EQ(incident().attempts.front().by, "ann");
}

TEST_F(RecoveryTest, an_approval_expires) {
  settings.recovery.mode = RecoveryMode::approve;
  settings.recovery.approval_expires = 60s;
  begin();
  feed("x");
  second += 61;
  look_around();
  feed("x");
  EXPECT_THAT(states(), ElementsAre("restart expired", "standby waiting"));
}

TEST_F(RecoveryTest, who_recovers_meanwhile_needs_no_approval) {
  settings.recovery.mode = RecoveryMode::approve;
  begin();
  feed("x.");
  EXPECT_THAT(states(), ElementsAre("restart withdrawn"));
}

TEST_F(RecoveryTest, a_relapse_shows_that_it_did_not_help) {
  feed("x.x");
  EXPECT_THAT(states(), ElementsAre("restart ineffective", "restart settling"));
  EXPECT_EQ((book.find("shop")->recovery.actions.at({"restart", AttemptState::ineffective})), 1U);
}

TEST_F(RecoveryTest, later_it_is_another_outage) {
  feed("x.");
  second += 600;
  feed("x");
  EXPECT_THAT(states(), ElementsAre("restart recovered", "restart settling"));
}

TEST_F(RecoveryTest, a_failed_action_is_followed_by_the_next) {
  result = {ActionEnd::failed, "exit status 5", "no such unit"};
  feed("x");
  EXPECT_THAT(states(), ElementsAre("restart failed"));
  feed("xx");
  EXPECT_THAT(states(), ElementsAre("restart failed", "standby failed"));
  EXPECT_EQ(incident().attempts.front().output, "no such unit");
}

TEST_F(RecoveryTest, while_an_action_hangs_nothing_else_is_done_and_probes_are_judged) {
  hangs = true;
  feed("xxxxxx");
  EXPECT_EQ(done.size(), 1U);
  EXPECT_TRUE(recovery->acting());
  EXPECT_EQ(book.find("shop")->state.failures_in_row, 6);
  feed(".");  // by itself meanwhile
  EXPECT_EQ(recorder->open_incident("shop"), nullptr);
  hangs = false;
  turn();
  EXPECT_FALSE(recovery->acting());
  EXPECT_THAT(states(), ElementsAre("restart recovered"));
  EXPECT_EQ(incident().ending, Ending::action) << "it had begun before the first success";
}

TEST_F(RecoveryTest, a_refusal_is_told_once) {
  settings.recovery.max_actions_per_hour = 0;
  begin();
  feed("xxxx");
  look_around();
  EXPECT_EQ(refusals(RecoveryGate::budget), 1U);
  const Incident& open = *recorder->open_incident("shop");
  EXPECT_EQ(std::ranges::count(open.timeline, "refused", &TimelineEntry::what), 1);
}

TEST_F(RecoveryTest, a_stop_holds_at_once_and_over_a_restart) {
  recovery->set_bound(RecoveryMode::observe);
  feed("x");
  EXPECT_THAT(done, IsEmpty());
  Restored restored;
  restored.instance["recovery_bound"] = static_cast<std::int64_t>(RecoveryMode::observe);
  begin(restored);
  EXPECT_EQ(recovery->mode(), RecoveryMode::observe);
  recovery->set_bound(RecoveryMode::automatic);
  feed("x");
  EXPECT_EQ(done.size(), 1U);
}

TEST_F(RecoveryTest, what_was_reserved_when_the_process_ended_is_not_done_again) {
  feed("x");
  Restored restored;
  Incident left = *recorder->open_incident("shop");
  left.attempts.front().state = AttemptState::reserved;
  left.attempts.front().ended.reset();
  restored.open = {left};
  restored.targets["shop"].state = book.find("shop")->state;
  done.clear();
  book.apply(Config());  // forgets, as a new process
  recorder.emplace(journal);
  begin(restored);
  EXPECT_THAT(states(), ElementsAre("restart ambiguous"));
  feed("xx");
  EXPECT_THAT(states(), ElementsAre("restart ambiguous", "standby settling"));
}

TEST_F(RecoveryTest, nothing_is_done_while_the_past_is_not_known) {
  begin_unread();
  recovery->begin_journal_anew();
  feed("x");
  EXPECT_THAT(done, IsEmpty());
  EXPECT_EQ(refusals(RecoveryGate::budget), 1U);
  second = 24 * 3600;
  feed("x");
  EXPECT_EQ(done.size(), 1U);
}

TEST_F(RecoveryTest, a_rehearsal_says_what_would_be_done_and_does_nothing) {
  feed(".");
  TargetState pretended;
  pretended.state = State::down;
  pretended.failures_in_row = 1;
  pretended.row_start = moment(second + 1);
  const Failure refused{Stage::connect, Cause::refused, {}};
  pretended.incident = Outage{pretended.row_start, pretended.row_start, refused, refused};
  const auto rehearse = [&] { return recovery->rehearse("shop", "d", pretended, {}, moment(second + 2)); };
  EXPECT_EQ(rehearse(), "would have run restart");
  settings.recovery.mode = RecoveryMode::approve;
  pipeline->apply(std::make_shared<const Config>(settings), moment(second));
  EXPECT_EQ(rehearse(), "would have waited for a person to approve restart");
  settings.recovery.mode = RecoveryMode::observe;
  pipeline->apply(std::make_shared<const Config>(settings), moment(second));
  EXPECT_EQ(rehearse(), "would have run restart, if recovery did more than observe");
  settings.recovery.plans["plan"].steps[0].when = {FailurePattern{Stage::tls, std::nullopt}};
  settings.recovery.plans["plan"].steps.resize(1);
  pipeline->apply(std::make_shared<const Config>(settings), moment(second));
  EXPECT_EQ(rehearse(), "would have done nothing (plan): no step is for connect/refused");
  settings.recovery.mode = RecoveryMode::off;
  pipeline->apply(std::make_shared<const Config>(settings), moment(second));
  EXPECT_EQ(rehearse(), "would have done nothing (mode): recovery is off");
  EXPECT_EQ(recovery->rehearse("nobody", "d", pretended, {}, moment(second)), "");
  turn();
  EXPECT_TRUE(done.empty());
  EXPECT_TRUE(recovery->ledger().all().empty());
  EXPECT_EQ(recorder->open_incident("shop"), nullptr);
}

TEST_F(RecoveryTest, an_alert_asks) {
  settings.recovery.plans["plan"].trigger = PlanTrigger::alertmanager;
  begin();
  EXPECT_FALSE(recovery->ask("shop", "the alert ShopDown", moment(second)).accepted) << "no incident";
  feed("xx");
  EXPECT_THAT(done, IsEmpty());
  EXPECT_TRUE(recovery->ask("shop", "the alert ShopDown", moment(second)).accepted);
  turn();
  EXPECT_EQ(done.size(), 1U);
  EXPECT_FALSE(recovery->ask("nobody", "the alert ShopDown", moment(second)).accepted);
}

TEST_F(RecoveryTest, fails_back_when_all_has_been_well_for_long_enough) {
  RecoveryStep& step = settings.recovery.plans["plan"].steps[0];
  step.action = "standby";
  step.fail_back = FailBack{"back", 60s, ""};
  begin();
  feed("x.");  // up since 10
  second = 69;
  look_around();
  EXPECT_EQ(done.size(), 1U);
  second = 70;
  look_around();
  EXPECT_EQ(done.size(), 2U);
  look_around();
  EXPECT_EQ(done.size(), 2U) << "once";
  EXPECT_THAT(states(), ElementsAre("standby recovered", "back recovered"));
  EXPECT_EQ(incident().attempts.size(), 2U);
}

// All at once: not one of them is touched, though somebody must be the first to be seen down.
TEST_F(RecoveryTest, a_mass_outage_touches_nothing) {
  const auto all = watch_many(40);
  begin();
  for (const std::string_view probe : {".", "x", "x"}) feed_all(probe, all);
  EXPECT_THAT(done, IsEmpty());
}

TEST_F(RecoveryTest, nor_does_one_that_is_there_at_the_start) {
  const auto all = watch_many(40);
  begin();
  for (const std::string_view probe : {"x", "x"}) feed_all(probe, all);
  EXPECT_THAT(done, IsEmpty());
}

TEST_F(RecoveryTest, one_of_many_is_helped_once_the_others_have_been_probed) {
  std::vector<std::shared_ptr<TargetConfig>> all;
  for (int i = 0; i < 4; ++i) all.push_back(target("t" + std::to_string(i)));
  settings.targets.assign(all.begin(), all.end());
  settings.targets.push_back(shop);
  begin();
  for (const auto& each : all) feed(".", each);
  feed(".x");
  EXPECT_THAT(done, IsEmpty()) << "the others may be down as well";
  for (const auto& each : all) feed(".", each);
  feed("x");
  EXPECT_EQ(done.size(), 1U);
}

TEST_F(RecoveryTest, one_budget_for_all) {
  const auto all = watch_many(30);
  settings.recovery.brake.down_fraction = 1;
  settings.recovery.brake.min_targets = 1000;
  settings.recovery.max_actions_per_hour = 7;
  begin();
  for (const auto& each : all) feed("x", each);
  EXPECT_EQ(done.size(), 7U);
}

}  // namespace
}  // namespace lookout
