#include "probes/match/cel_operators.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/match/regex.h"

namespace lookout::cel {
namespace {

constexpr std::size_t kLongestPattern = 1000;  // of one that is computed; those of literals were read at load
constexpr std::uint64_t kCostOfAPattern = 5000;  // steps that compiling it is worth

Error overflow(std::string_view type) { return {fmt::format("a result is beyond what {} holds", type)}; }

template <class T>
constexpr std::string_view kTypeName = std::is_same_v<T, std::int64_t> ? "int" : "uint";

// The sum of two 64-bit integers, or whatever else, in 128 bits always fits.
template <class T>
Result<Value> narrowed(__int128 value) {
  if (value > std::numeric_limits<T>::max() || value < std::numeric_limits<T>::min())
    return overflow(kTypeName<T>);
  return Value{static_cast<T>(value)};
}

template <class T>
__int128 wide(const Value& value) {
  return static_cast<__int128>(value.as<T>());
}

Result<Value> time_or_overflow(std::optional<Timestamp> time) {
  if (!time) return overflow("a timestamp");
  return Value{*time};
}

Result<Value> duration_or_overflow(__int128 count) {
  if (count > std::numeric_limits<std::int64_t>::max() || count < std::numeric_limits<std::int64_t>::min())
    return overflow("a duration");
  return Value{Duration(static_cast<std::int64_t>(count))};
}

const std::string& bytes_of(const Value& value) { return *value.as<Bytes>().data; }

std::string joined(const std::string& left, const std::string& right, Budget& budget) {
  return budget.spend_bytes(left.size() + right.size()) ? left + right : std::string();
}

Result<Value> ordering(Arguments arguments, Budget& budget, bool (*holds)(Order)) {
  const Order order = compare(arguments[0], arguments[1], budget);
  if (order != Order::none) return Value{holds(order)};
  return Error{
      fmt::format("{} and {} have no order", kind_name(arguments[0].kind()), kind_name(arguments[1].kind()))};
}

// Numbers of all kinds that are whole may stand for a place in a list.
std::optional<std::int64_t> whole(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) return *number;
  if (const auto* number = std::get_if<std::uint64_t>(&value.data)) {
    return static_cast<std::int64_t>(
        std::min<std::uint64_t>(*number, std::numeric_limits<std::int64_t>::max()));
  }
  if (const auto* number = std::get_if<double>(&value.data)) {
    if (std::trunc(*number) == *number && std::abs(*number) < 9e15) return static_cast<std::int64_t>(*number);
  }
  return std::nullopt;
}

std::string shown(const Value& key) {
  if (key.kind() == Kind::string) return in_quotes(key.text());
  if (const auto* number = std::get_if<std::int64_t>(&key.data)) return fmt::format("{}", *number);
  if (const auto* number = std::get_if<std::uint64_t>(&key.data)) return fmt::format("{}", *number);
  if (const auto* number = std::get_if<double>(&key.data)) return fmt::format("{}", *number);
  return fmt::format("of type {}", kind_name(key.kind()));
}

}  // namespace

template <class T>
Result<Value> add_numbers(Arguments arguments, Budget&) {
  if constexpr (std::is_same_v<T, double>)
    return Value{arguments[0].as<double>() + arguments[1].as<double>()};
  else
    return narrowed<T>(wide<T>(arguments[0]) + wide<T>(arguments[1]));
}

template <class T>
Result<Value> subtract_numbers(Arguments arguments, Budget&) {
  if constexpr (std::is_same_v<T, double>)
    return Value{arguments[0].as<double>() - arguments[1].as<double>()};
  else
    return narrowed<T>(wide<T>(arguments[0]) - wide<T>(arguments[1]));
}

template <class T>
Result<Value> multiply_numbers(Arguments arguments, Budget&) {
  if constexpr (std::is_same_v<T, double>) {
    return Value{arguments[0].as<double>() * arguments[1].as<double>()};
  } else {
    T product = 0;
    if (__builtin_mul_overflow(arguments[0].as<T>(), arguments[1].as<T>(), &product))
      return overflow(kTypeName<T>);
    return Value{product};
  }
}

template <class T>
Result<Value> divide_numbers(Arguments arguments, Budget&) {
  if constexpr (std::is_same_v<T, double>) {
    return Value{arguments[0].as<double>() / arguments[1].as<double>()};
  } else {
    if (arguments[1].as<T>() == 0) return Error{"division by zero"};
    return narrowed<T>(wide<T>(arguments[0]) / wide<T>(arguments[1]));
  }
}

template <class T>
Result<Value> remainder_of_numbers(Arguments arguments, Budget&) {
  if (arguments[1].as<T>() == 0) return Error{"remainder of a division by zero"};
  const __int128 quotient = wide<T>(arguments[0]) / wide<T>(arguments[1]);
  if (quotient > std::numeric_limits<T>::max()) return overflow(kTypeName<T>);
  return narrowed<T>(wide<T>(arguments[0]) % wide<T>(arguments[1]));
}

template <class T>
Result<Value> negate_number(Arguments arguments, Budget&) {
  if constexpr (std::is_same_v<T, double>)
    return Value{-arguments[0].as<double>()};
  else
    return narrowed<T>(-wide<T>(arguments[0]));
}

template Result<Value> add_numbers<std::int64_t>(Arguments, Budget&);
template Result<Value> add_numbers<std::uint64_t>(Arguments, Budget&);
template Result<Value> add_numbers<double>(Arguments, Budget&);
template Result<Value> subtract_numbers<std::int64_t>(Arguments, Budget&);
template Result<Value> subtract_numbers<std::uint64_t>(Arguments, Budget&);
template Result<Value> subtract_numbers<double>(Arguments, Budget&);
template Result<Value> multiply_numbers<std::int64_t>(Arguments, Budget&);
template Result<Value> multiply_numbers<std::uint64_t>(Arguments, Budget&);
template Result<Value> multiply_numbers<double>(Arguments, Budget&);
template Result<Value> divide_numbers<std::int64_t>(Arguments, Budget&);
template Result<Value> divide_numbers<std::uint64_t>(Arguments, Budget&);
template Result<Value> divide_numbers<double>(Arguments, Budget&);
template Result<Value> remainder_of_numbers<std::int64_t>(Arguments, Budget&);
template Result<Value> remainder_of_numbers<std::uint64_t>(Arguments, Budget&);
template Result<Value> negate_number<std::int64_t>(Arguments, Budget&);
template Result<Value> negate_number<double>(Arguments, Budget&);

Result<Value> add_strings(Arguments arguments, Budget& budget) {
  return text_value(joined(arguments[0].text(), arguments[1].text(), budget));
}

Result<Value> add_bytes(Arguments arguments, Budget& budget) {
  const Value joint = text_value(joined(bytes_of(arguments[0]), bytes_of(arguments[1]), budget));
  return Value{Bytes{joint.as<Text>()}};
}

Result<Value> add_lists(Arguments arguments, Budget& budget) {
  const auto &left = *arguments[0].as<List>(), &right = *arguments[1].as<List>();
  std::vector<Value> items;
  if (!budget.spend(1 + (left.size() + right.size()) / 4)) return list_value({});
  items.reserve(left.size() + right.size());
  items.insert(items.end(), left.begin(), left.end());
  items.insert(items.end(), right.begin(), right.end());
  return list_value(std::move(items));
}

Result<Value> add_times(Arguments arguments, Budget&) {
  const bool time_first = arguments[0].kind() == Kind::timestamp;
  return time_or_overflow(
      add(arguments[time_first ? 0 : 1].as<Timestamp>(), arguments[time_first ? 1 : 0].as<Duration>()));
}

Result<Value> subtract_times(Arguments arguments, Budget&) {
  const Timestamp time = arguments[0].as<Timestamp>();
  if (arguments[1].kind() == Kind::timestamp) {
    const std::optional<Duration> distance = between(arguments[1].as<Timestamp>(), time);
    return distance ? Result<Value>(Value{*distance}) : Result<Value>(overflow("a duration"));
  }
  const Duration duration = arguments[1].as<Duration>();
  if (duration == Duration::min()) return overflow("a duration");
  return time_or_overflow(add(time, -duration));
}

Result<Value> add_durations(Arguments arguments, Budget&) {
  return duration_or_overflow(static_cast<__int128>(arguments[0].as<Duration>().count()) +
                              arguments[1].as<Duration>().count());
}

Result<Value> subtract_durations(Arguments arguments, Budget&) {
  return duration_or_overflow(static_cast<__int128>(arguments[0].as<Duration>().count()) -
                              arguments[1].as<Duration>().count());
}

Result<Value> is_equal(Arguments arguments, Budget& budget) {
  return Value{equal(arguments[0], arguments[1], budget)};
}

Result<Value> is_unequal(Arguments arguments, Budget& budget) {
  return Value{!equal(arguments[0], arguments[1], budget)};
}

Result<Value> is_less(Arguments arguments, Budget& budget) {
  return ordering(arguments, budget, [](Order order) { return order == Order::less; });
}

Result<Value> is_at_most(Arguments arguments, Budget& budget) {
  return ordering(arguments, budget, [](Order order) { return order != Order::greater; });
}

Result<Value> is_greater(Arguments arguments, Budget& budget) {
  return ordering(arguments, budget, [](Order order) { return order == Order::greater; });
}

Result<Value> is_at_least(Arguments arguments, Budget& budget) {
  return ordering(arguments, budget, [](Order order) { return order != Order::less; });
}

Result<Value> negate_boolean(Arguments arguments, Budget&) { return Value{!arguments[0].as<bool>()}; }

Result<Value> is_in_list(Arguments arguments, Budget& budget) {
  return Value{std::ranges::any_of(*arguments[1].as<List>(), [&](const Value& item) {
    return budget.spent() || equal(item, arguments[0], budget);
  })};
}

Result<Value> is_in_map(Arguments arguments, Budget&) {
  return Value{arguments[1].as<Map>()->find(arguments[0]) != nullptr};
}

Result<Value> item_of_list(Arguments arguments, Budget&) {
  const std::vector<Value>& items = *arguments[0].as<List>();
  const std::optional<std::int64_t> index = whole(arguments[1]);
  if (!index) return Error{fmt::format("a list has no item {}; write a whole number", shown(arguments[1]))};
  if (*index < 0 || static_cast<std::uint64_t>(*index) >= items.size())
    return Error{fmt::format("a list of {} has no item {}", items.size(), *index)};
  return items[static_cast<std::size_t>(*index)];
}

Result<Value> value_of_map(Arguments arguments, Budget&) {
  if (const Value* found = arguments[0].as<Map>()->find(arguments[1])) return *found;
  return Error{fmt::format("there is no key {}", shown(arguments[1]))};
}

Result<Value> size_of(Arguments arguments, Budget& budget) {
  const auto count = [&]() -> std::size_t {
    switch (arguments[0].kind()) {
      case Kind::string: {
        const std::string& text = arguments[0].text();
        budget.spend_bytes(text.size());
        return static_cast<std::size_t>(
            std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
      }
      case Kind::bytes:
        return bytes_of(arguments[0]).size();
      case Kind::list:
        return arguments[0].as<List>()->size();
      default:
        return arguments[0].as<Map>()->sorted.size();
    }
  };
  return Value{static_cast<std::int64_t>(count())};
}

Result<Value> contains(Arguments arguments, Budget& budget) {
  budget.spend_bytes(arguments[0].text().size());
  return Value{arguments[0].text().find(arguments[1].text()) != std::string::npos};
}

Result<Value> starts_with(Arguments arguments, Budget& budget) {
  budget.spend_bytes(arguments[1].text().size());
  return Value{arguments[0].text().starts_with(arguments[1].text())};
}

Result<Value> ends_with(Arguments arguments, Budget& budget) {
  budget.spend_bytes(arguments[1].text().size());
  return Value{arguments[0].text().ends_with(arguments[1].text())};
}

// With a pattern that is no literal, so that it could not be compiled at load.
Result<Value> matches_pattern(Arguments arguments, Budget& budget) {
  const std::string& pattern = arguments[1].text();
  if (pattern.size() > kLongestPattern) return Error{"a pattern is too long", true};
  if (!budget.spend(kCostOfAPattern) || !budget.spend_bytes(arguments[0].text().size())) return Value{false};
  std::string error;
  const std::optional<Regex> regex = Regex::compile(pattern, error);
  if (!regex) return Error{fmt::format("a pattern is no regular expression: {}", one_line(error, 100))};
  return Value{regex->matches(arguments[0].text())};
}

}  // namespace lookout::cel
