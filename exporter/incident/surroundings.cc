#include "exporter/incident/surroundings.h"

#include <algorithm>
#include <vector>

#include "exporter/incident/isolation.h"

namespace lookout {
namespace {

constexpr int kIntervalsToVerify = 2;

bool fails(const TargetRecord& record) {
  return record.state.state == State::down || record.state.failures_in_row > 0;
}

bool well_since(const TargetRecord& record, Moment onset) {
  return record.vote == Verdict::up && record.last_conclusive && *record.last_conclusive >= onset.wall;
}

// It will be probed soon, so that it pays to wait.
bool may_still_tell(const TargetRecord& record, Moment onset, Moment now) {
  const TargetConfig& config = *record.config;
  return config.mode == TargetMode::interval && !record.paused &&
         elapsed(onset, now) < kIntervalsToVerify * config.interval + config.timeout;
}

}  // namespace

void Surroundings::apply(std::shared_ptr<const Config> config) {
  config_ = std::move(config);
  calendar_.emplace(config_);
  dependencies_.emplace(config_);
  matters_.clear();
  for (const std::string& name : config_->reference_targets) matters_.insert(name);
  for (const auto& target : config_->targets) {
    for (const std::string& name : target->depends_on) matters_.insert(name);
  }
  // What somebody depends on is reached over others in turn.
  for (const auto& target : config_->targets) {
    if (!dependencies_->dependents(target->name).empty()) matters_.insert(target->name);
  }
}

// By votes, not by states: those do not move while we are isolated, and it would never end.
bool Surroundings::isolated(const TargetRecord* judged) const {
  if (book_.isolated(judged)) return true;
  if (!config_ || config_->reference_targets.empty()) return false;
  std::vector<std::optional<Verdict>> verdicts;
  for (const std::string& name : config_->reference_targets) {
    const TargetRecord* record = book_.find(name);
    verdicts.push_back(record != nullptr ? record->vote : std::nullopt);
  }
  return isolated_by(verdicts);
}

bool Surroundings::in_maintenance(std::string_view target, WallTime now) {
  return calendar_ && calendar_->covering(target, now) != nullptr;
}

Circumstances Surroundings::of(const TargetRecord& record, Moment onset, Moment now) {
  if (isolated(&record)) return {.isolated = true, .hold = Hold::none, .by = {}};
  if (record.paused) return {false, Hold::paused, {}};
  if (calendar_) {
    if (const ActiveWindow* window = calendar_->covering(record.config->name, now.wall))
      return {false, Hold::maintenance, window->window->reason};
  }
  if (Circumstances held = by_dependencies(record, onset, now); held.hold != Hold::none) return held;
  return by_references(record, onset, now);
}

Circumstances Surroundings::by_dependencies(const TargetRecord& record, Moment onset, Moment now) const {
  if (!dependencies_ || record.config->depends_on.empty()) return {};
  const std::string& name = record.config->name;
  const auto known = [&](const std::string& dependency) { return book_.find(dependency); };
  const auto is_down = [&](const std::string& dependency) {
    const TargetRecord* found = known(dependency);
    return found != nullptr && fails(*found);
  };
  if (const std::string* blamed = dependencies_->blamed(name, is_down))
    return {false, Hold::dependency, *blamed};
  const auto is_unsure = [&](const std::string& dependency) {
    const TargetRecord* found = known(dependency);
    return found != nullptr && !well_since(*found, onset) && may_still_tell(*found, onset, now);
  };
  if (const std::string* unsure = dependencies_->blamed(name, is_unsure))
    return {false, Hold::verifying, *unsure};
  return {};
}

Circumstances Surroundings::by_references(const TargetRecord& record, Moment onset, Moment now) const {
  if (!config_ || config_->reference_targets.empty()) return {};
  std::size_t well = 0;
  bool more_to_come = false;
  for (const std::string& name : config_->reference_targets) {
    const TargetRecord* reference = book_.find(name);
    if (reference == nullptr || reference == &record) continue;
    if (well_since(*reference, onset)) {
      ++well;
    } else {
      more_to_come = more_to_come || may_still_tell(*reference, onset, now);
    }
  }
  if (well * 2 >= config_->reference_targets.size() || !more_to_come) return {};
  return {false, Hold::verifying, "the reference targets"};
}

}  // namespace lookout
