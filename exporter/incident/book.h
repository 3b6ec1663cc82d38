// The book of all targets' states, counts and incidents. Lives on the main loop; Pipeline writes it, serve
// and metrics read it. Survives a reload for targets that stay (same name). Judges nothing: step.h does.
//
// Whoever must see a consistent book for longer than one turn of the loop (a scrape that is sent in pieces)
// copies the pointers of records(): a record that somebody else holds is never written; edit() puts a copy
// into the book and leaves the old one alone.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/incident/latency_ring.h"
#include "exporter/incident/recovery_attempt.h"
#include "exporter/incident/step.h"
#include "probes/core/probe.h"

namespace lookout {

// Upper bounds of lookout_probe_latency_seconds.
inline constexpr std::array<double, 11> kLatencyBounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                       0.5,   1,    2.5,   5,    10};

// Metric labels of a target, rendered and escaped once per configuration.
struct TargetLabels {
  std::string target;                                 // target="..."
  std::string info;                                   // those of lookout_target_info
  std::vector<std::string> checkpoints;               // checkpoint="...", in the order of the configuration
  std::shared_ptr<const std::string> own_checkpoint;  // likewise, the instance's: of a target without any
};

// What one way of looking at a target has seen.
struct Seen {
  // Newest probe of any verdict, facts sorted, no trace; nullptr before the first.
  std::shared_ptr<const ProbeResult> last;
  std::array<std::uint64_t, 3> probes{};  // by Verdict
  // Sorted; inconclusive ones included.
  std::vector<std::pair<std::pair<Stage, Cause>, std::uint64_t>> failures;
  std::optional<Verdict> vote;  // newest conclusive verdict

  void count(const ProbeResult& result);
};

// What recovery did about a target, and did not.
struct RecoveryTally {
  std::map<std::pair<std::string, AttemptState>, std::uint64_t> actions;  // by name and outcome
  std::array<std::uint64_t, kGateCount> refusals{};
  bool exhausted = false;  // nothing is left to be done; a person is needed
};

// Everything known of one target. What it has seen is that of its only checkpoint, or what several add up to:
// then `last` has the facts of all of them, labelled with their names.
struct TargetRecord : Seen {
  std::shared_ptr<const TargetConfig> config;
  std::shared_ptr<const TargetLabels> labels;
  TargetState state;                        // judged: step.h
  bool paused = false;                      // by a person
  bool maintenance = false;                 // a window is open
  std::vector<Seen> checkpoints;            // empty: there is only one
  std::optional<WallTime> last_conclusive;  // its end
  std::uint64_t incidents = 0;
  RecoveryTally recovery;
  std::optional<Outage> drill;           // pretended, as long as its incident is open
  std::optional<WallTime> drill_passed;  // when the newest drill did that passed
  std::array<std::uint32_t, kLatencyBounds.size() + 1>
      latency_buckets{};  // not cumulative; the last one is +Inf
  double latency_sum_seconds = 0;
  LatencyRing latencies;

  void time(const ProbeResult& result);
  void judge(const Step& judged);
};

// Whether what is seen of the world is mostly our own fault: more than half of the targets' newest probes
// ended so.
bool dominated_by_own_faults(std::size_t inconclusive, std::size_t probed);

// The probes of a target that belong together: one, or one of each checkpoint in the order of the
// configuration.
using Round = std::vector<std::shared_ptr<const ProbeResult>>;

class Book {
 public:
  // `checkpoint`: the instance's own, the name of its view of targets that have none of their own.
  explicit Book(const std::string& checkpoint = "default");

  // Adds, updates, and removes records so that they match the snapshot, in its order; states of targets that
  // stay are kept.
  void apply(const Config& config);

  const TargetRecord* find(std::string_view name) const;
  const std::vector<std::shared_ptr<const TargetRecord>>& records() const { return records_; }

  // For Pipeline: enters the result and the judgement. The record is gone from the caller's sight afterwards:
  // find it anew.
  void enter(std::string_view name, std::shared_ptr<const ProbeResult> result, const Step& judged);
  // Of a target with several checkpoints: what they found, and what that adds up to (quorum.h).
  void enter(std::string_view name, const Round& round, const ProbeResult& combined, const Step& judged);
  // A judgement without a probe.
  void enter(std::string_view name, const Step& judged);
  void set_paused(std::string_view name, bool paused);
  void set_maintenance(std::string_view name, bool maintenance);
  void count_action(std::string_view name, const std::string& action, AttemptState outcome);
  void count_refusal(std::string_view name, RecoveryGate gate);
  void set_exhausted(std::string_view name, bool exhausted);
  void set_drill(std::string_view name, std::optional<Outage> drill);
  void set_drill_passed(std::string_view name, WallTime when);
  // What an earlier process knew, before the first probe of this one.
  void restore(std::string_view name, TargetState state);

  // By the rule above; `judged`: a target whose newest probe is not in the book yet, and is none of our
  // faults.
  bool isolated(const TargetRecord* judged = nullptr) const;
  // Families of all facts ever entered, by name; what a scrape may find in the records. Bounded by the
  // constants of all kinds.
  const std::vector<const FactFamily*>& fact_families() const { return fact_families_; }

 private:
  TargetRecord& editable(std::size_t index);
  void tally(const TargetRecord& record, int sign);
  void learn_families(const ProbeResult& result);

  const std::shared_ptr<const std::string> own_checkpoint_;
  std::vector<std::shared_ptr<const TargetRecord>> records_;
  std::unordered_map<std::string_view, std::size_t> by_name_;  // keys lie in the records' configurations
  std::vector<const FactFamily*> fact_families_;
  std::size_t probed_ = 0;        // targets that have a newest probe
  std::size_t inconclusive_ = 0;  // those whose newest probe was our own fault
};

}  // namespace lookout
