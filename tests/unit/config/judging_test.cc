// What the configuration says of how targets are judged.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/config/temporary_folder.h"

namespace lookout {
namespace {

using namespace std::chrono_literals;

const TargetConfig& target(const Config& config, std::string_view name) {
  const auto found = std::ranges::find(config.targets, name, [](const auto& each) { return each->name; });
  EXPECT_NE(found, config.targets.end()) << name;
  return **found;
}

TEST(DefaultQuorum, IsMoreThanHalf) {
  std::vector<int> quorums;
  for (int expected = 0; expected <= 7; ++expected) quorums.push_back(default_quorum(expected));
  EXPECT_EQ(quorums, (std::vector<int>{1, 1, 2, 2, 3, 3, 4, 4}));
}

TEST(JudgingConfig, CheckpointsTakeFromTheirTargetWhatTheyDoNotSet) {
  const auto config = load(LOOKOUT_CONFIG_CASES "/good/judging.yml");
  const TargetConfig& shop = target(*config, "shop");
  ASSERT_EQ(shop.checkpoints.size(), 4u) << "an empty item is none";
  EXPECT_EQ(shop.quorum, 3) << "more than half of four";
  EXPECT_EQ(shop.checkpoints[0].name, "direct");
  EXPECT_EQ(shop.checkpoints[0].address, "http://shop.example/");
  EXPECT_EQ(shop.checkpoints[0].module, shop.module);
  EXPECT_EQ(shop.checkpoints[1].module->name, "http_proxied");
  EXPECT_EQ(shop.checkpoints[1].address, "http://shop.example/");
  EXPECT_EQ(shop.checkpoints[2].address, "http://shop2.example/");
  EXPECT_EQ(shop.checkpoints[2].module_name, "http_2xx");
  EXPECT_EQ(target(*config, "api").quorum, 1);
  EXPECT_TRUE(target(*config, "alone").checkpoints.empty());
  EXPECT_EQ(target(*config, "alone").quorum, 1);
  EXPECT_EQ(target(*config, "by-file").quorum, 1);
}

TEST(JudgingConfig, RetriesOfATargetStandInForItsModules) {
  const auto config = load(LOOKOUT_CONFIG_CASES "/good/judging.yml");
  const TargetConfig& shop = target(*config, "shop");
  EXPECT_EQ(shop.module->retries, 1) << "by default of all targets";
  EXPECT_EQ(shop.module->name, "http_2xx");
  EXPECT_EQ(shop.module->config, config->modules.at("http_2xx")->config);
  EXPECT_EQ(config->modules.at("http_2xx")->retries, 0) << "and /probe asks as before";
  EXPECT_EQ(shop.checkpoints[1].module->retries, 1) << "also where the module has more of its own";
  EXPECT_EQ(target(*config, "alone").module, shop.module) << "one for all that want it so";
  EXPECT_EQ(target(*config, "gateway").module, config->modules.at("ping"));
  EXPECT_EQ(target(*config, "api").module, config->modules.at("http_proxied"));
}

TEST(JudgingConfig, DependenciesAndReferencesMayStandInOtherFiles) {
  const auto config = load(LOOKOUT_CONFIG_CASES "/good/judging.yml");
  EXPECT_EQ(target(*config, "shop").depends_on, (std::vector<std::string>{"gateway", "by-file"}));
  EXPECT_EQ(config->reference_targets, (std::vector<std::string>{"gateway", "by-file"}));
}

TEST(JudgingConfig, Maintenance) {
  const auto config = load(LOOKOUT_CONFIG_CASES "/good/judging.yml");
  ASSERT_EQ(config->drills.size(), 2u);
  EXPECT_EQ(config->drills[0].target, "by-file");
  EXPECT_EQ(key(config->drills[0].failure.value), "tls/timeout");
  EXPECT_EQ(config->drills[0].timezone.name, "Asia/Shanghai");
  EXPECT_EQ(config->drills[0].duration, std::chrono::seconds(90));
  EXPECT_EQ(key(config->drills[1].failure.value), "connect/refused");
  EXPECT_EQ(config->drills[1].duration, std::chrono::minutes(1));
  ASSERT_EQ(config->maintenance.size(), 4u);
  const MaintenanceWindow& once = config->maintenance[0];
  EXPECT_EQ(once.start->time.time_since_epoch(), 1'796'162'400s);
  EXPECT_FALSE(once.schedule);
  EXPECT_EQ(once.duration, 2h);
  EXPECT_EQ(once.targets, (std::vector<std::string>{"shop", "by-file"}));
  EXPECT_EQ(once.reason, "upgrade");
  EXPECT_EQ(once.timezone.name, "UTC");
  const MaintenanceWindow& weekly = config->maintenance[1];
  EXPECT_FALSE(weekly.start);
  EXPECT_EQ(weekly.schedule->text, "0 3 * * SUN");
  EXPECT_EQ(weekly.timezone.name, "Asia/Shanghai");
  EXPECT_EQ(weekly.labels, (std::map<std::string, std::string>{{"team", "demo"}}));
  EXPECT_TRUE(config->maintenance[2].all);
  EXPECT_FALSE(weekly.all);
}

TEST(JudgingConfig, Retention) {
  const auto config = load(LOOKOUT_CONFIG_CASES "/good/judging.yml");
  EXPECT_EQ(config->retention.incidents, 2 * 365 * 24h);
  EXPECT_EQ(config->retention.probes, 36h);
  EXPECT_EQ(config->retention.hours, 14 * 24h) << "the default";
  EXPECT_EQ(config->retention.days, 8 * 24h);
  EXPECT_EQ(default_config()->retention, Retention());
}

TEST(LongDurations, AreReadAndWritten) {
  struct Row {
    std::string_view text, printed;
  };
  for (const Row& row : {Row{"400d", "400d"}, Row{"2w", "14d"}, Row{"1y", "365d"}, Row{"1w1d", "8d"},
                         Row{"1d12h", "36h"}, Row{"48h", "2d"}, Row{"90m", "1h30m"}, Row{"0d", "0s"},
                         Row{"0", "0s"}, Row{"36500d", "36500d"}, Row{"100y", "36500d"}}) {
    const std::optional<LongDuration> parsed = parse_long_duration(row.text);
    ASSERT_TRUE(parsed) << row.text;
    EXPECT_EQ(print_config(*parsed), row.printed) << row.text;
    EXPECT_EQ(parse_long_duration(print_config(*parsed)), parsed);
  }
  for (std::string_view text : {"", "d", "1", "-1d", "1d-1h", "1.5d", "1D", "1d 2h", "36501d", "101y",
                                "100y1d", "99999999999999999999d", "9223372036854775807y", "1h1d"}) {
    EXPECT_FALSE(parse_long_duration(text)) << text;
  }
}

TEST(JudgingConfig, AFileOfTargetsThatCannotBeReadMakesNoOtherNameUnknown) {
  const TemporaryFolder folder;
  const std::string main = folder.write(
      "lookout.yml", "targets: [{name: a, address: b, depends_on: [c]}]\ntarget_files: [t/*.yml]\n");
  const std::string broken = folder.write("t/1.yml", "- {name: c, address: \n");
  const std::string problems = problems_of(main);
  EXPECT_TRUE(problems.starts_with(broken)) << problems;
  EXPECT_EQ(std::ranges::count(problems, '\n'), 1) << problems;
}

TEST(JudgingConfig, AChainOfTargetsMayBeLong) {
  const TemporaryFolder folder;
  constexpr int kTargets = 20'000;
  std::string text = "targets:\n";
  for (int index = 0; index < kTargets; ++index)
    text += "- {name: t" + std::to_string(index) + ", address: a:1, depends_on: [t" +
            std::to_string(std::min(index + 1, kTargets - 1)) + "]}\n";
  const std::string main = folder.write("lookout.yml", text);
  EXPECT_EQ(problems_of(main), main + ":20001:45: depends_on: a target cannot depend on itself; remove it\n");
}

TEST(JudgingConfig, ALongCircleIsNotWrittenOut) {
  const TemporaryFolder folder;
  std::string text = "targets:\n";
  for (int index = 0; index < 12; ++index)
    text += "- {name: t" + std::to_string(index) + ", address: a:1, depends_on: [t" +
            std::to_string((index + 1) % 12) + "]}\n";
  const std::string problems = problems_of(folder.write("lookout.yml", text));
  EXPECT_NE(problems.find("\"t11\" depends on \"t0\", which depends on \"t1\","), std::string::npos)
      << problems;
  EXPECT_TRUE(problems.ends_with("\"t9\", and so on: a circle; remove one of these\n")) << problems;
}

}  // namespace
}  // namespace lookout
