// The Authorization header that an HTTP client's settings ask for; what is in files is read anew each time
// (secret_file.h). OAuth2 has its own room.
#pragma once

#include <optional>
#include <string>

#include "probes/core/probe.h"
#include "probes/net/http_client_config.h"
#include "probes/net/http_url.h"

namespace lookout {

// The header's value, if it is asked for. An unreadable file is our own fault: internal.
Attempt<std::optional<std::string>> read_authorization(const ProbeRun& run, const HttpClientConfig& config);
// The same for the userinfo of a URL.
std::optional<std::string> userinfo_authorization(const HttpUrl& url);

// RFC 7617.
std::string basic_authorization(std::string_view user_and_password);

// The value as it stands in the configuration or, where there is a path, in the file.
Attempt<std::string> value_or_file(const ProbeRun& run, const std::string& value, const std::string& path);
// `key` is without its ending _ref.
Failure no_secret_manager(const ProbeRun& run, std::string_view key);

}  // namespace lookout
