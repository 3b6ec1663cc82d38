// The first page, for people: what is wrong, maintenance, and all targets at a glance, worst first.
// Everything that comes from outside is escaped. Main loop.
#pragma once

#include "exporter/serve/backend.h"
#include "exporter/serve/http_message.h"
#include "exporter/serve/past_cache.h"

namespace lookout {

// ?q= text, ?state=, ?group= a label's name, ?page=
Task<Response> status_page(Backend& backend, const Request& request, PastCache& cache);

}  // namespace lookout
