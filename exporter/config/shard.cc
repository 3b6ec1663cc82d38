#include "exporter/config/shard.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "exporter/config/config.h"
#include "probes/core/stable_hash.h"

namespace lookout {
namespace {

constexpr std::size_t kMostShards = 1000;

std::optional<std::size_t> parse_count(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Whom a target needs to be judged, by position.
std::vector<std::vector<std::size_t>> needs_of(const Config& config) {
  std::unordered_map<std::string_view, std::size_t> places;
  for (const auto& target : config.targets) places.emplace(target->name, places.size());
  std::vector<std::vector<std::size_t>> needs(config.targets.size());
  for (std::size_t i = 0; i < needs.size(); ++i) {
    const TargetConfig& target = *config.targets[i];
    const auto add = [&](const std::string& name) {
      if (const auto found = places.find(name); found != places.end()) needs[i].push_back(found->second);
    };
    for (const std::string& name : target.depends_on) add(name);
    const auto plan = config.recovery.plans.find(target.recovery);
    if (plan == config.recovery.plans.end()) continue;
    for (const RecoveryStep& step : plan->second.steps) {
      if (step.fail_back) add(step.fail_back->when_up);
    }
  }
  return needs;
}

// The reference targets, and whom they need in turn.
std::vector<bool> watched_everywhere(const Config& config,
                                     const std::vector<std::vector<std::size_t>>& needs) {
  std::vector<bool> marked(config.targets.size());
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < marked.size(); ++i) {
    const auto& references = config.reference_targets;
    if (std::ranges::find(references, config.targets[i]->name) != references.end()) open.push_back(i);
  }
  while (!open.empty()) {
    const std::size_t next = open.back();
    open.pop_back();
    if (marked[next]) continue;
    marked[next] = true;
    open.insert(open.end(), needs[next].begin(), needs[next].end());
  }
  return marked;
}

// Disjoint sets; each is known by one of its members.
class Groups {
 public:
  explicit Groups(std::size_t count) : parents_(count) {
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  }

  std::size_t find(std::size_t member) {
    while (parents_[member] != member) member = parents_[member] = parents_[parents_[member]];
    return member;
  }
  void join(std::size_t one, std::size_t other) { parents_[find(one)] = find(other); }

 private:
  std::vector<std::size_t> parents_;
};

// The shard that bids highest: one that is added takes what it wins, and nothing moves between the others.
std::size_t highest_bidder(std::string_view name, std::size_t shards) {
  std::size_t winner = 0;
  std::uint64_t highest = 0;
  for (std::size_t shard = 0; shard < shards; ++shard) {
    const std::uint64_t bid = stable_hash(name, shard);
    if (bid <= highest) continue;
    highest = bid;
    winner = shard;
  }
  return winner;
}

// Those that are this shard's own; what is watched everywhere belongs to one, too.
std::vector<bool> owned_by(const Shard& shard, const Config& config,
                           const std::vector<std::vector<std::size_t>>& needs,
                           const std::vector<bool>& everywhere) {
  Groups groups(needs.size());
  for (std::size_t i = 0; i < needs.size(); ++i) {
    for (const std::size_t needed : needs[i]) {
      if (!everywhere[i] && !everywhere[needed]) groups.join(i, needed);
    }
  }
  // A group goes by the first of its names, in whatever order they stand.
  std::vector<std::string_view> names(needs.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string_view& name = names[groups.find(i)];
    if (name.empty() || config.targets[i]->name < name) name = config.targets[i]->name;
  }
  std::vector<bool> owned(needs.size());
  for (std::size_t i = 0; i < owned.size(); ++i)
    owned[i] = highest_bidder(names[groups.find(i)], shard.count) == shard.index;
  return owned;
}

}  // namespace

std::optional<Shard> parse_shard(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto index = parse_count(text.substr(0, slash));
  const auto count = parse_count(text.substr(slash + 1));
  if (!index || !count || *count > kMostShards || *index >= *count) return std::nullopt;
  return Shard{*index, *count};
}

std::string describe(const Shard& shard) { return fmt::format("{}/{}", shard.index, shard.count); }

std::shared_ptr<const Config> share_of(const std::shared_ptr<const Config>& whole, const Shard& shard) {
  auto share = std::make_shared<Config>(*whole);
  const auto needs = needs_of(*whole);
  const std::vector<bool> everywhere = watched_everywhere(*whole, needs);
  const std::vector<bool> owned = owned_by(shard, *whole, needs, everywhere);
  share->shard = shard;
  share->targets.clear();
  std::unordered_set<std::string_view> own;
  for (std::size_t i = 0; i < owned.size(); ++i) {
    if (everywhere[i] || owned[i]) share->targets.push_back(whole->targets[i]);
    if (owned[i]) own.insert(whole->targets[i]->name);
  }
  share->left_out = owned.size() - share->targets.size();
  std::erase_if(share->drills, [&](const DrillConfig& drill) { return !own.contains(drill.target); });
  RecoveryConfig& recovery = share->recovery;
  if (!recovery.lock_file.empty()) recovery.lock_file += fmt::format(".{}", shard.index);
  if (recovery.lease) recovery.lease->name += fmt::format("-{}", shard.index);
  share->printed.insert(0, fmt::format("# Shard {} watches {} of these targets and leaves {} to others.\n",
                                       describe(shard), share->targets.size(), share->left_out));
  return share;
}

}  // namespace lookout
