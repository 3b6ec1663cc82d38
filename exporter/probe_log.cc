#include "exporter/probe_log.h"

#include <fmt/format.h>

#include "exporter/log.h"
#include "probes/core/text.h"

namespace lookout {

void log_probe(const ProbeRecord& record) {
  const ProbeResult& result = *record.result;
  const bool verbose = logs_at(LogSource::prober, LogLevel::debug);
  if (!verbose && !result.failure) return;
  const std::string target = mask_url_password(record.target.address);
  const std::string duration = fmt::format("{:.6f}", seconds(result.duration));
  if (verbose) {
    for (const TraceLine& line : result.trace) {
      log(LogSource::prober, LogLevel::debug, line.text,
          {{"module", record.module->name}, {"target", target}});
    }
  }
  if (!result.failure) {
    log(LogSource::prober, LogLevel::debug, "Probe succeeded",
        {{"module", record.module->name}, {"target", target}, {"duration_seconds", duration}});
    return;
  }
  log(LogSource::prober, LogLevel::error, "Probe failed",
      {{"module", record.module->name},
       {"target", target},
       {"duration_seconds", duration},
       {"stage", std::string(name(result.failure->stage))},
       {"cause", std::string(name(result.failure->cause))},
       {"err", result.failure->detail}});
}

}  // namespace lookout
