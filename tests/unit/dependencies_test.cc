#include "exporter/incident/dependencies.h"

#include <initializer_list>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/incident_fixtures.h"

namespace lookout {
namespace {

struct Row {
  const char* name;
  std::vector<std::string> depends_on;
};

Dependencies of(std::initializer_list<Row> rows) {
  auto made = std::make_shared<Config>();
  for (const Row& row : rows) {
    auto each = target(row.name);
    each->depends_on = row.depends_on;
    made->targets.push_back(each);
  }
  return Dependencies(std::move(made));
}

std::string words(const Dependencies::Names& names) {
  std::string text;
  for (const std::string* name : names) text += *name + " ";
  return text;
}

//           shop
//          /    '
//       api      cdn
//        | '    /
//       db  switch
//        |    |
//        | gateway
//         '  |
//          power
Dependencies network() {
  return of({{"power", {}},
             {"gateway", {"power"}},
             {"switch", {"gateway"}},
             {"db", {"power"}},
             {"api", {"db", "switch"}},
             {"cdn", {"switch"}},
             {"shop", {"api", "cdn"}},
             {"alone", {}}});
}

TEST(Dependencies, NearestFirstAndEachOnce) {
  const Dependencies graph = network();
  EXPECT_EQ(words(graph.dependencies("shop")), "api cdn db switch power gateway ");
  EXPECT_EQ(words(graph.dependencies("power")), "");
  EXPECT_EQ(words(graph.dependents("power")), "gateway db switch api cdn shop ");
  EXPECT_EQ(words(graph.dependents("switch")), "api cdn shop ");
  EXPECT_EQ(words(graph.dependencies("alone")) + words(graph.dependents("alone")), "");
  EXPECT_EQ(words(graph.dependencies("nobody")), "");
}

TEST(Dependencies, TheNearestThatIsDownIsBlamed) {
  const Dependencies graph = network();
  const auto blamed = [&](const char* name, std::set<std::string> down) -> std::string {
    const std::string* found =
        graph.blamed(name, [&](const std::string& each) { return down.contains(each); });
    return found ? *found : "nobody";
  };
  EXPECT_EQ(blamed("shop", {}), "nobody");
  EXPECT_EQ(blamed("shop", {"shop"}), "nobody") << "not itself";
  EXPECT_EQ(blamed("shop", {"alone"}), "nobody");
  EXPECT_EQ(blamed("shop", {"power"}), "power") << "however far";
  EXPECT_EQ(blamed("shop", {"power", "gateway", "switch"}), "switch");
  EXPECT_EQ(blamed("shop", {"api", "cdn"}), "api");
  EXPECT_EQ(blamed("db", {"gateway", "power"}), "power");
  EXPECT_EQ(blamed("power", {"shop"}), "nobody") << "not those that depend on it";
  EXPECT_EQ(blamed("nobody-at-all", {"power"}), "nobody");
}

TEST(Dependencies, ALongChainIsFollowedToItsEnd) {
  auto made = std::make_shared<Config>();
  constexpr int kTargets = 10'000;
  for (int i = 0; i < kTargets; ++i) {
    auto each = target("t" + std::to_string(i));
    if (i > 0) each->depends_on = {"t" + std::to_string(i - 1)};
    made->targets.push_back(each);
  }
  const Dependencies chain(made);
  const std::string* last =
      chain.blamed("t" + std::to_string(kTargets - 1), [](const std::string& name) { return name == "t0"; });
  ASSERT_TRUE(last);
  EXPECT_EQ(*last, "t0");
  EXPECT_EQ(chain.dependents("t0").size(), static_cast<std::size_t>(kTargets - 1));
}

}  // namespace
}  // namespace lookout
