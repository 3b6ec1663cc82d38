// Text on its way into a page. Pure.
#pragma once

#include <string>
#include <string_view>

namespace lookout {

// For HTML and XML, in text and in attribute values; bytes that are not UTF-8 and control characters are
// replaced.
std::string html_escaped(std::string_view text);

}  // namespace lookout
