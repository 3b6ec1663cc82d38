// The metrics pages. A scrape is rendered piece by piece, family by family, so that a page of many targets never stands whole in memory
// and other work of the main loop runs between two pieces. Runs on the main loop; reads the book as it was when the scrape began.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "exporter/incident/book.h"
#include "exporter/metrics/self_metrics.h"
#include "probes/core/probe.h"

namespace lookout {

enum class ExpositionFormat { text, openmetrics };  // text 0.0.4, OpenMetrics 1.0

// By the Accept header, as prometheus/common negotiates: quality, then specificity; anything unknown gets text.
ExpositionFormat negotiate_format(std::string_view accept);
std::string_view content_type(ExpositionFormat format);

class Scrape {
 public:
  // Self metrics (prometheus-cpp registry), process metrics, and all targets of the book.
  Scrape(const Book& book, SelfMetrics& self, ExpositionFormat format, WallTime now);
  ~Scrape();
  // Appends about 64 KiB to `out`; false: nothing was left to append.
  bool next(std::string& out);

 private:
  struct Position;
  std::unique_ptr<Position> position_;
};

// The page of /probe: facts, probe_success, probe_duration_seconds, probe_timeout_seconds, probe_failure_info; families sorted by name.
std::string render_probe(const ProbeResult& result, ExpositionFormat format);

}  // namespace lookout
