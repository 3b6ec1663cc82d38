// /api/v1/sd: the configured targets as Prometheus's HTTP service discovery takes them, for scrape
// configurations that let Prometheus ask /probe. Passwords in addresses are masked.
#pragma once

#include "exporter/config/config.h"
#include "exporter/serve/http_message.h"

namespace lookout {

Response service_discovery(const Config& config);

}  // namespace lookout
