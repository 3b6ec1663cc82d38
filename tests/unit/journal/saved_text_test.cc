#include "exporter/journal/saved_text.h"

#include <gtest/gtest.h>

#include "tests/unit/journal/journal_fixtures.h"

namespace lookout {
namespace {

TEST(SavedText, AStateComesBackWithTimesThatStillCanBeSubtracted) {
  SavedTarget saved{down_state(), true};
  saved.state.incident->failure.detail = "plain";
  const Moment later = moment(1000);
  const auto loaded = load_target(save_target(saved), later);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(*loaded, saved);
  EXPECT_EQ(elapsed(loaded->state.incident->onset, later), std::chrono::seconds(990));
}

TEST(SavedText, AHeldOutageComesBackWithWhatHoldsIt) {
  TargetState state;
  state.state = State::down;
  state.failures_in_row = 1;
  Outage held = outage(0, 1);
  held.failure.detail.clear();
  state.held = HeldOutage{held, Hold::dependency, "gateway"};
  state.row_start = moment(0);
  const auto loaded = load_target(save_target({state, false}), moment(5));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->state, state);
}

TEST(SavedText, AClockSetBackWhileLookoutWasAwayGivesNoNegativeTimes) {
  const auto loaded = load_target(save_target({down_state(), false}), moment(-5000));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(elapsed(loaded->state.incident->onset, moment(-5000)), Duration::zero());
}

TEST(SavedText, AnIncidentComesBackWhole) {
  for (const Incident& each : {incident("1", "a", 100), ended(incident("2", "b\"", 50), 80)}) {
    const auto loaded = load_incident(save_incident(each));
    ASSERT_TRUE(loaded);
    EXPECT_EQ(*loaded, each);
  }
}

TEST(SavedText, AttemptsComeBackWithTheirIncident) {
  Incident each = ended(incident("1", "a", 100), 140);
  for (std::size_t state = 0; state < kAttemptStateCount; ++state)
    each.attempts.push_back(attempt_of(each, static_cast<int>(state), 110, static_cast<AttemptState>(state)));
  each.ending = Ending::action;
  const auto loaded = load_incident(save_incident(each));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(*loaded, each);
}

TEST(SavedText, AnAttemptThatCannotBeReadMayHaveBeenCarriedOut) {
  const auto loaded = load_incident(R"({"id":"1","attempts":[{"state":"from the future"},7]})");
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->attempts.size(), 2U);
  for (const RecoveryAttempt& attempt : loaded->attempts) EXPECT_EQ(attempt.state, AttemptState::ambiguous);
}

TEST(SavedText, BytesThatAreNoUtf8AreRepairedAndNotLost) {
  Incident each = incident("1", "a", 100);
  each.failure = refused();
  const auto loaded = load_incident(save_incident(each));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->failure.detail, "127.0.0.1 refused \"it\"\n\xEF\xBF\xBD");
}

TEST(SavedText, WhatIsMissingHasItsDefaultAndWhatIsUnreadableIsNothing) {
  const auto sparse = load_target(R"({"state":"up","from_the_future":[1,2]})", moment(0));
  ASSERT_TRUE(sparse);
  EXPECT_EQ(sparse->state.state, State::up);
  EXPECT_EQ(sparse->state.failures_in_row, 0);
  EXPECT_FALSE(sparse->state.incident);
  EXPECT_FALSE(sparse->paused);
  for (const char* text : {"", "[]", "{", "null", R"({"state":"sideways"})", "{}", "\xFF"}) {
    EXPECT_FALSE(load_target(text, moment(0))) << text;
  }
  EXPECT_FALSE(load_incident("[1]"));
  EXPECT_TRUE(load_incident(R"({"id":1,"timeline":[1,{"at":"x"}],"labels":[]})"));
}

}  // namespace
}  // namespace lookout
