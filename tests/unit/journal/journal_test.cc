#include "exporter/journal/journal.h"

#include <filesystem>
#include <fstream>
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/config/temporary_folder.h"
#include "tests/unit/journal/journal_fixtures.h"

namespace lookout {
namespace {

constexpr Duration kSoon = std::chrono::seconds(20);

struct JournalTest : testing::Test {
  TemporaryFolder folder;
  std::string path = folder.place("data");
  asio::io_context loop;
  asio::executor_work_guard<Executor> keep_running{loop.get_executor()};  // while only the worker works
  std::vector<std::string> faults;
  std::size_t begun_anew = 0;
  std::vector<Restored> read_late;
  Journal journal{loop, path, events()};

  JournalEvents events() {
    JournalEvents events;
    events.failed = [this](const std::string& fault) { faults.push_back(fault); };
    events.begun_anew = [this] {
      ++begun_anew;
      enter("again", 7);
    };
    events.read_late = [this](Restored restored) { read_late.push_back(std::move(restored)); };
    return events;
  }
  void enter(const std::string& id, int detected) {
    journal.pending().incidents[id] = incident(id, "web", detected);
    journal.commit();
  }
  template <class Result>
  Result await(Task<Result> task) {
    std::optional<Result> result;
    asio::co_spawn(loop, std::move(task), [&](std::exception_ptr exception, Result value) {
      if (exception) std::rethrow_exception(exception);
      result = std::move(value);
    });
    while (!result) loop.run_one();
    return *std::move(result);
  }
  std::vector<std::string> kept() {
    const std::function<std::vector<Incident>(Store&)> all = [](Store& store) { return store.incidents({}); };
    std::vector<std::string> ids;
    const auto found = await(journal.ask(all));
    if (!found) return {"no answer"};
    for (const Incident& each : *found) ids.push_back(each.id);
    return ids;
  }
};
using Ids = std::vector<std::string>;

TEST_F(JournalTest, WhatIsEnteredIsOnTheDiskWhenItSaysSo) {
  EXPECT_TRUE(await(journal.open()));
  EXPECT_TRUE(await(journal.written(kSoon))) << "nothing waits";
  enter("1", 100);
  enter("2", 200);
  EXPECT_TRUE(await(journal.written(kSoon)));
  EXPECT_EQ(journal.fault(), "");
  EXPECT_EQ(kept(), (Ids{"2", "1"}));
  EXPECT_TRUE(journal.pending().empty());
}

TEST_F(JournalTest, WhatIsEnteredBeforeItIsOpenComesAfterWhatWasRead) {
  enter("1", 100);
  const auto restored = await(journal.open());
  ASSERT_TRUE(restored);
  EXPECT_TRUE(restored->open.empty());
  EXPECT_TRUE(await(journal.written(kSoon)));
  EXPECT_EQ(kept(), Ids{"1"});
}

TEST_F(JournalTest, ABrokenFileIsSetAsideAndEverythingEnteredAgain) {
  folder.write("data/journal.db", std::string(2000, '!'));
  EXPECT_FALSE(await(journal.open()));
  EXPECT_NE(journal.fault().find("not a database"), std::string::npos) << journal.fault();
  enter("1", 100);
  EXPECT_TRUE(await(journal.written(kSoon)));
  EXPECT_EQ(begun_anew, 1u);
  EXPECT_EQ(faults.size(), 2u) << "one of reading, one of writing";
  EXPECT_EQ(journal.fault(), "");
  EXPECT_EQ(kept(), (Ids{"again", "1"}));
  EXPECT_TRUE(read_late.empty());
  std::size_t aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path))
    aside += entry.path().string().find("journal.db.corrupt-") != std::string::npos ? 1 : 0;
  EXPECT_EQ(aside, 1u);
}

TEST_F(JournalTest, AJournalThatCannotBeOpenedIsReadLaterAndLosesNothing) {
  std::optional<Store> other(path);
  {
    Batch batch;
    batch.incidents["old"] = incident("old", "web", 5);
    other->write(batch);
  }
  EXPECT_FALSE(await(journal.open()));
  EXPECT_NE(journal.fault().find("another Lookout"), std::string::npos) << journal.fault();
  enter("1", 100);
  EXPECT_FALSE(await(journal.written(std::chrono::milliseconds(100))));
  EXPECT_NE(journal.unwritten("1"), nullptr) << "it waits";
  other.reset();
  EXPECT_TRUE(await(journal.written(kSoon)));
  EXPECT_EQ(journal.fault(), "");
  ASSERT_EQ(read_late.size(), 1u);
  ASSERT_EQ(read_late[0].open.size(), 1u);
  EXPECT_EQ(read_late[0].open[0].id, "old");
  EXPECT_EQ(kept(), (Ids{"old", "1"}));
}

TEST(Batch, AnEarlierOneFillsWhatTheLaterOneDoesNotHave) {
  Batch earlier, later;
  earlier.incidents["1"] = incident("1", "web", 1);
  earlier.incidents["2"] = incident("2", "web", 2);
  later.incidents["2"] = ended(incident("2", "web", 2), 3);
  const std::pair key{std::string("web"), kMidnight};
  earlier.hours[key] = {1, 1, Duration(5), Duration(5)};
  later.hours[key] = {2, 0, Duration(6), Duration(3)};
  earlier.gaps = {{at(0), at(1), "stopped"}};
  later.gaps = {{at(2), at(3), "isolated"}};
  earlier.alive = at(9);
  later.follow(std::move(earlier));
  EXPECT_EQ(later.incidents.size(), 2u);
  EXPECT_TRUE(later.incidents["2"].recovered);
  EXPECT_EQ(later.hours[key], (Summary{3, 1, Duration(11), Duration(5)}));
  EXPECT_EQ(later.gaps[0].reason, "stopped");
  EXPECT_EQ(later.alive, at(9));
}

TEST(Batch, GivesUpWhatMattersLeastFirstAndOpenIncidentsNever) {
  Batch batch;
  for (int i = 0; i < 10; ++i) {
    const std::string id(1, static_cast<char>('a' + i));
    batch.incidents[id] = i < 5 ? ended(incident(id, "web", i), i) : incident(id, "web", i);
    batch.runs[{"web", at(i)}] = {};
    batch.hours[{"web", at(i)}] = {};
  }
  EXPECT_EQ(batch.trim(30), 0u);
  EXPECT_EQ(batch.trim(12), 18u);
  EXPECT_TRUE(batch.runs.empty());
  EXPECT_EQ(batch.hours.size(), 2u);
  EXPECT_EQ(batch.incidents.size(), 10u);
  EXPECT_EQ(batch.trim(7), 5u);
  EXPECT_EQ(batch.incidents.begin()->first, "d") << "the newest of those that are closed stay longest";
  EXPECT_EQ(batch.trim(1), 2u);
  EXPECT_EQ(batch.incidents.size(), 5u);
}

// What could not be written as a report is tried again, and nothing else is: hours are added, not set.
TEST_F(JournalTest, AReportThatCannotBeWrittenIsAFaultAndTriedAgain) {
  const std::string id = "20261123-082610-0123abcd";
  await(journal.open());
  const std::string reports = path + "/reports";
  std::ofstream(reports) << "in the way";
  journal.pending().incidents[id] = ended(incident(id, "web", 100), 200);
  journal.pending().hours[{"web", at(0)}].probes = 5;
  journal.commit();
  EXPECT_TRUE(await(journal.written(kSoon)));
  while (faults.empty()) loop.run_one();
  EXPECT_NE(faults[0].find("reports"), std::string::npos) << faults[0];
  std::filesystem::remove(reports);
  while (!journal.fault().empty()) loop.run_one();
  EXPECT_TRUE(std::filesystem::exists(reports + "/" + id + ".md"));
  const std::function<std::uint64_t(Store&)> probes = [](Store& store) {
    return store.hours("web", at(-10'000)).at(0).second.probes;
  };
  EXPECT_EQ(await(journal.ask(probes)), 5U);
  EXPECT_EQ(kept(), Ids{id});
}

// An incident that ends after the journal was asked and before it has answered is told as ended.
TEST_F(JournalTest, AReaderGetsTheNewestVersionThoughItIsBeingWritten) {
  await(journal.open());
  enter("1", 100);
  enter("2", 200);
  EXPECT_TRUE(await(journal.written(kSoon)));
  std::optional<std::vector<Incident>> found, open;
  const auto ask = [&](IncidentFilter filter, std::optional<std::vector<Incident>>& answer) {
    asio::co_spawn(loop, journal.incidents(filter),
                   [&answer](std::exception_ptr, auto incidents) { answer = std::move(incidents); });
  };
  std::promise<void> gate;
  const std::function<bool(Store&)> wait = [opened = gate.get_future().share()](Store&) {
    opened.wait();
    return true;
  };
  asio::co_spawn(loop, journal.ask(wait), asio::detached);
  ask({}, found);
  ask({.open_only = true}, open);
  loop.poll();  // both have asked, and wait for their answers
  journal.pending().incidents["1"] = ended(incident("1", "web", 100), 200);
  journal.commit();
  ASSERT_TRUE(journal.pending().empty()) << "it is being written";
  ASSERT_NE(journal.unwritten("1"), nullptr);
  gate.set_value();
  while (!found || !open) loop.run_one();
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ(found->at(1).recovered, at(200));
  ASSERT_EQ(open->size(), 1u);
  EXPECT_EQ(open->at(0).id, "2");
}

TEST_F(JournalTest, AReaderGetsTheNewestVersionThoughItWaits) {
  await(journal.open());
  enter("1", 100);
  journal.pending().incidents["1"] = ended(incident("1", "web", 100), 200);
  journal.pending().incidents["2"] = incident("2", "mail", 300);
  EXPECT_EQ(journal.unwritten("1")->recovered, at(200)) << "one version is being written, a newer one waits";
  EXPECT_EQ(journal.unwritten("3"), nullptr);
  const auto found = await(journal.incidents({.target = "web"}));
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->at(0).recovered, at(200));
  EXPECT_EQ(await(journal.incidents({.limit = 1}))->at(0).id, "2");
}

// A process that dies between an incident's end and the files of its report leaves that to the next.
TEST_F(JournalTest, ReportsThatAreMissingAreWrittenAtTheStart) {
  const auto id = [](int number) { return fmt::format("20261123-082610-{:04x}", number); };
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  constexpr int kMany = 25;
  {
    Store before(path);
    Batch batch;
    for (int i = 0; i < kMany; ++i) {
      Incident each = ended(incident(id(i), "web", 100), 200);
      each.recovered = now - std::chrono::minutes(i);
      batch.incidents[each.id] = each;
    }
    batch.incidents[id(100)] = incident(id(100), "mail", 100);
    batch.incidents[id(101)] = ended(incident(id(101), "mail", 100), 200);
    batch.incidents[id(101)].recovered = now - std::chrono::days(30);
    before.write(batch);
    before.write_report(batch.incidents[id(3)]);
    std::filesystem::remove(path + "/reports/" + id(3) + ".html");
  }
  await(journal.open());
  const auto exists = [&](int number, const char* form) {
    return std::filesystem::exists(path + "/reports/" + id(number) + form);
  };
  const auto all = [&] {
    for (int i = 0; i < kMany; ++i) {
      if (!exists(i, ".md") || !exists(i, ".json") || !exists(i, ".html")) return false;
    }
    return true;
  };
  const auto limit = std::chrono::steady_clock::now() + kSoon;
  while (!all() && std::chrono::steady_clock::now() < limit) loop.run_one_for(std::chrono::milliseconds(50));
  EXPECT_TRUE(all());
  EXPECT_FALSE(exists(100, ".md")) << "it is open";
  EXPECT_FALSE(exists(101, ".md")) << "long ago";
  EXPECT_TRUE(faults.empty());
}

}  // namespace
}  // namespace lookout
