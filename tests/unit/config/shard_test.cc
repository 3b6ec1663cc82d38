// Which targets a shard watches: each is watched by one, what belongs together stays together, and few move.
#include "exporter/config/shard.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/config/temporary_folder.h"

namespace lookout {
namespace {

using Names = std::set<std::string>;

std::shared_ptr<TargetConfig> target(std::string name, std::vector<std::string> depends_on = {}) {
  auto made = std::make_shared<TargetConfig>();
  made->name = std::move(name);
  made->depends_on = std::move(depends_on);
  return made;
}

std::shared_ptr<Config> many(int count) {
  auto config = std::make_shared<Config>();
  for (int i = 0; i < count; ++i)
    config->targets.push_back(target("https://host-" + std::to_string(i) + ".example/"));
  return config;
}

Names names(const std::shared_ptr<const Config>& config, Shard shard) {
  Names names;
  const auto share = share_of(config, shard);
  for (const auto& each : share->targets) names.insert(each->name);
  return names;
}

std::size_t shard_of(const std::shared_ptr<const Config>& config, const std::string& name,
                     std::size_t count) {
  std::set<std::size_t> found;
  for (std::size_t i = 0; i < count; ++i) {
    if (names(config, {i, count}).contains(name)) found.insert(i);
  }
  EXPECT_EQ(found.size(), 1u) << name;
  return found.empty() ? count : *found.begin();
}

TEST(Shard, IsWrittenAsIndexAndCount) {
  EXPECT_EQ(parse_shard("0/1"), (Shard{0, 1}));
  EXPECT_EQ(parse_shard("2/3"), (Shard{2, 3}));
  EXPECT_EQ(parse_shard("999/1000"), (Shard{999, 1000}));
  EXPECT_EQ(describe(Shard{2, 3}), "2/3");
  for (std::string_view text :
       {"", "/", "1", "3/3", "0/0", "-1/3", "0/-1", "a/3", "0/b", "0/3/4", " 0/3", "0/3 ", "+0/3", "0x0/3",
        "0.0/3", "/3", "0/", "0/1001", "99999999999999999999/3"}) {
    EXPECT_FALSE(parse_shard(text)) << text;
  }
}

// Of targets that every shard watches, too.
TEST(Shard, ADrillIsOfOne) {
  const auto config = many(20);
  config->reference_targets = {config->targets[3]->name};
  for (const auto& each : config->targets) config->drills.emplace_back().target = each->name;
  std::multiset<std::string> drilled;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto share = share_of(config, {i, 4});
    for (const DrillConfig& drill : share->drills) {
      EXPECT_TRUE(names(config, {i, 4}).contains(drill.target)) << drill.target;
      drilled.insert(drill.target);
    }
  }
  EXPECT_EQ(drilled.size(), 20u);
  EXPECT_EQ(std::set(drilled.begin(), drilled.end()).size(), 20u);
}

TEST(Shard, EveryTargetIsWatchedByExactlyOne) {
  const auto config = many(1000);
  std::multiset<std::string> watched;
  for (std::size_t i = 0; i < 7; ++i) {
    const auto share = share_of(config, {i, 7});
    EXPECT_EQ(share->targets.size() + share->left_out, 1000u);
    EXPECT_EQ(share->shard, (Shard{i, 7}));
    EXPECT_NEAR(static_cast<double>(share->targets.size()), 1000.0 / 7, 45) << "about as many as the others";
    for (const auto& each : share->targets) watched.insert(each->name);
  }
  EXPECT_EQ(watched.size(), 1000u);
  EXPECT_EQ(std::set(watched.begin(), watched.end()).size(), 1000u);
  EXPECT_EQ(names(config, {0, 1}).size(), 1000u);
}

TEST(Shard, KeepsTheOrderOfTheFile) {
  const auto config = many(100);
  const auto share = share_of(config, {1, 3});
  std::vector<std::size_t> places;
  for (const auto& each : share->targets)
    places.push_back(
        static_cast<std::size_t>(std::ranges::find(config->targets, each) - config->targets.begin()));
  EXPECT_TRUE(std::ranges::is_sorted(places));
}

// What is written here must never change: a target that moves takes up its journal anew.
TEST(Shard, IsTheSameOnEveryMachineAndInEveryVersion) {
  const auto config = many(12);
  std::string shards;
  for (const auto& each : config->targets) shards += std::to_string(shard_of(config, each->name, 3));
  EXPECT_EQ(shards, "221010201202");
}

TEST(Shard, OneMoreTakesItsShareAndMovesNothingElse) {
  const auto config = many(1000);
  Names moved = names(config, {3, 4});
  for (std::size_t i = 0; i < 3; ++i) {
    const Names before = names(config, {i, 3}), after = names(config, {i, 4});
    EXPECT_TRUE(std::ranges::includes(before, after)) << "a target moved to the old shard " << i;
  }
  EXPECT_NEAR(static_cast<double>(moved.size()), 250, 60);
}

TEST(Shard, WhatDependsOnEachOtherStaysTogether) {
  auto config = many(200);
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(i);
    config->targets.push_back(target("shop-" + number, {"api-" + number}));
    config->targets.push_back(target("api-" + number, {"db-" + number}));
    config->targets.push_back(target("db-" + number));
    config->targets.push_back(target("admin-" + number, {"db-" + number}));
  }
  for (std::size_t i = 0; i < 5; ++i) {
    const Names share = names(config, {i, 5});
    for (int group = 0; group < 20; ++group) {
      std::set<bool> here;
      for (std::string_view word : {"shop-", "api-", "db-", "admin-"})
        here.insert(share.contains(std::string(word) + std::to_string(group)));
      EXPECT_EQ(here.size(), 1u) << "group " << group << " is torn apart by shard " << i;
    }
  }
}

TEST(Shard, TheOrderOfTheFileMovesNothing) {
  auto config = many(50);
  config->targets.push_back(target("b", {"a"}));
  config->targets.push_back(target("a"));
  const Names before = names(config, {1, 3});
  std::ranges::reverse(config->targets);
  EXPECT_EQ(names(config, {1, 3}), before);
}

TEST(Shard, ReferenceTargetsAreWatchedByEveryOneAndTieNobodyTogether) {
  auto config = std::make_shared<Config>();
  config->reference_targets = {"gateway"};
  config->targets.push_back(target("gateway", {"power"}));
  config->targets.push_back(target("power"));
  for (int i = 0; i < 100; ++i) config->targets.push_back(target("shop-" + std::to_string(i), {"gateway"}));
  for (std::size_t i = 0; i < 4; ++i) {
    const Names share = names(config, {i, 4});
    EXPECT_TRUE(share.contains("gateway")) << i;
    EXPECT_TRUE(share.contains("power")) << "what a reference target depends on, too; shard " << i;
    EXPECT_LT(share.size(), 60u) << "all hang on the gateway, and still are spread; shard " << i;
    EXPECT_GT(share.size(), 5u);
  }
}

TEST(Shard, APlanThatAsksForAnotherTargetKeepsItNear) {
  auto config = many(100);
  RecoveryStep step;
  step.fail_back.emplace();
  step.fail_back->when_up = "https://host-7.example/";
  config->recovery.plans["move"].steps = {step};
  auto shop = target("shop");
  shop->recovery = "move";
  config->targets.push_back(shop);
  for (const std::size_t count : {2, 3, 5, 8, 13})
    EXPECT_EQ(shard_of(config, "shop", count), shard_of(config, "https://host-7.example/", count));
}

TEST(Shard, HasALockAndALeaseOfItsOwn) {
  auto config = many(3);
  EXPECT_TRUE(share_of(config, {1, 2})->recovery == config->recovery) << "where there is none, none is made";
  config->recovery.lock_file = "/run/lookout.lock";
  config->recovery.lease.emplace();
  const auto share = share_of(config, {1, 2});
  EXPECT_EQ(share->recovery.lock_file, "/run/lookout.lock.1");
  EXPECT_EQ(share->recovery.lease->name, "lookout-1");
}

TEST(Shard, IsToldWithTheConfiguration) {
  const TemporaryFolder folder;
  const auto whole =
      load(folder.write("lookout.yml", "targets: [{name: a, address: b}, {name: c, address: d}]\n"));
  const auto share = share_of(whole, {0, 2});
  EXPECT_TRUE(share->printed.starts_with("# Shard 0/2 watches ")) << share->printed;
  EXPECT_TRUE(share->printed.ends_with(whole->printed));
  EXPECT_EQ(share->fingerprint, whole->fingerprint) << "so that polling sees no change";
  EXPECT_FALSE(whole->shard);
}

}  // namespace
}  // namespace lookout
