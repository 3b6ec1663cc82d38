#include "exporter/serve/history.h"

namespace lookout {
namespace {

std::size_t weight(const ProbeRecord& record) {
  std::size_t bytes =
      sizeof record + sizeof *record.result + record.target.address.size() + record.target.hostname.size();
  for (const TraceLine& line : record.result->trace) bytes += sizeof line + line.text.size();
  for (const Fact& fact : record.result->facts) bytes += sizeof fact + fact.labels.size();
  for (const auto& certificate : record.result->certificates) {
    bytes += sizeof *certificate + certificate->subject.size() + certificate->issuer.size();
    for (const std::string& name : certificate->names) bytes += sizeof name + name.size();
  }
  if (record.result->failure) bytes += record.result->failure->detail.size();
  return bytes;
}

// A single probe takes at most this part of the memory, which none comes near in practice.
constexpr std::size_t kSharesOfMemory = 8;

bool failed(const ProbeRecord& record) { return record.result->verdict != Verdict::up; }

}  // namespace

ProbeRecordPtr History::add(std::shared_ptr<const Module> module, Target target,
                            std::shared_ptr<const ProbeResult> result) {
  auto record = std::make_shared<const ProbeRecord>(
      ProbeRecord{next_id_++, std::move(module), std::move(target), std::move(result)});
  const std::size_t bytes = weight(*record);
  if (bytes > byte_limit_ / kSharesOfMemory) return record;
  newest_.push_back({record, bytes});
  bytes_ += bytes;
  if (newest_.size() > limit_) {
    if (failed(*newest_.front().record)) {
      failures_.push_back(newest_.front());
      bytes_ += failures_.back().bytes;
      if (failures_.size() > limit_) drop_oldest(failures_);
    }
    drop_oldest(newest_);
  }
  while (bytes_ > byte_limit_) drop_oldest(failures_.empty() ? newest_ : failures_);
  return record;
}

void History::drop_oldest(std::deque<Kept>& from) {
  bytes_ -= from.front().bytes;
  from.pop_front();
}

template <class Predicate>
ProbeRecordPtr History::first(Predicate wanted) const {
  for (const std::deque<Kept>* list : {&failures_, &newest_}) {
    for (const Kept& kept : *list) {
      if (wanted(*kept.record)) return kept.record;
    }
  }
  return nullptr;
}

ProbeRecordPtr History::find(std::int64_t id) const {
  return first([id](const ProbeRecord& record) { return record.id == id; });
}

ProbeRecordPtr History::find(std::string_view target, std::optional<std::string_view> module) const {
  return first([&](const ProbeRecord& record) {
    return record.target.address == target && (!module || record.module->name == *module);
  });
}

std::vector<ProbeRecordPtr> History::records() const {
  std::vector<ProbeRecordPtr> records;
  records.reserve(failures_.size() + newest_.size());
  for (const std::deque<Kept>* list : {&failures_, &newest_}) {
    for (const Kept& kept : *list) records.push_back(kept.record);
  }
  return records;
}

}  // namespace lookout
