#include "exporter/incident/flapping.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace lookout {
namespace {

// One character per conclusive verdict: x differed from the one before, . did not.
FlapHistory after(std::string_view changes, FlapHistory history = {}) {
  for (char change : changes) history.enter(change == 'x');
  return history;
}

TEST(FlapHistory, WeighsTheNewestMost) {
  struct Row {
    std::string changes;
    double percent;
  };
  const std::string none(19, '.');
  for (const Row& row : {
           Row{"", 0},
           Row{none, 0},
           Row{std::string(20, 'x'), 100},
           Row{std::string(50, 'x'), 100},
           Row{"x", 6},               // 1.2 of 20
           Row{"x" + none, 4},        // 0.8 of 20
           Row{"x" + none + ".", 0},  // forgotten
           Row{"xx", 6 + 112.0 / 19},
       }) {
    EXPECT_DOUBLE_EQ(after(row.changes).percent(), row.percent) << row.changes;
  }
}

// One character per verdict: F while flapping.
std::string replay(std::string_view changes, FlapHistory history = {}) {
  std::string shown;
  for (char change : changes) {
    history.enter(change == 'x');
    shown += history.flapping() ? 'F' : '-';
  }
  return shown;
}

TEST(FlapHistory, BeginsAtThirtyPercentAndEndsBelowTwentyFive) {
  // Five changes in a row weigh 5.79 of 20, the sixth makes it 6.82.
  EXPECT_EQ(replay("xxxxxx"), "-----F");
  // A target that goes down and up once in a while never flaps: two changes in ten verdicts.
  EXPECT_EQ(replay("xx........xx........xx........"), std::string(30, '-'));
  // Six changes lose weight until the first of them is forgotten, 15 verdicts later.
  EXPECT_EQ(replay("xxxxxx" + std::string(20, '.')), "-----F" + std::string(14, 'F') + std::string(6, '-'));
}

TEST(FlapHistory, BetweenTheLimitsItStaysAsItWas) {
  const FlapHistory calm = after("xxxxx");
  ASSERT_GT(calm.percent(), FlapHistory::kEndPercent);
  ASSERT_LT(calm.percent(), FlapHistory::kBeginPercent);
  EXPECT_FALSE(calm.flapping());
  FlapHistory wild(calm.bits(), true);
  wild.enter(false);
  EXPECT_GT(wild.percent(), FlapHistory::kEndPercent);
  EXPECT_TRUE(wild.flapping());
}

// No history weighs 25 % exactly; those that weigh 30 % do flap.
TEST(FlapHistory, ExactlyAtTheLimit) {
  int found = 0;
  for (std::uint32_t bits = 0; bits < 1U << 20; ++bits) {
    if (FlapHistory(bits, false).percent() != FlapHistory::kBeginPercent) continue;
    FlapHistory history(bits >> 1, false);  // one verdict earlier
    history.enter((bits & 1U) != 0);
    ASSERT_EQ(history.bits(), bits);
    EXPECT_TRUE(history.flapping()) << bits;
    ++found;
  }
  EXPECT_GT(found, 0);
}

TEST(FlapHistory, IsKeptAsItsBitsAndItsFlag) {
  for (std::string_view changes : {"", "x.x", "xxxxxx", "xxxxxx......"}) {
    const FlapHistory history = after(changes);
    const FlapHistory restored(history.bits(), history.flapping());
    EXPECT_EQ(restored, history);
    EXPECT_EQ(after("x..x", restored), after("x..x", history));
  }
  EXPECT_EQ(FlapHistory(~0U, true).bits(), (1U << 20) - 1);
}

}  // namespace
}  // namespace lookout
