// The page of one target: its state and why, its newest probe, latencies, uptime, incidents, what surrounds
// it. Main loop.
#pragma once

#include <string>

#include "exporter/serve/backend.h"
#include "exporter/serve/http_message.h"
#include "exporter/serve/past_cache.h"

namespace lookout {

// ?before= an incident's id: older ones. `request` and `name` must live until the answer is there.
Task<Response> target_page(Backend& backend, const Request& request, PastCache& cache, std::string name);

}  // namespace lookout
