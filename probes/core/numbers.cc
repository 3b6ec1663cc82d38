#include "probes/core/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

namespace lookout {
namespace {

constexpr int kLowestPlainExponent = -4;
constexpr int kPlainExponentEnd = 6;

// -1.2345e+02 in parts: `first` is 1, `rest` 2345.
struct Scientific {
  bool negative;
  char first;
  std::string_view rest;
  int exponent;
};

Scientific take_apart(std::string_view text) {
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  const std::size_t mark = text.rfind('e');
  int exponent = 0;
  std::from_chars(text.data() + mark + 2, text.data() + text.size(), exponent);
  if (text[mark + 1] == '-') exponent = -exponent;
  return {negative, text.front(), mark > 2 ? text.substr(2, mark - 2) : std::string_view{}, exponent};
}

char* write(char* to, std::string_view text) { return std::ranges::copy(text, to).out; }

char* write_plain(char* to, const Scientific& number) {
  if (number.negative) *to++ = '-';
  if (number.exponent < 0) {
    to = std::fill_n(write(to, "0."), -number.exponent - 1, '0');
    *to++ = number.first;
    return write(to, number.rest);
  }
  const auto whole = static_cast<std::size_t>(number.exponent);  // digits before the point, besides the first
  *to++ = number.first;
  to = write(to, number.rest.substr(0, whole));
  if (number.rest.size() <= whole) return std::fill_n(to, whole - number.rest.size(), '0');
  *to++ = '.';
  return write(to, number.rest.substr(whole));
}

// Most values are small whole numbers, which need none of the above.
bool is_small_integer(double value) {
  if (!(value > -1e6 && value < 1e6)) return false;
  const int whole = static_cast<int>(value);
  return static_cast<double>(whole) == value && (whole != 0 || !std::signbit(value));
}

}  // namespace

char* write_number(char* to, double value) {
  if (is_small_integer(value)) return std::to_chars(to, to + kLongestNumber, static_cast<int>(value)).ptr;
  if (!std::isfinite(value)) return write(to, std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
  char buffer[kLongestNumber];
  const char* end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, end);
  const Scientific number = take_apart(text);
  const bool plain = number.exponent >= kLowestPlainExponent && number.exponent < kPlainExponentEnd;
  return plain ? write_plain(to, number) : write(to, text);
}

char* write_number(char* to, std::uint64_t value) {
  return std::to_chars(to, to + kLongestNumber, value).ptr;
}

void append_number(std::string& out, double value) {
  char buffer[kLongestNumber];
  out.append(buffer, static_cast<std::size_t>(write_number(buffer, value) - buffer));
}

void append_canonical(std::string& out, double value) {
  const std::size_t begin = out.size();
  append_number(out, value);
  if (out.find_first_of(".eNI", begin) == std::string::npos) out.append(".0");
}

}  // namespace lookout
