// The metrics pages. A scrape is rendered piece by piece, family by family, so that a page of many targets
// never stands whole in memory and other work of the main loop runs between two pieces. Runs on the main
// loop; shows the book as it was when the scrape began, whatever probes and reloads do to it meanwhile.
#pragma once

#include <memory>
#include <string>

#include "exporter/incident/book.h"
#include "exporter/metrics/exposition_format.h"
#include "exporter/metrics/self_metrics.h"
#include "probes/core/probe.h"

namespace lookout {

class Scrape {
 public:
  // Self metrics (prometheus-cpp registry), process metrics, and all targets of the book. Copies pointers, no
  // samples.
  Scrape(const Book& book, const SelfMetrics& self, ExpositionFormat format, WallTime now);
  ~Scrape();
  Scrape(Scrape&&) noexcept;
  Scrape& operator=(Scrape&&) noexcept;

  // Appends about 64 KiB to `out`, or the rest; false: nothing was left to append.
  bool next(std::string& out);

 private:
  struct Page;
  std::unique_ptr<Page> page_;
};

// The page of /probe: facts, probe_success, probe_duration_seconds, probe_timeout_seconds,
// probe_failure_info; families sorted by name.
std::string render_probe(const ProbeResult& result, ExpositionFormat format);

}  // namespace lookout
