// Bytes as letters (RFC 4648 section 4). Pure.
#pragma once

#include <string>
#include <string_view>

namespace lookout {

std::string base64(std::string_view bytes);

}  // namespace lookout
