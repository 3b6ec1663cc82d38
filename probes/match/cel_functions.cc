#include "probes/match/cel_functions.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "probes/match/cel_conversions.h"
#include "probes/match/cel_operators.h"

namespace lookout::cel {
namespace {

using enum Overload::Form;
using P = Pattern;
using Int = std::int64_t;
using Uint = std::uint64_t;

constexpr bool kOnlyDynamic = true;
constexpr Int kMillisecond = 1'000'000;
constexpr Int kSecond = 1000 * kMillisecond;
constexpr Int kMinute = 60 * kSecond;

// Rows of one name stand together. All of blackbox_exporter's library; messages are not in it.
constexpr auto kOverloads = std::to_array<Overload>({
    {"+", global, P::integer, P::integer, P::integer, add_numbers<Int>},
    {"+", global, P::unsigned_integer, P::unsigned_integer, P::unsigned_integer, add_numbers<Uint>},
    {"+", global, P::real, P::real, P::real, add_numbers<double>},
    {"+", global, P::string, P::string, P::string, add_strings},
    {"+", global, P::bytes, P::bytes, P::bytes, add_bytes},
    {"+", global, P::list_of_a, P::list_of_a, P::list_of_a, add_lists},
    {"+", global, P::timestamp, P::timestamp, P::duration, add_times},
    {"+", global, P::timestamp, P::duration, P::timestamp, add_times},
    {"+", global, P::duration, P::duration, P::duration, add_durations},
    {"-", global, P::integer, P::integer, P::integer, subtract_numbers<Int>},
    {"-", global, P::unsigned_integer, P::unsigned_integer, P::unsigned_integer, subtract_numbers<Uint>},
    {"-", global, P::real, P::real, P::real, subtract_numbers<double>},
    {"-", global, P::duration, P::timestamp, P::timestamp, subtract_times},
    {"-", global, P::timestamp, P::timestamp, P::duration, subtract_times},
    {"-", global, P::duration, P::duration, P::duration, subtract_durations},
    {"*", global, P::integer, P::integer, P::integer, multiply_numbers<Int>},
    {"*", global, P::unsigned_integer, P::unsigned_integer, P::unsigned_integer, multiply_numbers<Uint>},
    {"*", global, P::real, P::real, P::real, multiply_numbers<double>},
    {"/", global, P::integer, P::integer, P::integer, divide_numbers<Int>},
    {"/", global, P::unsigned_integer, P::unsigned_integer, P::unsigned_integer, divide_numbers<Uint>},
    {"/", global, P::real, P::real, P::real, divide_numbers<double>},
    {"%", global, P::integer, P::integer, P::integer, remainder_of_numbers<Int>},
    {"%", global, P::unsigned_integer, P::unsigned_integer, P::unsigned_integer, remainder_of_numbers<Uint>},
    {"-_", global, P::integer, P::integer, P::none, negate_number<Int>},
    {"-_", global, P::real, P::real, P::none, negate_number<double>},
    {"!_", global, P::boolean, P::boolean, P::none, negate_boolean},
    {"==", global, P::boolean, P::a, P::a, is_equal},
    {"!=", global, P::boolean, P::a, P::a, is_unequal},
    {"<", global, P::boolean, P::ordered, P::ordered, is_less},
    {"<", global, P::boolean, P::any, P::any, is_less, kOnlyDynamic},
    {"<=", global, P::boolean, P::ordered, P::ordered, is_at_most},
    {"<=", global, P::boolean, P::any, P::any, is_at_most, kOnlyDynamic},
    {">", global, P::boolean, P::ordered, P::ordered, is_greater},
    {">", global, P::boolean, P::any, P::any, is_greater, kOnlyDynamic},
    {">=", global, P::boolean, P::ordered, P::ordered, is_at_least},
    {">=", global, P::boolean, P::any, P::any, is_at_least, kOnlyDynamic},
    {"in", global, P::boolean, P::a, P::list_of_a, is_in_list},
    {"in", global, P::boolean, P::a, P::map_of_a_to_b, is_in_map},
    {"[]", global, P::a, P::list_of_a, P::integer, item_of_list},
    {"[]", global, P::b, P::map_of_a_to_b, P::a, value_of_map},
    {"[]", global, P::any, P::list_of_a, P::any, item_of_list, kOnlyDynamic},
    {"size", either, P::integer, P::string, P::none, size_of},
    {"size", either, P::integer, P::bytes, P::none, size_of},
    {"size", either, P::integer, P::list_of_a, P::none, size_of},
    {"size", either, P::integer, P::map_of_a_to_b, P::none, size_of},
    {"contains", member, P::boolean, P::string, P::string, contains},
    {"startsWith", member, P::boolean, P::string, P::string, starts_with},
    {"endsWith", member, P::boolean, P::string, P::string, ends_with},
    {"matches", either, P::boolean, P::string, P::string, matches_pattern},
    {"int", global, P::integer, P::integer, P::none, to_integer},
    {"int", global, P::integer, P::unsigned_integer, P::none, to_integer},
    {"int", global, P::integer, P::real, P::none, to_integer},
    {"int", global, P::integer, P::string, P::none, to_integer},
    {"int", global, P::integer, P::timestamp, P::none, to_integer},
    {"int", global, P::integer, P::duration, P::none, to_integer},
    {"uint", global, P::unsigned_integer, P::unsigned_integer, P::none, to_unsigned},
    {"uint", global, P::unsigned_integer, P::integer, P::none, to_unsigned},
    {"uint", global, P::unsigned_integer, P::real, P::none, to_unsigned},
    {"uint", global, P::unsigned_integer, P::string, P::none, to_unsigned},
    {"double", global, P::real, P::real, P::none, to_real},
    {"double", global, P::real, P::integer, P::none, to_real},
    {"double", global, P::real, P::unsigned_integer, P::none, to_real},
    {"double", global, P::real, P::string, P::none, to_real},
    {"bool", global, P::boolean, P::boolean, P::none, to_boolean},
    {"bool", global, P::boolean, P::string, P::none, to_boolean},
    {"string", global, P::string, P::string, P::none, to_string},
    {"string", global, P::string, P::boolean, P::none, to_string},
    {"string", global, P::string, P::integer, P::none, to_string},
    {"string", global, P::string, P::unsigned_integer, P::none, to_string},
    {"string", global, P::string, P::real, P::none, to_string},
    {"string", global, P::string, P::bytes, P::none, to_string},
    {"string", global, P::string, P::timestamp, P::none, to_string},
    {"string", global, P::string, P::duration, P::none, to_string},
    {"bytes", global, P::bytes, P::bytes, P::none, to_bytes},
    {"bytes", global, P::bytes, P::string, P::none, to_bytes},
    {"timestamp", global, P::timestamp, P::timestamp, P::none, to_timestamp},
    {"timestamp", global, P::timestamp, P::integer, P::none, to_timestamp},
    {"timestamp", global, P::timestamp, P::string, P::none, to_timestamp},
    {"duration", global, P::duration, P::duration, P::none, to_duration},
    {"duration", global, P::duration, P::integer, P::none, to_duration},
    {"duration", global, P::duration, P::string, P::none, to_duration},
    {"dyn", global, P::any, P::any, P::none, to_itself},
    {"type", global, P::type, P::any, P::none, to_type},
    {"getFullYear", member, P::integer, P::timestamp, P::none, calendar_field<&CalendarFields::year>},
    {"getFullYear", member, P::integer, P::timestamp, P::string, calendar_field<&CalendarFields::year>},
    {"getMonth", member, P::integer, P::timestamp, P::none, calendar_field<&CalendarFields::month>},
    {"getMonth", member, P::integer, P::timestamp, P::string, calendar_field<&CalendarFields::month>},
    {"getDayOfYear", member, P::integer, P::timestamp, P::none, calendar_field<&CalendarFields::day_of_year>},
    {"getDayOfYear", member, P::integer, P::timestamp, P::string,
     calendar_field<&CalendarFields::day_of_year>},
    {"getDayOfMonth", member, P::integer, P::timestamp, P::none,
     calendar_field<&CalendarFields::day_of_month>},
    {"getDayOfMonth", member, P::integer, P::timestamp, P::string,
     calendar_field<&CalendarFields::day_of_month>},
    {"getDate", member, P::integer, P::timestamp, P::none, calendar_field<&CalendarFields::day_of_month, 1>},
    {"getDate", member, P::integer, P::timestamp, P::string,
     calendar_field<&CalendarFields::day_of_month, 1>},
    {"getDayOfWeek", member, P::integer, P::timestamp, P::none, calendar_field<&CalendarFields::day_of_week>},
    {"getDayOfWeek", member, P::integer, P::timestamp, P::string,
     calendar_field<&CalendarFields::day_of_week>},
    {"getHours", member, P::integer, P::timestamp, P::none, calendar_field<&CalendarFields::hours>},
    {"getHours", member, P::integer, P::timestamp, P::string, calendar_field<&CalendarFields::hours>},
    {"getHours", member, P::integer, P::duration, P::none, whole_units<60 * kMinute>},
    {"getMinutes", member, P::integer, P::timestamp, P::none, calendar_field<&CalendarFields::minutes>},
    {"getMinutes", member, P::integer, P::timestamp, P::string, calendar_field<&CalendarFields::minutes>},
    {"getMinutes", member, P::integer, P::duration, P::none, whole_units<kMinute>},
    {"getSeconds", member, P::integer, P::timestamp, P::none, calendar_field<&CalendarFields::seconds>},
    {"getSeconds", member, P::integer, P::timestamp, P::string, calendar_field<&CalendarFields::seconds>},
    {"getSeconds", member, P::integer, P::duration, P::none, whole_units<kSecond>},
    {"getMilliseconds", member, P::integer, P::timestamp, P::none,
     calendar_field<&CalendarFields::milliseconds>},
    {"getMilliseconds", member, P::integer, P::timestamp, P::string,
     calendar_field<&CalendarFields::milliseconds>},
    {"getMilliseconds", member, P::integer, P::duration, P::none, whole_units<kMillisecond>},
});

bool fits(Pattern pattern, Kind kind) {
  switch (pattern) {
    case P::none:
      return false;
    case P::any:
    case P::a:
    case P::b:
    case P::ordered:
      return true;
    case P::boolean:
      return kind == Kind::boolean;
    case P::integer:
      return kind == Kind::integer;
    case P::unsigned_integer:
      return kind == Kind::unsigned_integer;
    case P::real:
      return kind == Kind::real;
    case P::string:
      return kind == Kind::string;
    case P::bytes:
      return kind == Kind::bytes;
    case P::timestamp:
      return kind == Kind::timestamp;
    case P::duration:
      return kind == Kind::duration;
    case P::type:
      return kind == Kind::type;
    case P::list_of_a:
      return kind == Kind::list;
    case P::map_of_a_to_b:
      return kind == Kind::map;
  }
  return false;
}

// Numbers of a body are doubles, which people find out here.
std::string_view remedy(Arguments arguments) {
  if (arguments.size() < 2 || !arguments[0].is_number() || !arguments[1].is_number()) return "";
  const bool with_real = arguments[0].kind() == Kind::real || arguments[1].kind() == Kind::real;
  return with_real ? "; JSON's numbers are doubles, so write 1.0 for 1, or int(...)" : "";
}

}  // namespace

bool Overload::accepts(std::span<const Value> values) const {
  return values.size() == arguments() && (values.empty() || fits(first, values[0].kind())) &&
         (values.size() < 2 || fits(second, values[1].kind()));
}

std::span<const Overload> overloads_of(std::string_view name) {
  const auto found = std::ranges::find(kOverloads, name, &Overload::name);
  const auto end =
      std::find_if(found, kOverloads.end(), [&](const Overload& row) { return row.name != name; });
  return {found, end};
}

std::span<const std::string_view> function_names() {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names;
    for (const Overload& row : kOverloads) {
      if (row.name[0] >= 'a' && row.name != "in" && (names.empty() || names.back() != row.name))
        names.push_back(row.name);
    }
    return names;
  }();
  return kNames;
}

Result<Value> call(std::span<const Overload> overloads, std::span<const Value> arguments, Budget& budget) {
  for (const Overload& overload : overloads) {
    if (overload.accepts(arguments)) return overload.code(arguments, budget);
  }
  std::string kinds;
  for (const Value& argument : arguments)
    kinds += fmt::format("{}{}", kinds.empty() ? "" : " and ", kind_name(argument.kind()));
  return Error{fmt::format("{} does not take {}{}", overloads.front().name, kinds, remedy(arguments))};
}

}  // namespace lookout::cel
