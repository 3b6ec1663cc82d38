// What the HTTP server needs of the rest of the program. Implemented by App; faked in the server's tests.
// Main loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/drill/drills.h"
#include "exporter/incident/book.h"
#include "exporter/journal/journal.h"
#include "exporter/journal/recorder.h"
#include "exporter/metrics/self_metrics.h"
#include "exporter/recovery/recovery.h"
#include "exporter/serve/history.h"
#include "probes/core/task.h"

namespace lookout {

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::shared_ptr<const Config> config() const = 0;
  virtual const Book& book() const = 0;
  virtual Journal& journal() = 0;                // what is past
  virtual const Recorder& recorder() const = 0;  // what is open
  virtual SelfMetrics& metrics() = 0;
  virtual bool ready() const = 0;
  virtual History& history() = 0;
  // A probe on request has ended, and is in the history.
  virtual void probe_ended(const ProbeRecord& record) = 0;
  // Runs on one of the probing loops; resumes on the main loop.
  virtual Task<ProbeResult> probe(std::shared_ptr<const Module> module, Target target, Duration timeout) = 0;
  // Probes all `mode: scrape` targets concurrently, each within its own timeout; returns when the last has
  // ended, and after `timeout` in any case.
  virtual Task<> probe_scrape_targets(Duration timeout) = 0;
  // Pauses a target, or ends its pause; false: there is none of this name.
  virtual bool pause(const std::string& target, bool paused) = 0;
  virtual Recovery& recovery() = 0;
  virtual Drills& drills() = 0;
  // Loads the configuration again; problems leave the old one in place.
  virtual std::vector<Problem> reload() = 0;
};

}  // namespace lookout
