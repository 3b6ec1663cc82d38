#include "exporter/actions/json_at.h"

#include <boost/json.hpp>

namespace lookout {

namespace json = boost::json;

namespace {

const json::value* find(const json::value& value, std::string_view pointer) {
  json::error_code error;
  return value.find_pointer(pointer, error);
}

}  // namespace

json::value parsed_json(const std::string& text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  return error ? json::value() : value;
}

std::string_view text_at(const json::value& value, std::string_view pointer) {
  const json::value* found = find(value, pointer);
  const json::string* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

std::int64_t number_at(const json::value& value, std::string_view pointer, std::int64_t otherwise) {
  const json::value* found = find(value, pointer);
  const std::int64_t* number = found == nullptr ? nullptr : found->if_int64();
  return number == nullptr ? otherwise : *number;
}

const json::array& items_at(const json::value& value, std::string_view pointer) {
  static const json::array kNone;
  const json::value* found = find(value, pointer);
  const json::array* items = found == nullptr ? nullptr : found->if_array();
  return items == nullptr ? kNone : *items;
}

}  // namespace lookout
