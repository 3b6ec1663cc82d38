// What happened in one probe, for people: /probe?debug=true and /logs. Secrets are masked. Pure.
#pragma once

#include <string>

#include "exporter/serve/backend.h"
#include "exporter/serve/http_message.h"

namespace lookout {

// Three sections: what the probe told on its way, its metrics, and its module with the effect of `hostname`.
std::string debug_text(const ProbeRecord& record);

// /logs?id=N, /logs?target=T[&module=M]
Response logs_page(const History& history, const Request& request);

}  // namespace lookout
