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

json::value parsed_json(std::string_view text) {
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

double real_at(const json::value& value, std::string_view pointer) {
  const json::value* found = find(value, pointer);
  return found != nullptr && found->is_number() ? found->to_number<double>() : 0;
}

const json::array* list_at(const json::value& value, std::string_view pointer) {
  const json::value* found = find(value, pointer);
  return found == nullptr ? nullptr : found->if_array();
}

const json::array& items_at(const json::value& value, std::string_view pointer) {
  static const json::array kNone;
  const json::array* items = list_at(value, pointer);
  return items == nullptr ? kNone : *items;
}

}  // namespace lookout
