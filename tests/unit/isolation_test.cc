#include "exporter/incident/isolation.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace lookout {
namespace {

// One character per reference target: - up, x down, . neither yet.
TEST(Isolation, WhenMoreThanHalfOfTheReferencesAreDown) {
  struct Case {
    std::string_view references;
    bool isolated;
  };
  for (const Case& each : {Case{"", false}, Case{"-", false}, Case{"x", true}, Case{".", false},
                           Case{"x-", false}, Case{"xx", true}, Case{"xx-", true}, Case{"x--", false},
                           Case{"xx--", false}, Case{"xxx-", true}, Case{"x..", false}, Case{"xx.", true}}) {
    std::vector<std::optional<Verdict>> verdicts;
    for (char symbol : each.references)
      verdicts.push_back(symbol == '-'   ? std::optional(Verdict::up)
                         : symbol == 'x' ? std::optional(Verdict::down)
                                         : std::nullopt);
    EXPECT_EQ(isolated_by(verdicts), each.isolated) << each.references;
    std::ranges::replace(verdicts, std::optional<Verdict>(), std::optional(Verdict::inconclusive));
    EXPECT_EQ(isolated_by(verdicts), each.isolated) << each.references;
  }
}

}  // namespace
}  // namespace lookout
