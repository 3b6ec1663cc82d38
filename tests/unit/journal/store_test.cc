#include "exporter/journal/store.h"

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exporter/journal/saved_text.h"
#include "exporter/journal/schema.h"
#include "tests/unit/config/temporary_folder.h"
#include "tests/unit/journal/journal_fixtures.h"

namespace lookout {
namespace {

using Kind = StoreError::Kind;

struct StoreTest : testing::Test {
  TemporaryFolder folder;
  std::string path = folder.place("data");
  std::string file = path + "/journal.db";

  static void expect_error(Kind kind, const std::string& part, const std::function<void()>& work) {
    try {
      work();
      ADD_FAILURE() << "no error with " << part;
    } catch (const StoreError& error) {
      EXPECT_EQ(static_cast<int>(error.kind), static_cast<int>(kind)) << error.what();
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  }
};

Batch batch_of(std::vector<Incident> incidents) {
  Batch batch;
  for (Incident& each : incidents) batch.incidents[each.id] = std::move(each);
  return batch;
}

std::vector<std::string> ids(const std::vector<Incident>& incidents) {
  std::vector<std::string> result;
  for (const Incident& each : incidents) result.push_back(each.id);
  return result;
}
using Ids = std::vector<std::string>;

TEST_F(StoreTest, ANewOneIsEmpty) {
  Store store(path);
  const Restored restored = store.restore(moment(0));
  EXPECT_TRUE(restored.targets.empty());
  EXPECT_TRUE(restored.open.empty());
  EXPECT_FALSE(restored.alive);
}

TEST_F(StoreTest, TellsThePastOfAllTargetsAtOnce) {
  constexpr int kDay = 86400;
  const auto probe = Summary{1, 0, {}, {}};
  Store store(path);
  // What began before the time asked for and ended in it counts; what was over by then, or is open, does not.
  Batch batch = batch_of({ended(incident("1", "web", 2 * kDay), 3 * kDay + 5),
                          ended(incident("0", "web", kDay), kDay + 60), incident("2", "web", 4 * kDay)});
  const WallTime day = std::chrono::floor<std::chrono::days>(at(0));
  for (const int hour : {7, 8, 55, 80}) batch.hours[{"web", day + std::chrono::hours(hour)}] = probe;
  batch.runs[{"web", day + std::chrono::minutes(425)}] = {day + std::chrono::minutes(425), day, Verdict::up,
                                                          "", 1};
  batch.targets["silent"] = {};
  batch.gaps = {{at(5), at(9), "stopped"}, {at(3 * kDay), at(3 * kDay + 9), "stopped"}};
  store.write(batch);

  const Past past = store.past(at(3 * kDay));
  const TargetPast& web = past.targets.at("web");
  EXPECT_EQ(web.first_seen, day + std::chrono::minutes(425));
  EXPECT_EQ(web.probed_days, (std::vector<WallTime>{day + std::chrono::days(3)}));
  EXPECT_EQ(web.outages, (std::vector<Span>{{at(2 * kDay - 20), at(3 * kDay + 5)}}));
  EXPECT_EQ(past.targets.at("silent").first_seen, std::nullopt);
  EXPECT_EQ(past.gaps, (std::vector<Span>{{at(3 * kDay), at(3 * kDay + 9)}}));
  EXPECT_EQ(store.past(at(0)).targets.at("web").probed_days.size(), 3U);
}

TEST_F(StoreTest, WhatIsWrittenIsThereWhenItIsOpenedAgain) {
  SavedTarget saved{down_state(), true};
  saved.state.incident->failure = {Stage::connect, Cause::refused, "no"};
  {
    Store store(path);
    Batch batch =
        batch_of({incident("20261125-1", "web", 100), ended(incident("20261124-1", "web", 10), 60)});
    batch.targets["web"] = saved;
    batch.targets["new"] = {};
    batch.alive = at(123);
    batch.gaps = {{at(0), at(5), "stopped"}};
    store.write(batch);
  }
  Store store(path);
  const Restored restored = store.restore(moment(200));
  EXPECT_EQ(restored.targets.at("web"), saved);
  EXPECT_TRUE(restored.targets.contains("new"));
  EXPECT_EQ(ids(restored.open), Ids{"20261125-1"});
  EXPECT_EQ(restored.alive, at(123));
  EXPECT_EQ(store.gaps(at(0)), (std::vector<Gap>{{at(0), at(5), "stopped"}}));
  EXPECT_TRUE(store.gaps(at(6)).empty());
  EXPECT_EQ(store.incident("20261124-1"), ended(incident("20261124-1", "web", 10), 60));
  EXPECT_FALSE(store.incident("none"));
}

TEST_F(StoreTest, TheNewestVersionCounts) {
  Store store(path);
  store.write(batch_of({incident("1", "web", 100)}));
  store.write(batch_of({ended(incident("1", "web", 100), 160)}));
  EXPECT_TRUE(store.restore(moment(0)).open.empty());
  EXPECT_EQ(store.incident("1")->recovered, at(160));
}

TEST_F(StoreTest, IncidentsAreFoundByTargetTimeAndPage) {
  Store store(path);
  store.write(batch_of({ended(incident("1", "a", 100), 110), ended(incident("2", "b", 200), 210),
                        ended(incident("3", "a", 300), 310), incident("4", "b", 400)}));
  const auto found = [&](IncidentFilter filter) { return ids(store.incidents(filter)); };
  EXPECT_EQ(found({}), (Ids{"4", "3", "2", "1"}));
  EXPECT_EQ(found({.target = "a"}), (Ids{"3", "1"}));
  EXPECT_EQ(found({.target = "nobody"}), Ids{});
  EXPECT_EQ(found({.since = at(250)}), (Ids{"4", "3"}));
  EXPECT_EQ(found({.open_only = true}), Ids{"4"});
  EXPECT_EQ(found({.limit = 2}), (Ids{"4", "3"}));
  EXPECT_EQ(found({.before = "3", .limit = 2}), (Ids{"2", "1"}));
}

TEST_F(StoreTest, SummariesAddUpByHourAndDay) {
  Store store(path);
  const WallTime hour = kMidnight + std::chrono::hours(1);
  Batch batch;
  batch.hours[{"a", kMidnight}] = {10, 1, std::chrono::seconds(1), std::chrono::milliseconds(300)};
  batch.hours[{"a", hour}] = {5, 0, std::chrono::milliseconds(500), std::chrono::milliseconds(100)};
  store.write(batch);
  Batch more;
  more.hours[{"a", hour}] = {5, 2, std::chrono::milliseconds(500), std::chrono::milliseconds(200)};
  store.write(more);
  const auto hours = store.hours("a", kMidnight);
  ASSERT_EQ(hours.size(), 2u);
  EXPECT_EQ(hours[1].first, hour);
  EXPECT_EQ(hours[1].second, (Summary{10, 2, std::chrono::seconds(1), std::chrono::milliseconds(200)}));
  const auto days = store.days("a", kMidnight);
  ASSERT_EQ(days.size(), 1u);
  EXPECT_EQ(days[0].first, kMidnight);
  EXPECT_EQ(days[0].second, (Summary{20, 3, std::chrono::seconds(2), std::chrono::milliseconds(300)}));
  EXPECT_TRUE(store.hours("b", kMidnight).empty());
}

TEST_F(StoreTest, ARunIsOneRowHoweverOftenItIsWritten) {
  Store store(path);
  VerdictRun run{at(0), at(10), Verdict::down, "connect/refused", 2};
  for (const std::uint64_t probes : {2, 3}) {
    run.probes = probes;
    Batch batch;
    batch.runs[{"a", run.started}] = run;
    store.write(batch);
  }
  EXPECT_EQ(store.runs("a", at(0)), std::vector<VerdictRun>{run});
  EXPECT_TRUE(store.runs("a", at(11)).empty());
}

TEST_F(StoreTest, ForgetsWhatIsOlderThanItsLimitAndNothingElse) {
  Store store(path);
  Batch batch = batch_of(
      {ended(incident("1", "a", 100), 110), ended(incident("2", "a", 5000), 5010), incident("0", "a", 50)});
  batch.runs[{"a", at(0)}] = {at(0), at(10), Verdict::up, "", 3};
  batch.runs[{"a", at(4900)}] = {at(4900), at(5000), Verdict::up, "", 3};
  batch.hours[{"a", kMidnight}] = {1, 0, {}, {}};
  batch.gaps = {{at(1), at(2), "stopped"}};
  store.write(batch);
  const Retention hour{std::chrono::hours(1), std::chrono::hours(1), std::chrono::hours(1),
                       std::chrono::hours(1)};
  EXPECT_TRUE(store.forget(hour, at(5020)));
  EXPECT_EQ(ids(store.incidents({})), (Ids{"2", "0"})) << "an open one is never forgotten";
  EXPECT_EQ(store.runs("a", at(0)).size(), 1u);
  EXPECT_TRUE(store.hours("a", kMidnight).empty());
  EXPECT_TRUE(store.days("a", kMidnight).empty());
  EXPECT_TRUE(store.gaps(at(0)).empty());
}

TEST_F(StoreTest, ForgetsInPortions) {
  Store store(path);
  Batch batch;
  for (int i = 0; i < 2500; ++i) batch.runs[{"a", at(i)}] = {at(i), at(i), Verdict::up, "", 1};
  store.write(batch);
  const Retention hour{std::chrono::hours(1), std::chrono::hours(1), std::chrono::hours(1),
                       std::chrono::hours(1)};
  EXPECT_FALSE(store.forget(hour, at(100'000)));
  EXPECT_EQ(store.runs("a", at(0)).size(), 500u);
  EXPECT_TRUE(store.forget(hour, at(100'000)));
  EXPECT_TRUE(store.runs("a", at(0)).empty());
}

TEST_F(StoreTest, RemembersWhatWasDoneAboutIncidentsThatAreOver) {
  constexpr int kDay = 86'400;
  const auto acted = [](std::string id, int when, AttemptState state) {
    Incident each = ended(incident(std::move(id), "web", when), when + 60);
    each.attempts.push_back(attempt_of(each, 1, when, state));
    return each;
  };
  Store store(path);
  Incident open = incident("5", "web", 10 * kDay);
  open.attempts.push_back(attempt_of(open, 1, 10 * kDay, AttemptState::settling));
  Batch batch =
      batch_of({acted("1", kDay, AttemptState::recovered), acted("2", 9 * kDay, AttemptState::failed),
                acted("3", 9 * kDay, AttemptState::observed),
                ended(incident("4", "web", 9 * kDay), 9 * kDay + 60), open});
  batch.instance["recovery_bound"] = 1;
  store.write(batch);
  const Restored restored = store.restore(moment(10 * kDay));
  EXPECT_EQ(ids(restored.acted), Ids{"2"}) << "neither too old, nor only observed, nor open";
  EXPECT_EQ(restored.acted.front(), batch.incidents.at("2"));
  EXPECT_EQ(ids(restored.open), Ids{"5"});
  EXPECT_EQ(restored.open.front().attempts, open.attempts);
  EXPECT_EQ(restored.instance.at("recovery_bound"), 1);
}

TEST_F(StoreTest, OnlyOneProcessWritesAndOthersMayRead) {
  Store store(path);
  store.write(batch_of({incident("1", "web", 100)}));
  expect_error(Kind::taken, "another Lookout writes this journal", [&] { Store second(path); });
  Store reader = Store::read_only(path);
  EXPECT_EQ(ids(reader.incidents({})), Ids{"1"});
  expect_error(Kind::unusable, "readonly", [&] { reader.write(batch_of({incident("2", "web", 100)})); });
}

TEST_F(StoreTest, ANewerJournalIsRefusedAndNotTouched) {
  {
    Store store(path);
  }
  std::string before;
  {
    std::fstream changed(file, std::ios::binary | std::ios::in | std::ios::out);
    changed.seekp(60);  // user_version, big-endian
    changed.write("\0\0\0\x63", 4);
  }
  before = folder.read("data/journal.db");
  expect_error(Kind::newer, "version 99", [&] { Store store(path); });
  expect_error(Kind::newer, "version 99", [&] { Store::read_only(path); });
  EXPECT_EQ(folder.read("data/journal.db"), before);
}

TEST_F(StoreTest, AnOlderJournalIsBroughtForward) {
  std::filesystem::create_directory(path);
  {
    SQLite::Database old(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    old.exec(kJournalVersions.front());
    const std::int64_t day = to_milliseconds(kMidnight);
    old.exec(
        fmt::format("INSERT INTO target VALUES (7, 'web', '');"
                    "INSERT INTO incident VALUES ('1', 7, {1}, {2}, '{3}');"
                    "INSERT INTO run VALUES (7, {0} + 5, {0} + 9, 0, '', 3);"
                    "INSERT INTO hour VALUES (7, {0}, 3, 1, 30, 20);"
                    "INSERT INTO day VALUES (7, {0}, 3, 1, 30, 20); PRAGMA user_version = 1",
                    day, to_milliseconds(at(100)), to_milliseconds(at(160)),
                    save_incident(ended(incident("1", "web", 100), 160))));
  }
  Store store(path);
  const TargetPast web = store.past(kMidnight).targets.at("web");
  EXPECT_EQ(web.outages, (std::vector<Span>{{at(80), at(160)}}));
  EXPECT_EQ(web.probed_days, std::vector<WallTime>{kMidnight});
  EXPECT_EQ(web.first_seen, kMidnight + std::chrono::milliseconds(5));
  const Summary known{3, 1, std::chrono::microseconds(30), std::chrono::microseconds(20)};
  EXPECT_EQ(store.hours("web", kMidnight).at(0).second, known);
  EXPECT_EQ(store.days("web", kMidnight).at(0).second, known);
  store.write(batch_of({ended(incident("2", "web", 200), 260)}));
  EXPECT_EQ(store.past(kMidnight).targets.at("web").outages.size(), 2u);
}

TEST_F(StoreTest, ADrillIsAnIncidentAndNoOutage) {
  Store store(path);
  Incident drill = ended(incident("2", "web", 200), 260);
  drill.drill = true;
  store.write(batch_of({ended(incident("1", "web", 100), 160), drill}));
  EXPECT_EQ(ids(store.incidents({})), (Ids{"2", "1"}));
  EXPECT_TRUE(store.incident("2")->drill);
  EXPECT_FALSE(store.incident("1")->drill);
  EXPECT_EQ(store.past(kMidnight).targets.at("web").outages, (std::vector<Span>{{at(80), at(160)}}));
}

TEST_F(StoreTest, ABrokenFileIsSaidToBeBrokenAndSetAsideWhole) {
  folder.write("data/journal.db",
               "this is no database, and long enough to be looked at as one" + std::string(200, '!'));
  expect_error(Kind::corrupt, "not a database", [&] { Store store(path); });
  const std::string aside = Store::set_aside(path, at(0));
  EXPECT_TRUE(std::filesystem::exists(aside));
  EXPECT_FALSE(std::filesystem::exists(file));
  Store store(path);
  EXPECT_TRUE(store.incidents({}).empty());
}

TEST_F(StoreTest, AFolderThatCannotBeMadeIsSaid) {
  folder.write("data", "a file");
  expect_error(Kind::unusable, path, [&] { Store store(path); });
  expect_error(Kind::unusable, "unable to open", [&] { Store::read_only(path); });
}

TEST_F(StoreTest, InMemoryNothingIsWritten) {
  Store store("");
  store.write(batch_of({incident("1", "web", 100)}));
  EXPECT_EQ(ids(store.incidents({})), Ids{"1"});
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace lookout
