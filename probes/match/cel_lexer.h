// Words of a CEL expression. Literals are decoded here: escapes, raw and triple-quoted strings, bytes,
// numbers. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

#include "probes/match/cel_value.h"

namespace lookout::cel {

// What is wrong with an expression, and where in it.
struct Mistake {
  std::size_t offset = 0;
  std::string message;
};
template <class T>
using Compiled = boost::system::result<T, Mistake>;
[[noreturn]] void throw_exception_from_error(const Mistake& mistake, const boost::source_location& location);

// "column 7", and the line if there are several.
std::string place(std::string_view expression, std::size_t offset);

struct Token {
  enum class Type : std::uint8_t { end, word, integer, unsigned_integer, real, text, mark };
  Type type = Type::end;
  std::size_t offset = 0;
  std::string_view source;  // of a number without its suffix
  Value literal;            // of a text: string or bytes
};

inline constexpr std::size_t kLongestExpression = 100'000;

// The value of a token that is a number; nullopt: out of range.
std::optional<Value> number_of(const Token& token, bool negative);

// The last token is the end.
Compiled<std::vector<Token>> split_into_tokens(std::string_view expression);

}  // namespace lookout::cel
