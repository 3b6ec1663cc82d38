// The book of all targets' states, histories and incidents. Lives on the main loop; Pipeline writes it, serve and
// metrics read it. Survives a reload for targets that stay (same name).
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/incident/step.h"
#include "probes/core/probe.h"

namespace lookout {

// Everything known of one target.
struct TargetRecord {
  std::shared_ptr<const TargetConfig> config;
  TargetState state;                        // judged: step.h
  std::shared_ptr<const ProbeResult> last;  // newest probe of any verdict; nullptr before the first
  std::optional<WallTime> last_conclusive;
  std::array<std::uint64_t, 3> probes{};  // by Verdict
  std::map<std::pair<Stage, Cause>, std::uint64_t> failures;
  std::uint64_t incidents = 0;
  std::array<std::uint32_t, 12> latency_buckets{};  // counts per bucket of kLatencyBounds, the last one is +Inf
  double latency_sum_seconds = 0;
  std::string label;        // rendered once: target="..."
  std::string info_labels;  // rendered once, for lookout_target_info
};

// Upper bounds of lookout_probe_latency_seconds.
inline constexpr std::array<double, 11> kLatencyBounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

class Book {
 public:
  // Adds, updates, and removes records so that they match the snapshot, in its order; states of targets that stay are kept.
  void apply(const Config& config);
  TargetRecord* find(std::string_view name);
  const TargetRecord* find(std::string_view name) const;
  const std::vector<std::shared_ptr<TargetRecord>>& records() const { return records_; }

 private:
  std::vector<std::shared_ptr<TargetRecord>> records_;
  std::map<std::string, std::shared_ptr<TargetRecord>, std::less<>> by_name_;
};

}  // namespace lookout
