#include <gtest/gtest.h>

#include "exporter/incident/book.h"
#include "tests/unit/incident_fixtures.h"

namespace lookout {
namespace {

Step unjudged(const Book& book, std::string_view name) { return {book.find(name)->state, {}}; }

void enter(Book& book, std::string_view name, std::shared_ptr<ProbeResult> result) {
  book.enter(name, std::move(result), unjudged(book, name));
}

std::vector<std::string> names(const Book& book) {
  std::vector<std::string> result;
  for (const auto& record : book.records()) result.push_back(record->config->name);
  return result;
}

TEST(Book, FollowsTheConfigurationAndItsOrder) {
  Book book;
  EXPECT_EQ(book.find("a"), nullptr);
  book.apply(config({target("b"), target("a")}));
  EXPECT_EQ(names(book), (std::vector<std::string>{"b", "a"}));
  book.apply(config({target("c"), target("a"), target("d")}));
  EXPECT_EQ(names(book), (std::vector<std::string>{"c", "a", "d"}));
  EXPECT_EQ(book.find("b"), nullptr);
  ASSERT_NE(book.find("d"), nullptr);
  EXPECT_EQ(book.find("d"), book.records()[2].get());
  book.apply(config({}));
  EXPECT_TRUE(book.records().empty());
  EXPECT_EQ(book.find("a"), nullptr);
}

TEST(Book, KeepsWhatIsKnownOfATargetWhoseConfigurationChanged) {
  Book book;
  book.apply(config({target("a", Severity::info), target("b")}));
  TargetState down;
  down.state = State::down;
  const Failure failure{Stage::tls, Cause::timeout, ""};
  down.incident = Outage{moment(0), moment(1), failure, failure};
  book.enter("a", failed(at(0), Stage::tls, Cause::timeout),
             {down, {{Change::opened, moment(1), down.incident}}});

  auto changed = target("a", Severity::critical);
  changed->failure_threshold = 9;
  changed->labels = {{"team", "sea"}};
  book.apply(config({target("z"), changed}));
  const TargetRecord& record = *book.find("a");
  EXPECT_EQ(record.state, down);
  EXPECT_EQ(record.incidents, 1u);
  EXPECT_EQ(record.failures.size(), 1u);
  EXPECT_NE(record.last, nullptr);
  EXPECT_EQ(record.config, changed);
  EXPECT_EQ(
      record.labels->info,
      R"(address="http://a.example.org/health",module="http_2xx",severity="critical",target="a",team="sea")");
}

TEST(Book, ForgetsATargetThatWentAndCameBack) {
  Book book;
  book.apply(config({target("a")}));
  enter(book, "a", well(at(0)));
  book.apply(config({}));
  book.apply(config({target("a")}));
  EXPECT_EQ(book.find("a")->last, nullptr);
  EXPECT_EQ(book.find("a")->probes[0], 0u);
}

TEST(Book, CountsProbesByVerdictFailuresByKindAndDurationsByBucket) {
  Book book;
  book.apply(config({target("a")}));
  enter(book, "a", well(at(0)));
  enter(book, "a", failed(at(1), Stage::tls, Cause::timeout));
  enter(book, "a", failed(at(2), Stage::connect, Cause::refused));
  enter(book, "a", failed(at(3), Stage::connect, Cause::refused));
  enter(book, "a", own_fault(at(4)));
  auto slow = well(at(5));
  slow->duration = std::chrono::seconds(11);
  enter(book, "a", slow);
  auto on_the_bound = well(at(6));
  on_the_bound->duration = std::chrono::milliseconds(5);
  enter(book, "a", on_the_bound);

  const TargetRecord& record = *book.find("a");
  EXPECT_EQ(record.probes, (std::array<std::uint64_t, 3>{3, 3, 1}));
  const decltype(record.failures) failures{{{Stage::connect, Cause::refused}, 2},
                                           {{Stage::connect, Cause::internal}, 1},
                                           {{Stage::tls, Cause::timeout}, 1}};
  EXPECT_EQ(record.failures, failures);
  EXPECT_EQ(record.latency_buckets, (std::array<std::uint32_t, 12>{1, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_DOUBLE_EQ(record.latency_sum_seconds, 0.2 + 11 + 0.005);
  EXPECT_EQ(record.last_conclusive, at(6) + std::chrono::milliseconds(5));
}

TEST(Book, OurOwnFaultIsNoConclusion) {
  Book book;
  book.apply(config({target("a")}));
  enter(book, "a", own_fault(at(0)));
  EXPECT_EQ(book.find("a")->last_conclusive, std::nullopt);
  enter(book, "a", well(at(10)));
  enter(book, "a", own_fault(at(20)));
  EXPECT_EQ(book.find("a")->last_conclusive, at(10) + std::chrono::milliseconds(40));
}

TEST(Book, KeepsTheNewestProbeSortedWithoutRepetitionsAndWithoutItsTrace) {
  Book book;
  book.apply(config({target("a")}));
  auto result = well(at(0));
  result->facts.push_back(result->facts.back());
  enter(book, "a", result);
  const ProbeResult& kept = *book.find("a")->last;
  ASSERT_EQ(kept.facts.size(), 3u);
  EXPECT_EQ(kept.facts[0].labels, "phase=\"connect\"");
  EXPECT_EQ(kept.facts[1].labels, "phase=\"processing\"");
  EXPECT_EQ(kept.facts[2].family, &kStatusCode);
  EXPECT_TRUE(kept.trace.empty());
  EXPECT_EQ(kept.stages.size(), 1u);
  EXPECT_EQ(result->facts.size(), 4u) << "the result itself belongs to others";
  ASSERT_EQ(book.fact_families().size(), 2u);
  EXPECT_EQ(book.fact_families()[0], &kPhases);
  EXPECT_EQ(book.fact_families()[1], &kStatusCode);
}

TEST(Book, NeverWritesARecordThatSomebodyHolds) {
  Book book;
  book.apply(config({target("a"), target("b")}));
  enter(book, "a", well(at(0)));
  const auto held = book.records();
  enter(book, "a", failed(at(10)));
  EXPECT_EQ(held[0]->probes[0], 1u);
  EXPECT_EQ(held[0]->probes[1], 0u);
  EXPECT_EQ(held[0]->last->verdict, Verdict::up);
  EXPECT_EQ(book.find("a")->probes[1], 1u);
  EXPECT_EQ(held[1], book.records()[1]) << "what was not written is still shared";
  book.apply(config({}));
  EXPECT_EQ(held[0]->config->name, "a");
}

TEST(Book, WritesInPlaceWhatNobodyHolds) {
  Book book;
  book.apply(config({target("a")}));
  const TargetRecord* before = book.find("a");
  enter(book, "a", well(at(0)));
  EXPECT_EQ(book.find("a"), before);
}

TEST(Book, IgnoresATargetItDoesNotHave) {
  Book book;
  book.enter("ghost", well(at(0)), {});
  EXPECT_TRUE(book.records().empty());
  EXPECT_TRUE(book.fact_families().empty());
}

TEST(Isolation, IsMoreThanHalfOfTheNewestProbesBeingOurOwnFault) {
  struct Case {
    std::size_t inconclusive, probed;
    bool isolated;
  };
  for (const Case& c :
       {Case{0, 0, false}, Case{0, 5, false}, Case{1, 1, true}, Case{1, 2, false}, Case{2, 3, true},
        Case{2, 4, false}, Case{3, 4, true}, Case{10'000, 20'000, false}, Case{10'001, 20'000, true}}) {
    EXPECT_EQ(dominated_by_own_faults(c.inconclusive, c.probed), c.isolated)
        << c.inconclusive << " of " << c.probed;
  }
}

TEST(Isolation, FollowsTheNewestProbeOfEachTargetAndTheConfiguration) {
  Book book;
  book.apply(config({target("a"), target("b"), target("c"), target("not probed yet")}));
  EXPECT_FALSE(book.isolated());
  for (const char* name : {"a", "b", "c"}) enter(book, name, own_fault(at(0)));
  enter(book, "a", own_fault(at(1)));
  EXPECT_TRUE(book.isolated());
  enter(book, "a", well(at(2)));
  EXPECT_TRUE(book.isolated()) << "two of three";
  enter(book, "b", failed(at(2)));
  EXPECT_FALSE(book.isolated());
  book.apply(config({target("a"), target("c"), target("not probed yet")}));
  EXPECT_FALSE(book.isolated()) << "one of two";
  book.apply(config({target("c")}));
  EXPECT_TRUE(book.isolated());
  book.apply(config({}));
  EXPECT_FALSE(book.isolated());
}

TEST(Labels, MaskPasswordsAndKeepOutWhatWouldSpoilThePage) {
  auto nasty = target("a\"b\\c\nd");
  nasty->address = "https://user:hunter2@host/path?x=1";
  nasty->labels = {{"team", "s\"ea"}, {"target", "mine"}, {"severity", "mine"},
                   {"no-name", "x"},  {"1st", "x"},       {"", "x"}};
  auto schemeless = target("plain");
  schemeless->address = "user:hunter2@host:80/";
  Book book;
  book.apply(config({nasty, schemeless}));
  EXPECT_EQ(book.records()[0]->labels->target, R"(target="a\"b\\c\nd")");
  EXPECT_EQ(
      book.records()[0]->labels->info,
      R"(address="https://user:xxxxx@host/path?x=1",module="http_2xx",severity="warning",target="a\"b\\c\nd",team="s\"ea")");
  EXPECT_EQ(book.records()[1]->labels->info,
            R"(address="user:xxxxx@host:80/",module="http_2xx",severity="warning",target="plain")");
}

}  // namespace
}  // namespace lookout
