// Style, script and icon of the pages, which are built into the binary from exporter/serve/assets. Their URLs
// change with their content, so that browsers may keep them for ever. Pure.
#pragma once

#include <string>
#include <string_view>

#include "exporter/serve/http_message.h"

namespace lookout {

// "assets/style.css?v=0a1b2c3d", from the first page. The name must be one of those there are.
std::string asset_path(std::string_view name);

// What /assets/NAME answers.
Response asset_response(std::string_view name, std::string_view query);

}  // namespace lookout
