// /incidents.atom: the newest incidents for feed readers and chat rooms (RFC 4287).
#pragma once

#include <string_view>

#include "exporter/serve/backend.h"
#include "exporter/serve/http_message.h"

namespace lookout {

// `external_url`: without a slash at its end; empty: links are relative to the feed.
Task<Response> incident_feed(Backend& backend, std::string_view external_url);

}  // namespace lookout
