#include "exporter/recovery/ledger.h"

#include <algorithm>
#include <ranges>

namespace lookout {

void Ledger::put(const RecoveryAttempt& attempt) {
  std::vector<RecoveryAttempt>& attempts = by_target_[attempt.target];
  std::erase_if(attempts, [&](const RecoveryAttempt& known) { return known.id == attempt.id; });
  attempts.insert(std::ranges::upper_bound(attempts, attempt.decided, {}, &RecoveryAttempt::decided),
                  attempt);
}

void Ledger::forget(WallTime now) {
  for (auto& [target, attempts] : by_target_) {
    std::erase_if(attempts, [&](const RecoveryAttempt& attempt) {
      return !attempt.pending() && attempt.state != AttemptState::settling &&
             attempt.decided < now - kAttemptMemory;
    });
  }
  std::erase_if(by_target_, [](const auto& entry) { return entry.second.empty(); });
}

void Ledger::forget_observed(std::string_view target, std::string_view incident) {
  const auto found = by_target_.find(target);
  if (found == by_target_.end()) return;
  std::erase_if(found->second, [&](const RecoveryAttempt& attempt) {
    return attempt.state == AttemptState::observed && attempt.incident == incident;
  });
}

const RecoveryAttempt* Ledger::find(std::string_view id) const {
  for (const auto& [target, attempts] : by_target_) {
    if (const RecoveryAttempt* found = find(target, id)) return found;
  }
  return nullptr;
}

const RecoveryAttempt* Ledger::find(std::string_view target, std::string_view id) const {
  const std::vector<RecoveryAttempt>& attempts = of(target);
  const auto found = std::ranges::find(attempts, id, &RecoveryAttempt::id);
  return found == attempts.end() ? nullptr : &*found;
}

const std::vector<RecoveryAttempt>& Ledger::of(std::string_view target) const {
  static const std::vector<RecoveryAttempt> kNone;
  const auto found = by_target_.find(target);
  return found == by_target_.end() ? kNone : found->second;
}

std::vector<const RecoveryAttempt*> Ledger::all() const {
  std::vector<const RecoveryAttempt*> all;
  for (const auto& [target, attempts] : by_target_) {
    for (const RecoveryAttempt& attempt : attempts) all.push_back(&attempt);
  }
  return all;
}

// A clock that was set back leaves attempts in the future: they count, because they are not long ago.
int Ledger::acted_since(WallTime time) const {
  int count = 0;
  for (const auto& [target, attempts] : by_target_) count += acted_since(target, time);
  return count;
}

int Ledger::acted_since(std::string_view target, WallTime time) const {
  return static_cast<int>(std::ranges::count_if(
      of(target), [&](const RecoveryAttempt& attempt) { return attempt.acted() && attempt.decided > time; }));
}

int Ledger::acted_in(std::string_view target, std::string_view incident) const {
  return static_cast<int>(std::ranges::count_if(of(target), [&](const RecoveryAttempt& attempt) {
    return attempt.acted() && !attempt.fail_back && attempt.incident == incident;
  }));
}

const RecoveryAttempt* Ledger::last_acted(std::string_view target) const {
  const RecoveryAttempt* last = nullptr;
  for (const RecoveryAttempt& attempt : of(target)) {
    if (attempt.acted()) last = &attempt;
  }
  return last;
}

int Ledger::unhelped_in_row(std::string_view target) const {
  int count = 0;
  for (const RecoveryAttempt& attempt : std::views::reverse(of(target))) {
    if (!attempt.acted() || attempt.fail_back) continue;
    if (attempt.did_not_help()) {
      ++count;
    } else if (attempt.state == AttemptState::recovered) {
      break;
    }
  }
  return count;
}

}  // namespace lookout
