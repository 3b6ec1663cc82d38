// POST /api/v1/targets/NAME/pause with {"paused": true|false}. Only for those who have shown who they are.
#pragma once

#include <string>

#include "exporter/serve/backend.h"
#include "exporter/serve/http_message.h"

namespace lookout {

Response pause_target(Backend& backend, const Request& request, const std::string& name);

}  // namespace lookout
