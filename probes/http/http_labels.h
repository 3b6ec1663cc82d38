// What a module's `labels` take out of a response, for probe_expect_info. Pure.
#pragma once

#include <string>

#include "probes/http/http_config.h"
#include "probes/net/http_transfers.h"

namespace lookout {

// Rendered labels, one for each of the module's: empty where its pattern does not match, one line of UTF-8
// and at most kMaximumLabel bytes where it does.
std::string http_labels(const HttpConfig& config, const HttpResponse& response);

inline constexpr std::size_t kMaximumLabel = 1024;

}  // namespace lookout
