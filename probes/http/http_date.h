// The three forms of a date in HTTP (RFC 9110 section 5.6.7). Pure.
#pragma once

#include <optional>
#include <string>

namespace lookout {

// Unix time. nullopt: none of the three forms.
std::optional<double> parse_http_date(const std::string& text);

}  // namespace lookout
