// What a request takes from files: credentials and bodies, read anew for each probe so that a rotated secret
// counts at once. Short blocking reads, as everything that blackbox_exporter's users keep in such files is
// small; larger files are refused.
#pragma once

#include <optional>
#include <string>

#include "probes/core/probe.h"
#include "probes/http/http_config.h"
#include "probes/net/http_url.h"

namespace lookout {

inline constexpr std::size_t kMaximumFile = 16 * 1024 * 1024;

// The value of the Authorization header that the module asks for, if it does. An unreadable file is our own
// fault: internal.
Attempt<std::optional<std::string>> read_authorization(const ProbeRun& run, const HttpConfig& config);
// The same for the userinfo of a URL.
std::optional<std::string> userinfo_authorization(const HttpUrl& url);

Attempt<std::optional<std::string>> read_body(const ProbeRun& run, const HttpConfig& config);

}  // namespace lookout
