#include "exporter/incident/quorum.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lookout {
namespace {

using std::chrono::milliseconds;

constexpr WallTime kStart{std::chrono::hours(500'000)};

// One character per expected checkpoint: - up, x down, . inconclusive or silent.
std::vector<Verdict> votes(std::string_view symbols) {
  std::vector<Verdict> result;
  for (char symbol : symbols)
    result.push_back(symbol == '-' ? Verdict::up : symbol == 'x' ? Verdict::down : Verdict::inconclusive);
  return result;
}

TEST(Quorum, Table) {
  struct Row {
    std::string_view votes;
    int needed;
    Verdict verdict;
  };
  constexpr Verdict up = Verdict::up, down = Verdict::down, open = Verdict::inconclusive;
  for (const Row& row : {
           Row{"-", 1, up},
           Row{"x", 1, down},
           Row{".", 1, open},
           Row{"xx-", 2, down},
           Row{"x--", 2, up},
           Row{"x-.", 2, open},
           Row{"xx.", 2, down},
           Row{"--.", 2, up},
           Row{"-..", 2, open},
           Row{"x..", 2, open},
           Row{"...", 2, open},
           // Any one is enough: up only when all are.
           Row{"--x", 1, down},
           Row{"---", 1, up},
           Row{"--.", 1, open},
           Row{"..x", 1, down},
           // All must fail: up as soon as one is.
           Row{"xx-", 3, up},
           Row{"..-", 3, up},
           Row{"xx.", 3, open},
           Row{"xxx", 3, down},
           // An even number: half is not more than half.
           Row{"xx--", 3, up},
           Row{"xx-.", 3, open},
           Row{"xxx-", 3, down},
           Row{"--..", 3, up},
           // Beyond the range.
           Row{"xx-", 9, up},
           Row{"xxx", 9, down},
           Row{"x--", 0, down},
           Row{"---", -1, up},
           Row{"", 1, open},
       }) {
    EXPECT_EQ(quorum(votes(row.votes), row.needed), row.verdict) << row.votes << " " << row.needed;
  }
}

TEST(Quorum, DecidedCheckpointsAlwaysDecide) {
  for (unsigned bits = 0; bits < 32; ++bits) {
    std::string symbols;
    for (unsigned i = 0; i < 5; ++i) symbols += (bits >> i & 1) != 0 ? 'x' : '-';
    for (int needed = 1; needed <= 5; ++needed)
      EXPECT_NE(quorum(votes(symbols), needed), Verdict::inconclusive) << symbols << " " << needed;
  }
}

// What silent checkpoints say later never turns a verdict that was given without them.
TEST(Quorum, AVerdictStandsWhateverTheSilentOnesSay) {
  constexpr std::string_view kSymbols = "-x.";
  for (int code = 0; code < 81; ++code) {
    std::string symbols;
    for (int rest = code, i = 0; i < 4; ++i, rest /= 3)
      symbols += kSymbols[static_cast<std::size_t>(rest % 3)];
    for (int needed = 1; needed <= 4; ++needed) {
      const Verdict early = quorum(votes(symbols), needed);
      for (char later : {'-', 'x'}) {
        std::string decided = symbols;
        for (char& symbol : decided) symbol = symbol == '.' ? later : symbol;
        if (early != Verdict::inconclusive)
          EXPECT_EQ(quorum(votes(decided), needed), early) << symbols << " " << decided << " " << needed;
      }
    }
  }
}

using Result = std::shared_ptr<const ProbeResult>;

Result result(Verdict verdict, int begin, int took, Outcome failure = std::nullopt) {
  ProbeResult made;
  made.verdict = verdict;
  made.failure = std::move(failure);
  made.started = kStart + milliseconds(begin);
  made.duration = milliseconds(took);
  made.timeout = std::chrono::seconds(5);
  made.stages = {{Stage::connect, milliseconds(took)}};
  made.trace = {{Duration(1), "connected"}};
  return std::make_shared<const ProbeResult>(std::move(made));
}
Result up(int begin, int took) { return result(Verdict::up, begin, took); }
Result down(int begin, int took, Cause cause, std::string detail, Stage stage = Stage::connect) {
  return result(Verdict::down, begin, took, Failure{stage, cause, std::move(detail)});
}
Result own_fault(int begin, int took, std::string detail) {
  return result(Verdict::inconclusive, begin, took,
                Failure{Stage::resolve, Cause::internal, std::move(detail)});
}
ProbeResult combined(std::vector<Result> results, int needed) { return combine(results, needed); }

TEST(Combine, OneCheckpointIsItsResult) {
  const ProbeResult failed = combined({down(7, 30, Cause::refused, "no")}, 1);
  EXPECT_EQ(failed.verdict, Verdict::down);
  EXPECT_EQ(failed.failure, (Failure{Stage::connect, Cause::refused, "no"}));
  EXPECT_EQ(failed.started, kStart + milliseconds(7));
  EXPECT_EQ(failed.duration, milliseconds(30));
  EXPECT_EQ(failed.timeout, std::chrono::seconds(5));
  const ProbeResult ours = combined({own_fault(0, 1, "no descriptors")}, 1);
  EXPECT_EQ(ours.failure, (Failure{Stage::resolve, Cause::internal, "no descriptors"}));
}

TEST(Combine, LastsUntilTheLastOneEnds) {
  const ProbeResult failed =
      combined({down(5, 20, Cause::refused, "a"), up(2, 100), down(3, 30, Cause::refused, "b")}, 2);
  EXPECT_EQ(failed.started, kStart + milliseconds(2));
  EXPECT_EQ(failed.duration, milliseconds(100));
}

TEST(Combine, AnUpIsAsSlowAsTheSlowestUp) {
  const ProbeResult well = combined({up(0, 20), up(10, 70), down(0, 5000, Cause::timeout, "late")}, 2);
  EXPECT_EQ(well.verdict, Verdict::up);
  EXPECT_FALSE(well.failure);
  EXPECT_EQ(well.duration, milliseconds(70));
}

TEST(Combine, TellsTheMostFrequentFailureAndHowManyFailed) {
  const Failure mixed = *combined({down(0, 1, Cause::timeout, "late"), down(0, 1, Cause::refused, "first"),
                                   down(0, 1, Cause::refused, "second"), up(0, 1)},
                                  3)
                             .failure;
  EXPECT_EQ(mixed, (Failure{Stage::connect, Cause::refused,
                            "3 of 4 checkpoints failed, 2 of them like this: first"}));
  const Failure alike =
      *combined({down(0, 1, Cause::refused, "a"), down(0, 1, Cause::refused, "b"), up(0, 1)}, 2).failure;
  EXPECT_EQ(alike.detail, "2 of 3 checkpoints failed: a");
  const Failure tie =
      *combined({up(0, 1), down(0, 1, Cause::timeout, "a", Stage::tls), down(0, 1, Cause::timeout, "b")}, 2)
           .failure;
  EXPECT_EQ(tie, (Failure{Stage::tls, Cause::timeout, "2 of 3 checkpoints failed, 1 of them like this: a"}));
}

TEST(Combine, LongDetailsStayWithinTheirLimit) {
  const std::string detail(Failure::kMaximumDetail, 'x');
  const Failure failure =
      *combined({down(0, 1, Cause::refused, detail), down(0, 1, Cause::refused, detail)}, 2).failure;
  EXPECT_LE(failure.detail.size(), Failure::kMaximumDetail);
  EXPECT_TRUE(failure.detail.starts_with("2 of 2 checkpoints failed: xxx"));
}

TEST(Combine, AnOpenRoundIsOurOwnFault) {
  const ProbeResult open =
      combined({up(0, 1), down(0, 2, Cause::refused, "no"), own_fault(0, 3, "no descriptors")}, 2);
  EXPECT_EQ(open.verdict, Verdict::inconclusive);
  EXPECT_EQ(*open.failure,
            (Failure{Stage::resolve, Cause::internal,
                     "1 of 3 checkpoints failed and 1 did not, which leaves it open: no descriptors"}));
  const ProbeResult silent = combined({nullptr, up(0, 1)}, 1);
  EXPECT_EQ(silent.failure->cause, Cause::internal);
  EXPECT_EQ(silent.failure->detail,
            "0 of 2 checkpoints failed and 1 did not, which leaves it open: no result");
}

TEST(Combine, OfNothing) {
  const ProbeResult nothing = combined({nullptr, nullptr}, 2);
  EXPECT_EQ(nothing.verdict, Verdict::inconclusive);
  EXPECT_EQ(nothing.started, WallTime());
  EXPECT_EQ(nothing.duration, Duration::zero());
  EXPECT_EQ(combined({}, 1).verdict, Verdict::inconclusive);
}

TEST(Combine, LeavesFactsStagesAndTraceWithTheCheckpoints) {
  const ProbeResult both = combined({up(0, 1), up(0, 1)}, 2);
  EXPECT_TRUE(both.facts.empty());
  EXPECT_TRUE(both.stages.empty());
  EXPECT_TRUE(both.trace.empty());
}

}  // namespace
}  // namespace lookout
