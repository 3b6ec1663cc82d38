// What every request that changes something must be: a POST of JSON by somebody who has shown who they are.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/serve/http_message.h"

namespace lookout {

// The answer to one that is not; `doing`: "Pausing".
std::optional<Response> refused_posting(const Request& request, std::string_view doing,
                                        std::size_t most_bytes = 1024);

}  // namespace lookout
