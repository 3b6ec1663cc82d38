// What all dialogues do with one step, whether it meets lines, datagrams or messages. No state between
// probes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/core/probe.h"
#include "probes/dialogue/query_response.h"
#include "probes/match/expect_info.h"

namespace lookout {

inline constexpr FactFamily kFailedDueToBytes{"probe_failed_due_to_bytes",
                                              "1 if expect_bytes met other bytes"};

// The labels are stated at the end, whatever the end is: a later step replaces those of an earlier one.
class ExpectInfo {
 public:
  explicit ExpectInfo(Facts& facts) : facts_(facts) {}
  ExpectInfo(const ExpectInfo&) = delete;
  ExpectInfo& operator=(const ExpectInfo&) = delete;
  ~ExpectInfo();

  void set(const QueryResponse& step, const std::vector<std::string>& groups);

 private:
  Facts& facts_;
  std::optional<std::string> labels_;
};

// What came as a whole must match `expect`, or begin with `expect_bytes`; otherwise enters Stage::match and
// fails. The groups of the match, none without `expect`.
Attempt<std::vector<std::string>> judge_message(ProbeRun& run, const QueryResponse& step,
                                                std::string_view message);

// Notes what matched, short enough for people.
void note_match(ProbeRun& run, std::string_view text);

inline constexpr std::size_t kShownOfMessage = 120;

}  // namespace lookout
