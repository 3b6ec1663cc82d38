// What stands at a JSON pointer (RFC 6901) in an answer of somebody else's, who may have sent anything. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace lookout {

// Null where the text is no JSON.
boost::json::value parsed_json(std::string_view text);

// Empty, or `otherwise`, where there is nothing of that type.
std::string_view text_at(const boost::json::value& value, std::string_view pointer);
std::int64_t number_at(const boost::json::value& value, std::string_view pointer, std::int64_t otherwise = 0);
double real_at(const boost::json::value& value, std::string_view pointer);
const boost::json::array& items_at(const boost::json::value& value, std::string_view pointer);
// nullptr where there is no list.
const boost::json::array* list_at(const boost::json::value& value, std::string_view pointer);

}  // namespace lookout
