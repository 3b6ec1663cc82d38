// The newest probes that /probe was asked for, for people who want to know what happened. Failures outlive
// successes: up to `limit` of them are kept after they have left the newest `limit`. Results are kept, not
// texts, and all of them together stay within a number of bytes, the oldest failures going first. Main loop
// only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "probes/core/probe.h"
#include "probes/registry.h"

namespace lookout {

struct ProbeRecord {
  std::int64_t id = 0;
  std::shared_ptr<const Module> module;  // as it was asked with
  Target target;
  std::shared_ptr<const ProbeResult> result;
};
using ProbeRecordPtr = std::shared_ptr<const ProbeRecord>;

class History {
 public:
  explicit History(std::size_t limit, std::size_t byte_limit = 16U << 20U)
      : limit_(limit), byte_limit_(byte_limit) {}

  // Ids count from 0 and are never used again. The record is returned also where it is not kept.
  ProbeRecordPtr add(std::shared_ptr<const Module> module, Target target,
                     std::shared_ptr<const ProbeResult> result);

  // nullptr: none (any more).
  ProbeRecordPtr find(std::int64_t id) const;
  // The oldest one, as blackbox_exporter has it: failures that were kept, then the newest probes.
  ProbeRecordPtr find(std::string_view target, std::optional<std::string_view> module) const;
  std::vector<ProbeRecordPtr> records() const;  // in that order

 private:
  struct Kept {
    ProbeRecordPtr record;
    std::size_t bytes;
  };
  void drop_oldest(std::deque<Kept>& from);
  template <class Predicate>
  ProbeRecordPtr first(Predicate wanted) const;

  std::size_t limit_, byte_limit_;
  std::int64_t next_id_ = 0;
  std::size_t bytes_ = 0;
  std::deque<Kept> failures_;  // no longer among the newest
  std::deque<Kept> newest_;
};

}  // namespace lookout
