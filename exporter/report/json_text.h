// Texts and times as values of JSON, which is UTF-8 whatever a peer sent. Pure.
#pragma once

#include <optional>
#include <string_view>

#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include "probes/core/clock.h"

namespace lookout {

boost::json::string json_text(std::string_view value);
// null in place of an empty one.
boost::json::value json_text_or_null(std::string_view value);
boost::json::value json_time_or_null(const std::optional<WallTime>& time);

}  // namespace lookout
