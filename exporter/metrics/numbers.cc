#include "exporter/metrics/numbers.h"

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
  const std::size_t mark = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + mark + 2, text.data() + text.size(), exponent);
  if (text[mark + 1] == '-') exponent = -exponent;
  return {negative, text.front(), mark > 2 ? text.substr(2, mark - 2) : std::string_view{}, exponent};
}

void append_plain(std::string& out, const Scientific& number) {
  if (number.negative) out.push_back('-');
  if (number.exponent < 0) {
    out.append("0.").append(static_cast<std::size_t>(-number.exponent - 1), '0');
    out.append(1, number.first).append(number.rest);
    return;
  }
  const auto whole = static_cast<std::size_t>(number.exponent);  // digits before the point, besides the first
  out.append(1, number.first).append(number.rest.substr(0, whole));
  if (number.rest.size() > whole) {
    out.append(1, '.').append(number.rest.substr(whole));
  } else {
    out.append(whole - number.rest.size(), '0');
  }
}

// Most values are small whole numbers, which need none of the above.
bool append_small_integer(std::string& out, double value) {
  if (!(value > -1e6 && value < 1e6)) return false;
  const int whole = static_cast<int>(value);
  if (static_cast<double>(whole) != value || (whole == 0 && std::signbit(value))) return false;
  char buffer[8];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, whole).ptr);
  return true;
}

}  // namespace

void append_number(std::string& out, double value) {
  if (append_small_integer(out, value)) return;
  if (!std::isfinite(value)) {
    out.append(std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
    return;
  }
  char buffer[40];
  const char* end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, end);
  const Scientific number = take_apart(text);
  if (number.exponent >= kLowestPlainExponent && number.exponent < kPlainExponentEnd) {
    append_plain(out, number);
  } else {
    out.append(text);
  }
}

void append_number(std::string& out, std::uint64_t value) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

void append_canonical(std::string& out, double value) {
  const std::size_t begin = out.size();
  append_number(out, value);
  if (out.find_first_of(".eNI", begin) == std::string::npos) out.append(".0");
}

}  // namespace lookout
