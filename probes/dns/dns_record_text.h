// Puts the DNS library's presentation text of a record into the form that patterns written for
// blackbox_exporter expect. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lookout {

// `text` is owner, TTL, class, type and data, separated by tabs, perhaps with blanks and a line feed at its
// end.
std::string tidy_record_text(std::string_view text, std::uint16_t type, std::uint16_t record_class);

}  // namespace lookout
