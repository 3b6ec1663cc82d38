// Puts the DNS library's presentation text of a record into the form that patterns written for
// blackbox_exporter expect. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lookout {

// `text` is owner, TTL, class, type and data, separated by tabs, perhaps with blanks and a line feed at its
// end. `names`: which of the data's words are domain names.
std::string tidy_record_text(std::string_view text, std::uint16_t type, std::uint16_t record_class,
                             const std::vector<bool>& names = {});

}  // namespace lookout
