// Files that a request takes its parts from: credentials, header values, bodies. Read anew for each probe, so
// that a rotated secret counts at once. Short blocking reads, as everything that blackbox_exporter's users
// keep in such files is small; larger files are refused. An unreadable file is our own fault: internal.
#pragma once

#include <string>

#include "probes/core/probe.h"

namespace lookout {

inline constexpr std::size_t kMaximumFile = 16 * 1024 * 1024;

// All bytes as they are.
Attempt<std::string> read_file(const ProbeRun& run, const std::string& path);
// One line without the blanks around it, fit for a header.
Attempt<std::string> read_secret_file(const ProbeRun& run, const std::string& path);

}  // namespace lookout
