#include "probes/core/config_values.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace lookout {
namespace {

using Integer = __int128;  // wide enough that one product of two 64-bit numbers cannot overflow

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array<Unit, 8> kDurationUnits{{{"ns", 1},
                                              {"us", 1'000},
                                              {"\xC2\xB5s", 1'000},  // micro sign
                                              {"\xCE\xBCs", 1'000},  // Greek mu
                                              {"ms", 1'000'000},
                                              {"s", 1'000'000'000},
                                              {"m", 60'000'000'000},
                                              {"h", 3'600'000'000'000}}};
constexpr std::array<Unit, 13> kSizeUnits{{{"B", 1},
                                           {"KiB", 1LL << 10},
                                           {"KB", 1LL << 10},
                                           {"MiB", 1LL << 20},
                                           {"MB", 1LL << 20},
                                           {"GiB", 1LL << 30},
                                           {"GB", 1LL << 30},
                                           {"TiB", 1LL << 40},
                                           {"TB", 1LL << 40},
                                           {"PiB", 1LL << 50},
                                           {"PB", 1LL << 50},
                                           {"EiB", 1LL << 60},
                                           {"EB", 1LL << 60}}};
constexpr std::int64_t kMaximum = std::numeric_limits<std::int64_t>::max();

bool is_digit(char character) { return character >= '0' && character <= '9'; }

// The digits before and after the point; at least one of them in all.
bool take_number(std::string_view& text, std::string_view& whole, std::string_view& fraction) {
  const auto take_digits = [&] {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    const std::string_view digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
  };
  whole = take_digits();
  fraction = {};
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits();
  }
  return !whole.empty() || !fraction.empty();
}

std::optional<std::int64_t> scaled(std::string_view whole, std::string_view fraction, std::int64_t factor) {
  std::int64_t number = 0;
  if (!whole.empty() && std::from_chars(whole.data(), whole.data() + whole.size(), number).ec != std::errc())
    return std::nullopt;
  Integer total = static_cast<Integer>(number) * factor;
  Integer rest = factor;
  Integer part = 0;
  Integer divisor = 1;
  for (char digit : fraction.substr(0, 18)) {  // further digits are below one part in a factor
    part = part * 10 + (digit - '0');
    divisor *= 10;
  }
  rest = part * rest / divisor;
  total += rest;
  return total > kMaximum ? std::nullopt : std::optional<std::int64_t>(static_cast<std::int64_t>(total));
}

// A sum of numbers with units.
std::optional<std::int64_t> parse_sum(std::string_view text, std::span<const Unit> units) {
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  Integer sum = 0;
  while (!text.empty()) {
    std::string_view whole, fraction;
    if (!take_number(text, whole, fraction)) return std::nullopt;
    std::size_t length = 0;
    while (length < text.size() && !is_digit(text[length]) && text[length] != '.') ++length;
    const std::string_view name = text.substr(0, length);
    text.remove_prefix(length);
    const Unit* unit = nullptr;
    for (const Unit& candidate : units) {
      if (candidate.name == name) unit = &candidate;
    }
    if (!unit) return std::nullopt;
    const std::optional<std::int64_t> amount = scaled(whole, fraction, unit->factor);
    if (!amount) return std::nullopt;
    sum += *amount;
    if (sum > kMaximum) return std::nullopt;
  }
  return static_cast<std::int64_t>(sum);
}

bool take_sign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

// 1500 of 1000 is "1.5"
std::string decimal(std::int64_t amount, std::int64_t unit, int digits) {
  std::string text = fmt::format("{}", amount / unit);
  if (amount % unit == 0) return text;
  std::string fraction = fmt::format("{:0{}}", amount % unit, digits);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return text + "." + fraction;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const bool negative = take_sign(text);
  const std::optional<std::int64_t> sum = parse_sum(text, kDurationUnits);
  if (!sum) return std::nullopt;
  return Duration(negative ? -*sum : *sum);
}

std::string print_duration(Duration duration) {
  std::int64_t left = duration.count();
  if (left == 0) return "0s";
  if (left < 0)
    return left == std::numeric_limits<std::int64_t>::min() ? "-292y" : "-" + print_duration(-duration);
  if (left < 1'000) return fmt::format("{}ns", left);
  if (left < 1'000'000) return decimal(left, 1'000, 3) + "us";
  if (left < 1'000'000'000) return decimal(left, 1'000'000, 6) + "ms";
  std::string text;
  for (const auto& [name, factor] : {kDurationUnits[7], kDurationUnits[6]}) {
    if (left >= factor) text += fmt::format("{}{}", left / factor, name);
    left %= factor;
  }
  return left == 0 ? text : text + decimal(left, 1'000'000'000, 9) + "s";
}

std::optional<ByteSize> parse_byte_size(std::string_view text) {
  const bool negative = take_sign(text);
  const std::optional<std::int64_t> sum = parse_sum(text, kSizeUnits);
  if (!sum) return std::nullopt;
  return ByteSize{negative && *sum > 0 ? kMaximum : *sum};
}

std::string print_byte_size(ByteSize size) {
  if (size.bytes == 0) return "0B";
  if (size.bytes == kMaximum) return "-1B";
  std::string text;
  std::int64_t left = size.bytes;
  for (std::size_t index = kSizeUnits.size(); index-- > 0;) {
    const Unit& unit = kSizeUnits[index];
    const bool short_form = unit.name.size() == 2;  // KB says the same as KiB
    if (short_form || left < unit.factor) continue;
    text += fmt::format("{}{}", left / unit.factor, unit.name);
    left %= unit.factor;
  }
  return text;
}

}  // namespace lookout
