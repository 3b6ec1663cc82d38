#include "exporter/incident/book.h"

#include <algorithm>

#include "probes/core/text.h"

namespace lookout {
namespace {

// The target's own labels come last: one that is no label name, or takes a name already in use, would spoil
// the whole page.
std::shared_ptr<const TargetLabels> render(const TargetConfig& target,
                                           std::shared_ptr<const std::string> own_checkpoint) {
  std::vector<std::pair<std::string, std::string>> info{{"target", target.name},
                                                        {"module", target.module_name},
                                                        {"address", mask_url_password(target.address)},
                                                        {"severity", std::string(name(target.severity))}};
  for (const auto& label : target.labels) {
    const auto taken = std::ranges::find(info, label.first, [](const auto& entry) { return entry.first; });
    if (taken == info.end() && is_label_name(label.first)) info.push_back(label);
  }
  TargetLabels labels{render_labels({{"target", target.name}}),
                      render_labels(std::move(info)),
                      {},
                      std::move(own_checkpoint)};
  for (const CheckpointConfig& checkpoint : target.checkpoints)
    labels.checkpoints.push_back(render_labels({{"checkpoint", checkpoint.name}}));
  return std::make_shared<const TargetLabels>(std::move(labels));
}

void sort_facts(std::vector<Fact>& facts) {
  const auto key = [](const Fact& fact) {
    return std::pair(fact.family->metric, std::string_view(fact.labels));
  };
  std::ranges::sort(facts, {}, key);
  // Twice the same series would spoil the whole page.
  const auto repeated = std::ranges::unique(facts, {}, key);
  facts.erase(repeated.begin(), repeated.end());
}

void add_facts(const ProbeResult& result, const std::string& checkpoint, std::vector<Fact>& facts) {
  for (const Fact& fact : result.facts) {
    facts.push_back(fact);
    facts.back().labels = fact.labels.empty() ? checkpoint : checkpoint + "," + fact.labels;
  }
}

// As it is kept: without the trace, which nobody asks for later, and sorted as a page needs it.
std::shared_ptr<const ProbeResult> compact(const ProbeResult& result) {
  auto kept = std::make_shared<ProbeResult>();
  kept->verdict = result.verdict;
  kept->failure = result.failure;
  kept->started = result.started;
  kept->duration = result.duration;
  kept->timeout = result.timeout;
  kept->stages = result.stages;
  kept->attempts = result.attempts;
  kept->facts = result.facts;
  sort_facts(kept->facts);
  return kept;
}

}  // namespace

void TargetRecord::time(const ProbeResult& result) {
  if (result.verdict != Verdict::inconclusive) {
    last_conclusive = result.started + std::chrono::duration_cast<WallTime::duration>(result.duration);
  }
  const double duration = seconds(result.duration);
  latency_sum_seconds += duration;
  latencies.add(result);
  const auto bound = std::ranges::lower_bound(kLatencyBounds, duration);
  ++latency_buckets[static_cast<std::size_t>(bound - kLatencyBounds.begin())];
}

void Seen::count(const ProbeResult& result) {
  ++probes[static_cast<std::size_t>(result.verdict)];
  if (result.verdict != Verdict::inconclusive) vote = result.verdict;
  if (!result.failure) return;
  const std::pair kind{result.failure->stage, result.failure->cause};
  const auto place =
      std::ranges::lower_bound(failures, kind, {}, [](const auto& entry) { return entry.first; });
  if (place != failures.end() && place->first == kind) {
    ++place->second;
  } else {
    failures.insert(place, {kind, 1});
  }
}

void TargetRecord::judge(const Step& judged) {
  state = judged.next;
  incidents +=
      static_cast<std::uint64_t>(std::ranges::count(judged.events, Change::opened, &IncidentEvent::change));
}

bool dominated_by_own_faults(std::size_t inconclusive, std::size_t probed) {
  return inconclusive * 2 > probed;
}

bool Book::isolated(const TargetRecord* judged) const {
  const bool was_ours =
      judged != nullptr && judged->last != nullptr && judged->last->verdict == Verdict::inconclusive;
  return dominated_by_own_faults(inconclusive_ - (was_ours ? 1 : 0), probed_);
}

Book::Book(const std::string& checkpoint)
    : own_checkpoint_(std::make_shared<const std::string>(render_labels({{"checkpoint", checkpoint}}))) {}

void Book::apply(const Config& config) {
  std::vector<std::shared_ptr<const TargetRecord>> records;
  records.reserve(config.targets.size());
  for (const auto& target : config.targets) {
    const TargetRecord* known = find(target->name);
    auto record =
        known != nullptr ? std::make_shared<TargetRecord>(*known) : std::make_shared<TargetRecord>();
    record->config = target;
    record->labels = render(*target, own_checkpoint_);
    if (known != nullptr && known->labels->checkpoints != record->labels->checkpoints)
      record->checkpoints.clear();
    records.push_back(std::move(record));
  }
  by_name_.clear();
  records_ = std::move(records);
  probed_ = inconclusive_ = 0;
  by_name_.reserve(records_.size());
  for (std::size_t index = 0; index < records_.size(); ++index) {
    by_name_.emplace(records_[index]->config->name, index);
    tally(*records_[index], +1);
  }
}

const TargetRecord* Book::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : records_[found->second].get();
}

void Book::enter(std::string_view name, std::shared_ptr<const ProbeResult> result, const Step& judged) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return;
  TargetRecord& record = editable(found->second);
  tally(record, -1);
  record.count(*result);
  record.time(*result);
  record.judge(judged);
  record.last = compact(*result);
  tally(record, +1);
  learn_families(*record.last);
}

void Book::enter(std::string_view name, const Round& round, const ProbeResult& combined, const Step& judged) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return;
  ProbeResult all = combined;
  TargetRecord& record = editable(found->second);
  record.checkpoints.resize(record.labels->checkpoints.size());
  for (std::size_t i = 0; i < record.checkpoints.size() && i < round.size(); ++i) {
    Seen& checkpoint = record.checkpoints[i];
    checkpoint.count(*round[i]);
    ProbeResult kept = *round[i];
    if (kept.verdict != Verdict::inconclusive) add_facts(kept, record.labels->checkpoints[i], all.facts);
    kept.facts.clear();
    checkpoint.last = compact(kept);
  }
  enter(name, std::make_shared<const ProbeResult>(std::move(all)), judged);
}

void Book::enter(std::string_view name, const Step& judged) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) editable(found->second).judge(judged);
}

void Book::set_paused(std::string_view name, bool paused) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end() && records_[found->second]->paused != paused)
    editable(found->second).paused = paused;
}

void Book::count_action(std::string_view name, const std::string& action, AttemptState outcome) {
  if (const auto found = by_name_.find(name); found != by_name_.end())
    ++editable(found->second).recovery.actions[{action, outcome}];
}

void Book::count_refusal(std::string_view name, RecoveryGate gate) {
  if (const auto found = by_name_.find(name); found != by_name_.end())
    ++editable(found->second).recovery.refusals.at(static_cast<std::size_t>(gate));
}

void Book::set_exhausted(std::string_view name, bool exhausted) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end() && records_[found->second]->recovery.exhausted != exhausted)
    editable(found->second).recovery.exhausted = exhausted;
}

void Book::set_maintenance(std::string_view name, bool maintenance) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end() && records_[found->second]->maintenance != maintenance)
    editable(found->second).maintenance = maintenance;
}

void Book::set_drill(std::string_view name, std::optional<Outage> drill) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) editable(found->second).drill = std::move(drill);
}

void Book::set_drill_passed(std::string_view name, WallTime when) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) editable(found->second).drill_passed = when;
}

void Book::restore(std::string_view name, TargetState state) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) editable(found->second).state = std::move(state);
}

TargetRecord& Book::editable(std::size_t index) {
  if (records_[index].use_count() > 1) records_[index] = std::make_shared<TargetRecord>(*records_[index]);
  // Every record is created above as a TargetRecord that is not const, and here nobody else sees it.
  return const_cast<TargetRecord&>(*records_[index]);
}

void Book::tally(const TargetRecord& record, int sign) {
  if (!record.last) return;
  probed_ += static_cast<std::size_t>(sign);
  if (record.last->verdict == Verdict::inconclusive) inconclusive_ += static_cast<std::size_t>(sign);
}

void Book::learn_families(const ProbeResult& result) {
  for (const Fact& fact : result.facts) {
    const auto place = std::ranges::lower_bound(fact_families_, fact.family->metric, {},
                                                [](const FactFamily* family) { return family->metric; });
    if (place == fact_families_.end() || (*place)->metric != fact.family->metric)
      fact_families_.insert(place, fact.family);
  }
}

}  // namespace lookout
