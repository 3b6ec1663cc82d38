// Runs one whole probe through run_probe, on a loop of its own.
#pragma once

#include <string>

#include "probes/run_probe.h"
#include "tests/support/conversation.h"

namespace lookout::test {

// A module as a configuration file has it, in one line: "{prober: tcp, tcp: {tls: true}}". A problem ends the
// test with its text.
std::shared_ptr<const Module> module_of(const std::string& yaml);

// `prepare` runs before the probe, e.g. name_server(dns.port()).
ProbeResult probe_once(std::shared_ptr<const Module> module, Target target,
                       Duration timeout = std::chrono::seconds(5),
                       const std::function<void(ProbeServices&)>& prepare = {});
ProbeResult probe_once(KindConfig config, Target target, Duration timeout = std::chrono::seconds(5),
                       const std::function<void(ProbeServices&)>& prepare = {});

}  // namespace lookout::test
