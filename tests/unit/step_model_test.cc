// Every history of up to ten probes, judged once by step() and once by an oracle that knows no states: it
// looks at the whole history at once and searches it for rows.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "exporter/incident/step.h"

namespace lookout {
namespace {

constexpr std::string_view kAlphabet = ".x?";
constexpr std::size_t kLongest = 10;

Moment at(std::size_t probe) {
  return {WallTime{} + std::chrono::seconds(probe), SteadyTime{} + std::chrono::seconds(probe)};
}

struct Event {
  bool opened;
  std::size_t probe;  // that caused it
  std::size_t row;    // first probe of its row
  bool operator==(const Event&) const = default;
};

struct History {
  std::vector<Event> events;
  State state = State::unknown;
  bool operator==(const History&) const = default;
};

// Position of the first probe of the first row of `length` times `symbol` from `from` on, and of its last;
// inconclusive ones do not exist.
std::optional<std::pair<std::size_t, std::size_t>> find_row(const std::string& conclusive, std::size_t from,
                                                            char symbol, std::size_t length) {
  const std::size_t found = conclusive.find(std::string(length, symbol), from);
  if (found == std::string::npos) return std::nullopt;
  return std::pair{found, found + length - 1};
}

History oracle(std::string_view probes, int failure_threshold, int success_threshold) {
  std::string conclusive;
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    if (probes[i] == '?') continue;
    conclusive += probes[i];
    positions.push_back(i);
  }
  History result;
  bool open = false;
  std::size_t from = 0;
  for (;; open = !open) {
    const auto row = find_row(conclusive, from, open ? '.' : 'x',
                              static_cast<std::size_t>(open ? success_threshold : failure_threshold));
    if (!row) break;
    result.events.push_back({!open, positions[row->second], positions[row->first]});
    from = row->second + 1;
  }
  const bool ever_well = conclusive.find('.') != std::string::npos;
  result.state = open ? State::down : ever_well ? State::up : State::unknown;
  return result;
}

History stepped(std::string_view probes, int failure_threshold, int success_threshold) {
  static const Failure kFailure{Stage::resolve, Cause::not_found, ""};
  History result;
  TargetState state;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const Verdict verdict = probes[i] == '.'   ? Verdict::up
                            : probes[i] == 'x' ? Verdict::down
                                               : Verdict::inconclusive;
    Step next = step(state, {failure_threshold, success_threshold, std::nullopt},
                     {verdict, at(i), Duration(1), verdict == Verdict::up ? nullptr : &kFailure});
    state = next.next;
    state.flaps = FlapHistory();  // the oracle knows no flapping
    for (const IncidentEvent& event : next.events) {
      const bool opened = event.change == Change::opened;
      const Moment row = opened ? event.outage->onset : event.at;
      result.events.push_back(
          {opened, i, static_cast<std::size_t>(elapsed(at(0), row) / std::chrono::seconds(1))});
    }
  }
  result.state = state.state;
  return result;
}

TEST(StepModel, EveryShortHistoryIsJudgedAsTheOracleJudgesIt) {
  std::size_t histories = 0;
  for (std::size_t length = 0; length <= kLongest; ++length) {
    std::string probes(length, kAlphabet.front());
    for (bool more = true; more;) {
      for (const auto& [failures, successes] : {std::pair{1, 1}, {3, 2}, {2, 3}}) {
        ++histories;
        if (stepped(probes, failures, successes) == oracle(probes, failures, successes)) continue;
        FAIL() << '"' << probes << "\" with thresholds " << failures << " and " << successes;
      }
      // The next word in the order of the alphabet, as an odometer turns.
      more = false;
      for (char& symbol : probes) {
        const std::size_t index = kAlphabet.find(symbol) + 1;
        symbol = kAlphabet[index % kAlphabet.size()];
        if (index < kAlphabet.size()) {
          more = true;
          break;
        }
      }
    }
  }
  EXPECT_EQ(histories, 3u * 88'573u);  // (3^11 - 1) / 2
}

}  // namespace
}  // namespace lookout
