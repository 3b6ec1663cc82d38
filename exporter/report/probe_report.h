// One probe, told to a person or to a script. What came from the network goes through printable() here. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/report/terminal_text.h"
#include "probes/core/probe.h"

namespace lookout {

struct ProbeReport {
  std::string target;  // without a password
  std::string module;
  std::string kind;  // of the module's prober
  const ProbeResult& result;
};

std::string probe_text(const ProbeReport& report, const TextStyle& style);

// {target, module, prober, verdict, started, seconds, timeout_seconds, attempts, stages[{stage, seconds}],
// failure{stage, cause, meaning, detail} or null, certificates[{subject, issuer, not_before, not_after,
// names[], names_left_out, serial, fingerprint_sha256, key, signature}], facts[{metric, labels{}, value}],
// trace[{seconds, text}], advice[]}. Durations are seconds, moments Unix seconds; a value that is no number
// is null.
std::string probe_json(const ProbeReport& report);

// What to look at next: of a failure, and of a certificate that soon ends.
std::vector<std::string> next_steps(const ProbeReport& report);

}  // namespace lookout
