// To whom a recovery is owed.
#include <gtest/gtest.h>

#include "exporter/incident/incident.h"
#include "tests/unit/incident_fixtures.h"

namespace lookout {
namespace {

RecoveryAttempt attempt(AttemptState state, int started) {
  RecoveryAttempt attempt;
  attempt.action = "restart";
  attempt.state = state;
  attempt.decided = at(started);
  if (attempt.acted()) attempt.started = at(started);
  return attempt;
}

struct Row {
  const char* what;
  std::vector<RecoveryAttempt> attempts;
  Ending ending;
  AttemptState last;  // what became of the last attempt
};

TEST(Ending, IsOwedToWhatWasDoneBeforeTheFirstSuccess) {
  using enum AttemptState;
  constexpr int kBefore = 50, kRecovered = 100, kAfter = 101;
  const std::vector<Row> rows{
      {"nothing was done", {}, Ending::itself, observed},
      {"only observed", {attempt(observed, kBefore)}, Ending::itself, observed},
      {"waited for approval", {attempt(waiting, kBefore)}, Ending::itself, withdrawn},
      {"a restart", {attempt(settling, kBefore)}, Ending::action, recovered},
      {"a restart that came too late", {attempt(settling, kAfter)}, Ending::itself, ineffective},
      {"the second", {attempt(ineffective, 20), attempt(settling, kBefore)}, Ending::action, recovered},
      {"none of them", {attempt(ineffective, 20), attempt(failed, kBefore)}, Ending::person, failed},
      {"the last came too late",
       {attempt(ineffective, 20), attempt(settling, kAfter)},
       Ending::person,
       ineffective},
      {"nobody knows", {attempt(ambiguous, kBefore)}, Ending::unknown, ambiguous},
      {"still on its way", {attempt(reserved, kBefore)}, Ending::unknown, reserved},
  };
  for (const Row& row : rows) {
    Incident incident;
    incident.recovered = at(kRecovered);
    incident.attempts = row.attempts;
    conclude_attempts(incident);
    EXPECT_EQ(name(incident.ending), name(row.ending)) << row.what;
    EXPECT_FALSE(ending_in_words(incident).empty()) << row.what;
    if (!incident.attempts.empty())
      EXPECT_EQ(name(incident.attempts.back().state), name(row.last)) << row.what;
  }
}

TEST(Ending, OfOneThatNobodyWatchesAnyMoreIsNotKnown) {
  Incident incident;
  incident.recovered = at(100);
  incident.attempts = {attempt(AttemptState::waiting, 10), attempt(AttemptState::settling, 20)};
  abandon_attempts(incident);
  EXPECT_EQ(incident.ending, Ending::unknown);
  EXPECT_EQ(incident.attempts.front().state, AttemptState::withdrawn);
  EXPECT_EQ(incident.attempts.back().state, AttemptState::ambiguous);
}

TEST(Ending, NamesAreReadBack) {
  for (const Ending ending : {Ending::none, Ending::itself, Ending::action, Ending::person, Ending::unknown})
    EXPECT_EQ(parse_ending(name(ending)), ending);
  for (std::size_t state = 0; state < kAttemptStateCount; ++state)
    EXPECT_EQ(parse_attempt_state(name(static_cast<AttemptState>(state))), static_cast<AttemptState>(state));
  EXPECT_FALSE(parse_ending("nobody"));
}

}  // namespace
}  // namespace lookout
