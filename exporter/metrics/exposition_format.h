// The two text formats of the metrics pages, and which one a client wants.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lookout {

enum class ExpositionFormat : std::uint8_t { text, openmetrics };  // text 0.0.4, OpenMetrics 1.0

// By the Accept header: the better quality wins, then the more specific range, then the one written first.
// OpenMetrics only where it is asked for by name, in version 1.0.0 or any; everything unknown gets text, and
// nobody is refused.
ExpositionFormat negotiate_format(std::string_view accept);
// `accept`: whose first known escaping scheme is echoed; names that would need one are never written.
std::string content_type(ExpositionFormat format, std::string_view accept);

}  // namespace lookout
