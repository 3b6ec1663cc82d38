// /badge/NAME.svg: a target's state, uptime or latency as a picture for other pages.
#pragma once

#include <string>

#include "exporter/serve/backend.h"
#include "exporter/serve/http_message.h"

namespace lookout {

// `file`: "NAME.svg", decoded.
Task<Response> badge(Backend& backend, const Request& request, std::string file);

}  // namespace lookout
