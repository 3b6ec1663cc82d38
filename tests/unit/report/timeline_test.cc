// Bars of stages.
#include "exporter/report/timeline.h"

#include <gtest/gtest.h>

#include "exporter/report/terminal_text.h"

namespace lookout {
namespace {

using std::chrono::milliseconds;

std::string bar(int start, int end, int whole, std::size_t cells, bool unicode = false) {
  return timeline_bar(milliseconds(start), milliseconds(end), milliseconds(whole), cells, unicode);
}

TEST(Timeline, DrawsAPartOfTheWhole) {
  EXPECT_EQ(bar(0, 100, 100, 10), "##########");
  EXPECT_EQ(bar(0, 50, 100, 10), "#####");
  EXPECT_EQ(bar(50, 100, 100, 10), "     #####");
  EXPECT_EQ(bar(0, 100, 100, 4, true), "████");
  EXPECT_EQ(bar(0, 25, 200, 4, true), "▌");
}

TEST(Timeline, ShowsWhateverTookAnyTime) {
  EXPECT_EQ(bar(0, 1, 100000, 10), "#");
  EXPECT_EQ(bar(99999, 100000, 100000, 10), "         #");
  EXPECT_EQ(bar(0, 1, 100000, 10, true), "▏");
  EXPECT_EQ(bar(0, 0, 100, 10), "");
  EXPECT_EQ(bar(0, 10, 0, 10), "");
  EXPECT_EQ(bar(0, 10, 100, 0), "");
}

// Stages may add up to a little more than the whole.
TEST(Timeline, StaysWithinItsColumns) {
  for (int start = 0; start <= 120; start += 3) {
    for (int end = start; end <= 150; end += 7) {
      EXPECT_LE(columns_of(bar(start, end, 100, 10)), 10U) << start << " " << end;
      EXPECT_LE(columns_of(bar(start, end, 100, 10, true)), 10U) << start << " " << end;
    }
  }
}

}  // namespace
}  // namespace lookout
