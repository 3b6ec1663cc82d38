// /probe: one probe on request, blackbox_exporter's parameters, errors and timeout. Main loop.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "exporter/serve/backend.h"
#include "exporter/serve/http_message.h"

namespace lookout {

// The time that a probe gets. `header_seconds`: what the scraper allows itself for the whole request; absent
// or 0 means two minutes. The offset leaves the scraper time for the answer and comes off the header's value
// only. `module_timeout` zero: none of its own.
Duration effective_timeout(Duration module_timeout, std::optional<double> header_seconds,
                           double offset_seconds);

// A number as Go's strconv.ParseFloat reads it, or its words for why it cannot.
std::variant<double, std::string_view> parse_go_float(std::string_view text);

Task<Response> probe_page(Backend& backend, const Request& request, double timeout_offset_seconds);

}  // namespace lookout
