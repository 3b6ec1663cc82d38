// Which of several Lookouts that watch the same targets acts: the one that holds the lock of a file on this
// host, a Lease in Kubernetes, or both; without either in the configuration, this one. What cannot be read is
// not held. Main loop; the lease is renewed on the loop of actions.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "exporter/config/recovery_config.h"
#include "exporter/journal/file_lock.h"
#include "probes/core/clock.h"
#include "probes/core/task.h"

namespace lookout {

class ActionLoop;

class Leadership {
 public:
  // `loop` may be nullptr: there are no leases.
  explicit Leadership(ActionLoop* loop) : loop_(loop) {}

  void apply(const RecoveryConfig& config);
  // Why another acts, or may; empty: this one does.
  std::string refusal(SteadyTime now);
  // For ever, while there is a lease to be held. One at a time.
  Task<> keep_lease();
  // Gives a lease back, so that another may act at once, and leads no more.
  Task<> release();

 private:
  struct HeldLease;
  std::string lease_refusal(SteadyTime now) const;

  ActionLoop* const loop_;
  std::unique_ptr<FileLock> lock_;
  std::shared_ptr<HeldLease> lease_;
  bool released_ = false;
};

}  // namespace lookout
