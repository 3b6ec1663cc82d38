// The thread that actions run on, apart from everything that probes and everything that serves: one that
// hangs, or a hundred, delay nobody, except that the thread waits for each program to be loaded: one on a
// file system that hangs holds up the other actions. Owned by App; called on the main loop.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "exporter/actions/action.h"
#include "exporter/actions/lease.h"

namespace lookout {

// What a round said.
struct LeaseStanding {
  std::optional<SteadyTime> held_until;  // none: not held
  std::string holder, trouble;           // as Lease has it
};

class ActionLoop {
 public:
  ActionLoop();
  // Cuts what still runs, programs with all that they started; nobody is told of it any more.
  ~ActionLoop();

  // Begins at once, in the order of the calls; resumes on the caller's loop.
  Task<ActionResult> run(std::shared_ptr<const ActionConfig> action, ActionCause cause);
  // Other work, with the services of this thread.
  Task<> lend(std::function<Task<bool>(ProbeServices&)> work);
  // One round. The lease is touched on this thread only.
  Task<LeaseStanding> renew(std::shared_ptr<Lease> lease);
  Task<> release(std::shared_ptr<Lease> lease);

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace lookout
