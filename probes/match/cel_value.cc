#include "probes/match/cel_value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace lookout::cel {
namespace {

constexpr std::array<std::string_view, 12> kKindNames{"null_type",
                                                      "bool",
                                                      "int",
                                                      "uint",
                                                      "double",
                                                      "string",
                                                      "bytes",
                                                      "google.protobuf.Timestamp",
                                                      "google.protobuf.Duration",
                                                      "type",
                                                      "list",
                                                      "map"};
constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

template <class T>
Order order_of(const T& left, const T& right) {
  return left < right ? Order::less : right < left ? Order::greater : Order::same;
}

Order reversed(Order order) {
  return order == Order::less ? Order::greater : order == Order::greater ? Order::less : order;
}

// Exact, other than a comparison in double would be.
template <class Integer>
Order compare_with_real(Integer left, double right) {
  constexpr double kEnd = std::is_signed_v<Integer> ? kTwoTo63 : kTwoTo64;
  constexpr double kBegin = std::is_signed_v<Integer> ? -kTwoTo63 : 0;
  if (std::isnan(right)) return Order::none;
  if (right >= kEnd) return Order::less;
  if (right < kBegin) return Order::greater;
  const double whole = std::trunc(right);
  const Order order = order_of(left, static_cast<Integer>(whole));
  return order == Order::same ? order_of(0.0, right - whole) : order;
}

Order compare_numbers(const Value& left, const Value& right) {
  if (right.kind() == Kind::real) {
    if (const auto* number = std::get_if<std::int64_t>(&left.data))
      return compare_with_real(*number, right.as<double>());
    if (const auto* number = std::get_if<std::uint64_t>(&left.data))
      return compare_with_real(*number, right.as<double>());
    const double one = left.as<double>(), other = right.as<double>();
    return std::isnan(one) || std::isnan(other) ? Order::none : order_of(one, other);
  }
  if (left.kind() == Kind::real) return reversed(compare_numbers(right, left));
  if (left.kind() == right.kind()) {
    return left.kind() == Kind::integer ? order_of(left.as<std::int64_t>(), right.as<std::int64_t>())
                                        : order_of(left.as<std::uint64_t>(), right.as<std::uint64_t>());
  }
  if (left.kind() == Kind::unsigned_integer) return reversed(compare_numbers(right, left));
  const std::int64_t number = left.as<std::int64_t>();
  return number < 0 ? Order::less : order_of(static_cast<std::uint64_t>(number), right.as<std::uint64_t>());
}

int rank(const Value& key) {
  return key.is_number() ? static_cast<int>(Kind::integer) : static_cast<int>(key.kind());
}

// Of keys only: a total order in which numbers of equal value are the same.
std::strong_ordering key_order(const Value& left, const Value& right) {
  if (const auto order = rank(left) <=> rank(right); order != 0) return order;
  if (left.kind() == Kind::string) return left.text() <=> right.text();
  if (left.kind() == Kind::boolean) return left.as<bool>() <=> right.as<bool>();
  const Order order = compare_numbers(left, right);
  return order == Order::less      ? std::strong_ordering::less
         : order == Order::greater ? std::strong_ordering::greater
                                   : std::strong_ordering::equal;
}

bool is_key(const Value& value) {
  return value.kind() == Kind::boolean || value.kind() == Kind::string || value.is_number();
}

bool equal_lists(const std::vector<Value>& left, const std::vector<Value>& right, Budget& budget) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(),
                    [&](const Value& one, const Value& other) { return equal(one, other, budget); });
}

bool equal_maps(const MapEntries& left, const MapEntries& right, Budget& budget) {
  return left.sorted.size() == right.sorted.size() &&
         std::equal(left.sorted.begin(), left.sorted.end(), right.sorted.begin(),
                    [&](const auto& one, const auto& other) {
                      return equal(one.first, other.first, budget) && equal(one.second, other.second, budget);
                    });
}

}  // namespace

void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error(error.message);
}

std::string_view kind_name(Kind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }

Value text_value(std::string text) { return {std::make_shared<const std::string>(std::move(text))}; }

Value list_value(std::vector<Value> items) {
  return {std::make_shared<const std::vector<Value>>(std::move(items))};
}

Value map_value(std::vector<std::pair<Value, Value>> entries) {
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t one, std::size_t other) {
    const auto keys = key_order(entries[one].first, entries[other].first);
    return keys == 0 ? one < other : keys < 0;
  });
  MapEntries map;
  map.sorted.reserve(entries.size());
  for (std::size_t index : order) {
    std::pair<Value, Value>& entry = entries[index];
    if (!map.sorted.empty() && key_order(map.sorted.back().first, entry.first) == 0) map.sorted.pop_back();
    map.sorted.push_back(std::move(entry));
  }
  return {std::make_shared<const MapEntries>(std::move(map))};
}

const Value* MapEntries::find(const Value& key) const {
  if (!is_key(key) || (key.kind() == Kind::real && std::isnan(key.as<double>()))) return nullptr;
  const auto found = std::ranges::lower_bound(
      sorted, key, [](const Value& one, const Value& other) { return key_order(one, other) < 0; },
      [](const auto& entry) -> const Value& { return entry.first; });
  return found != sorted.end() && key_order(found->first, key) == 0 ? &found->second : nullptr;
}

bool equal(const Value& left, const Value& right, Budget& budget) {
  if (!budget.spend(1)) return false;
  if (left.is_number() && right.is_number()) return compare_numbers(left, right) == Order::same;
  if (left.kind() != right.kind()) return false;
  switch (left.kind()) {
    case Kind::null:
      return true;
    case Kind::type:
      return left.as<TypeName>().name == right.as<TypeName>().name;
    case Kind::list:
      return equal_lists(*left.as<List>(), *right.as<List>(), budget);
    case Kind::map:
      return equal_maps(*left.as<Map>(), *right.as<Map>(), budget);
    default:
      return compare(left, right, budget) == Order::same;
  }
}

Order compare(const Value& left, const Value& right, Budget& budget) {
  if (left.is_number() && right.is_number()) return compare_numbers(left, right);
  if (left.kind() != right.kind()) return Order::none;
  const auto texts = [&](const std::string& one, const std::string& other) {
    budget.spend_bytes(std::min(one.size(), other.size()));
    return order_of(one, other);
  };
  switch (left.kind()) {
    case Kind::boolean:
      return order_of(left.as<bool>(), right.as<bool>());
    case Kind::string:
      return texts(left.text(), right.text());
    case Kind::bytes:
      return texts(*left.as<Bytes>().data, *right.as<Bytes>().data);
    case Kind::timestamp:
      return order_of(left.as<Timestamp>(), right.as<Timestamp>());
    case Kind::duration:
      return order_of(left.as<Duration>(), right.as<Duration>());
    default:
      return Order::none;
  }
}

}  // namespace lookout::cel
