// Which probes are remembered, by blackbox_exporter's rules, and within which memory.
#include <gtest/gtest.h>

#include "exporter/serve/history.h"

namespace lookout {
namespace {

class Memory {
 public:
  explicit Memory(std::size_t limit, std::size_t byte_limit = 1U << 20U) : history(limit, byte_limit) {}

  std::int64_t add(bool success, std::string target = "target", std::string module = "module",
                   std::size_t bytes = 0) {
    ProbeResult result;
    result.verdict = success ? Verdict::up : Verdict::down;
    if (!success) result.failure = Failure{Stage::connect, Cause::refused, ""};
    if (bytes > 0) result.trace.push_back({Duration(), std::string(bytes, 'x')});
    return history
        .add(std::make_shared<const Module>(Module{std::move(module), {}, HttpConfig{}}),
             Target{std::move(target), {}}, std::make_shared<const ProbeResult>(std::move(result)))
        ->id;
  }
  void add_many(bool success, int count) {
    for (int i = 0; i < count; ++i) add(success);
  }
  std::vector<std::int64_t> ids() const {
    std::vector<std::int64_t> ids;
    for (const ProbeRecordPtr& record : history.records()) ids.push_back(record->id);
    return ids;
  }

  History history;
};

using Ids = std::vector<std::int64_t>;

TEST(History, HIS_001_KeepsTheNewestSuccesses) {
  Memory memory(3);
  memory.add_many(true, 4);
  EXPECT_EQ(memory.ids(), (Ids{1, 2, 3}));
}

TEST(History, HIS_002_FailuresDisplaceSuccesses) {
  Memory memory(3);
  memory.add_many(true, 3);
  memory.add_many(false, 3);
  EXPECT_EQ(memory.ids(), (Ids{3, 4, 5}));
}

TEST(History, HIS_003_FailuresOutliveTheNewest) {
  Memory memory(3);
  memory.add_many(true, 3);
  memory.add_many(false, 6);
  EXPECT_EQ(memory.ids(), (Ids{3, 4, 5, 6, 7, 8}));
}

TEST(History, HIS_004_TheNewestFailuresStandBesideLaterSuccesses) {
  Memory memory(3);
  memory.add_many(true, 3);
  memory.add_many(false, 9);
  memory.add_many(true, 3);
  EXPECT_EQ(memory.ids(), (Ids{9, 10, 11, 12, 13, 14}));
}

TEST(History, HIS_005_FindsById) {
  Memory memory(3);
  memory.add_many(true, 2);
  for (const std::int64_t id : {0, 1}) {
    ASSERT_NE(memory.history.find(id), nullptr);
    EXPECT_EQ(memory.history.find(id)->id, id);
  }
}

TEST(History, HIS_006_FindsNoIdThatWasNotGiven) {
  Memory memory(3);
  memory.add_many(true, 2);
  EXPECT_EQ(memory.history.find(5), nullptr);
}

TEST(History, HIS_007_FindsByTarget) {
  Memory memory(3);
  memory.add(true, "a");
  const std::int64_t wanted = memory.add(false, "b");
  EXPECT_EQ(memory.history.find("b", std::nullopt)->id, wanted);
}

TEST(History, HIS_008_FindsTheFirstOfSeveralModules) {
  for (const auto& [first, second] : {std::pair("one", "two"), std::pair("two", "one")}) {
    Memory memory(3);
    memory.add(true, "a", first);
    memory.add(true, "a", second);
    EXPECT_EQ(memory.history.find("a", std::nullopt)->module->name, first);
  }
}

TEST(History, HIS_009_FindsNothingOfAnotherModule) {
  Memory memory(3);
  memory.add(true, "a", "one");
  EXPECT_EQ(memory.history.find("a", "two"), nullptr);
}

TEST(History, HIS_010_FindsByTargetAndModule) {
  Memory memory(3);
  memory.add(true, "a", "one");
  const std::int64_t wanted = memory.add(true, "a", "two");
  EXPECT_EQ(memory.history.find("a", "two")->id, wanted);
}

TEST(History, KeepsNothingWhenToldSoAndStillCounts) {
  Memory memory(0);
  EXPECT_EQ(memory.add(false), 0);
  EXPECT_EQ(memory.add(false), 1);
  EXPECT_EQ(memory.ids(), Ids{});
}

TEST(History, StaysWithinItsBytesTheOldestFailureGoingFirst) {
  Memory memory(5, 100'000);
  for (int i = 0; i < 10; ++i) memory.add(false, "t", "m", 11'000);
  EXPECT_EQ(memory.ids(), (Ids{2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(History, DoesNotKeepOneThatWouldTakeTheOthersPlace) {
  Memory memory(5, 100'000);
  memory.add(true);
  memory.add(false, "t", "m", 20'000);
  EXPECT_EQ(memory.ids(), Ids{0});
}

}  // namespace
}  // namespace lookout
