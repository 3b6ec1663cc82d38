// What has been done so far, and what the limits count: the attempts of the last days, of all targets. Pure;
// what it says after a restart is what it said before, because every change is in the journal first.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/incident/recovery_attempt.h"
#include "exporter/journal/entries.h"

namespace lookout {

class Ledger {
 public:
  // A new attempt, or what became of one.
  void put(const RecoveryAttempt& attempt);
  // Those that are over and older than kAttemptMemory.
  void forget(WallTime now);

  // Those of an incident that only said what would have been done.
  void forget_observed(std::string_view target, std::string_view incident);

  const RecoveryAttempt* find(std::string_view id) const;
  const RecoveryAttempt* find(std::string_view target, std::string_view id) const;
  // In the order in which they were decided.
  const std::vector<RecoveryAttempt>& of(std::string_view target) const;
  std::vector<const RecoveryAttempt*> all() const;

  int acted_since(WallTime time) const;
  int acted_since(std::string_view target, WallTime time) const;
  int acted_in(std::string_view target, std::string_view incident) const;
  // The newest that was done to the target; nullptr: none is known.
  const RecoveryAttempt* last_acted(std::string_view target) const;
  // How many of the newest did not help, in a row.
  int unhelped_in_row(std::string_view target) const;

 private:
  std::map<std::string, std::vector<RecoveryAttempt>, std::less<>> by_target_;
};

}  // namespace lookout
