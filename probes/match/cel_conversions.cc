#include "probes/match/cel_conversions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "probes/core/config_values.h"
#include "probes/core/numbers.h"
#include "probes/core/text.h"

namespace lookout::cel {
namespace {

Error not_convertible(const Value& value, std::string_view type) {
  const std::string shown =
      value.kind() == Kind::string ? in_quotes(value.text()) : std::string(kind_name(value.kind()));
  return {fmt::format("{} is no {}", shown, type)};
}

Error out_of_range(std::string_view type) { return {fmt::format("a number is beyond what {} holds", type)}; }

template <class T>
std::optional<T> read_number(std::string_view text) {
  if constexpr (!std::is_same_v<T, std::uint64_t>) {
    if (text.starts_with("+") && !text.starts_with("+-")) text.remove_prefix(1);
  }
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string printed_real(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

}  // namespace

Result<Value> to_integer(Arguments arguments, Budget&) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::unsigned_integer:
      if (value.as<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return out_of_range("int");
      return Value{static_cast<std::int64_t>(value.as<std::uint64_t>())};
    case Kind::real:
      if (!(std::abs(value.as<double>()) < 9223372036854775808.0)) return out_of_range("int");
      return Value{static_cast<std::int64_t>(value.as<double>())};
    case Kind::timestamp:
      return Value{value.as<Timestamp>().seconds};
    case Kind::duration:
      return Value{static_cast<std::int64_t>(value.as<Duration>().count())};
    case Kind::string: {
      const std::optional<std::int64_t> number = read_number<std::int64_t>(value.text());
      return number ? Result<Value>(Value{*number}) : Result<Value>(not_convertible(value, "int"));
    }
    default:
      return value;
  }
}

Result<Value> to_unsigned(Arguments arguments, Budget&) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::integer:
      if (value.as<std::int64_t>() < 0) return out_of_range("uint");
      return Value{static_cast<std::uint64_t>(value.as<std::int64_t>())};
    case Kind::real:
      if (!(value.as<double>() >= 0 && value.as<double>() < 18446744073709551616.0))
        return out_of_range("uint");
      return Value{static_cast<std::uint64_t>(value.as<double>())};
    case Kind::string: {
      const std::optional<std::uint64_t> number = read_number<std::uint64_t>(value.text());
      return number ? Result<Value>(Value{*number}) : Result<Value>(not_convertible(value, "uint"));
    }
    default:
      return value;
  }
}

Result<Value> to_real(Arguments arguments, Budget&) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::integer:
      return Value{static_cast<double>(value.as<std::int64_t>())};
    case Kind::unsigned_integer:
      return Value{static_cast<double>(value.as<std::uint64_t>())};
    case Kind::string: {
      const std::optional<double> number = read_number<double>(value.text());
      return number ? Result<Value>(Value{*number}) : Result<Value>(not_convertible(value, "double"));
    }
    default:
      return value;
  }
}

Result<Value> to_boolean(Arguments arguments, Budget&) {
  if (arguments[0].kind() != Kind::string) return arguments[0];
  constexpr std::array<std::string_view, 6> kTrue{"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> kFalse{"0", "f", "F", "false", "FALSE", "False"};
  if (std::ranges::find(kTrue, arguments[0].text()) != kTrue.end()) return Value{true};
  if (std::ranges::find(kFalse, arguments[0].text()) != kFalse.end()) return Value{false};
  return not_convertible(arguments[0], "bool");
}

Result<Value> to_string(Arguments arguments, Budget& budget) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::boolean:
      return text_value(value.as<bool>() ? "true" : "false");
    case Kind::integer:
      return text_value(fmt::format("{}", value.as<std::int64_t>()));
    case Kind::unsigned_integer:
      return text_value(fmt::format("{}", value.as<std::uint64_t>()));
    case Kind::real:
      return text_value(printed_real(value.as<double>()));
    case Kind::bytes:
      budget.spend_bytes(value.as<Bytes>().data->size());
      if (!is_utf8(*value.as<Bytes>().data)) return Error{"bytes that are no UTF-8 are no string"};
      return Value{value.as<Bytes>().data};
    case Kind::timestamp:
      return text_value(print_timestamp(value.as<Timestamp>()));
    case Kind::duration:
      return text_value(print_seconds(value.as<Duration>()));
    default:
      return value;
  }
}

Result<Value> to_bytes(Arguments arguments, Budget&) {
  if (arguments[0].kind() != Kind::string) return arguments[0];
  return Value{Bytes{arguments[0].as<Text>()}};
}

Result<Value> to_timestamp(Arguments arguments, Budget&) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::timestamp) return value;
  const std::optional<Timestamp> time =
      value.kind() == Kind::integer ? timestamp_of(value.as<std::int64_t>()) : parse_timestamp(value.text());
  return time ? Result<Value>(Value{*time}) : Result<Value>(not_convertible(value, "timestamp"));
}

Result<Value> to_duration(Arguments arguments, Budget&) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::duration) return value;
  if (value.kind() == Kind::integer) return Value{Duration(value.as<std::int64_t>())};
  const std::optional<Duration> duration = parse_duration(value.text());
  return duration ? Result<Value>(Value{*duration}) : Result<Value>(not_convertible(value, "duration"));
}

Result<Value> to_itself(Arguments arguments, Budget&) { return arguments[0]; }

Result<Value> to_type(Arguments arguments, Budget&) {
  return Value{TypeName{kind_name(arguments[0].kind())}};
}

Result<CalendarFields> fields_in_zone(Arguments arguments, Budget&) {
  const std::optional<int> offset = arguments.size() > 1 ? parse_offset(arguments[1].text()) : 0;
  if (!offset)
    return Error{fmt::format("{} is no time zone; write UTC or an offset like +02:00",
                             in_quotes(arguments[1].text()))};
  return calendar_fields(arguments[0].as<Timestamp>(), *offset);
}

}  // namespace lookout::cel
