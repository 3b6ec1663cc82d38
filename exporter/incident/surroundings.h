// What surrounds a target at the moment of its judgement: maintenance and pauses, what it depends on, and
// whether this instance can be trusted at all. Reads the book and one configuration; decides nothing else.
// Main loop.
//
// A failure is only then the target's own when what it depends on has been seen to be well since it began.
// Until those have been probed once more, and for two of their intervals at most, its incident is held
// (`verifying`); likewise until at least half of the reference targets have been seen to be well.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "exporter/incident/book.h"
#include "exporter/incident/dependencies.h"
#include "exporter/incident/maintenance.h"

namespace lookout {

class Surroundings {
 public:
  explicit Surroundings(const Book& book) : book_(book) {}
  // After the book has taken up the same configuration.
  void apply(std::shared_ptr<const Config> config);

  // More than half of the reference targets are down, or of all targets' newest probes were our own fault;
  // `judged` as in Book::isolated.
  bool isolated(const TargetRecord* judged = nullptr) const;
  bool in_maintenance(std::string_view target, WallTime now);
  // For a target whose failures began at `onset`.
  Circumstances of(const TargetRecord& record, Moment onset, Moment now);
  // Others are judged by what is known of this one.
  bool matters_to_others(std::string_view target) const { return matters_.contains(target); }
  bool has_maintenance() const { return config_ && !config_->maintenance.empty(); }

 private:
  Circumstances by_dependencies(const TargetRecord& record, Moment onset, Moment now) const;
  Circumstances by_references(const TargetRecord& record, Moment onset, Moment now) const;

  const Book& book_;
  std::shared_ptr<const Config> config_;
  std::optional<MaintenanceCalendar> calendar_;
  std::optional<Dependencies> dependencies_;
  std::unordered_set<std::string_view> matters_;  // names lie in the configuration
};

}  // namespace lookout
