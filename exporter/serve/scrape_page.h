// /metrics: probes what is to be probed while it is scraped, then streams all families. Main loop.
#pragma once

#include "exporter/serve/backend.h"
#include "exporter/serve/http_message.h"

namespace lookout {

Task<Response> scrape_page(Backend& backend, const Request& request, double timeout_offset_seconds);

}  // namespace lookout
