// The thread that actions run on, apart from everything that probes and everything that serves: one that
// hangs, or a hundred, delay nobody. Owned by App; called on the main loop.
#pragma once

#include <memory>

#include "exporter/actions/action.h"

namespace lookout {

class ActionLoop {
 public:
  ActionLoop();
  // Cuts what still runs, programs with all that they started; nobody is told of it any more.
  ~ActionLoop();

  // Begins at once, in the order of the calls; resumes on the caller's loop.
  Task<ActionResult> run(std::shared_ptr<const ActionConfig> action, ActionCause cause);

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace lookout
