#include "probes/match/cel_lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout::cel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool begins_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

int hex_value(char c) { return is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10; }

void append_utf8(std::string& out, std::uint32_t character) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (character < 0x80) return put(character);
  if (character < 0x800) {
    put(0xC0 | character >> 6);
  } else {
    if (character < 0x10000) {
      put(0xE0 | character >> 12);
    } else {
      put(0xF0 | character >> 18);
      put(0x80 | (character >> 12 & 0x3F));
    }
    put(0x80 | (character >> 6 & 0x3F));
  }
  put(0x80 | (character & 0x3F));
}

class Lexer {
 public:
  explicit Lexer(std::string_view expression) : all_(expression), rest_(expression) {}
  Compiled<std::vector<Token>> run();

 private:
  struct TextForm {
    bool raw = false, bytes = false;
    std::string_view quote;
  };

  std::size_t offset() const { return all_.size() - rest_.size(); }
  std::size_t span(std::size_t from, bool (*accepts)(char)) const;
  void skip_blanks();
  void add(Token::Type type, std::size_t length);
  std::optional<Mistake> number();
  std::optional<TextForm> text_form(std::size_t& prefix) const;
  std::optional<Mistake> text(TextForm form, std::size_t prefix);
  std::optional<Mistake> escape(bool bytes, std::string& out);
  std::optional<Mistake> code(std::string_view digits, int base, bool bytes, std::string& out);
  std::optional<Mistake> mark();
  std::optional<Mistake> one();

  std::string_view all_, rest_;
  std::vector<Token> tokens_;
};

std::size_t Lexer::span(std::size_t from, bool (*accepts)(char)) const {
  std::size_t end = from;
  while (end < rest_.size() && accepts(rest_[end])) ++end;
  return end - from;
}

void Lexer::skip_blanks() {
  for (;;) {
    const std::size_t blanks =
        span(0, [](char c) { return std::string_view(" \t\r\n\f").find(c) != std::string_view::npos; });
    rest_.remove_prefix(blanks);
    if (!rest_.starts_with("//")) return;
    rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
  }
}

void Lexer::add(Token::Type type, std::size_t length) {
  tokens_.push_back({type, offset(), rest_.substr(0, length), {}});
  rest_.remove_prefix(length);
}

// Digits, 0x digits, digits with a fraction or an exponent; a u after whole numbers makes them unsigned.
std::optional<Mistake> Lexer::number() {
  std::size_t length = 0;
  Token::Type type = Token::Type::integer;
  if (rest_.starts_with("0x") && span(2, is_hex_digit) > 0) {
    length = 2 + span(2, is_hex_digit);
  } else {
    length = span(0, is_digit);
    if (length < rest_.size() && rest_[length] == '.' && span(length + 1, is_digit) > 0) {
      length += 1 + span(length + 1, is_digit);
      type = Token::Type::real;
    }
    if (length < rest_.size() && (rest_[length] | 0x20) == 'e') {
      const std::size_t sign =
          length + 1 < rest_.size() && (rest_[length + 1] == '+' || rest_[length + 1] == '-') ? 1 : 0;
      const std::size_t digits = span(length + 1 + sign, is_digit);
      if (digits > 0) {
        length += 1 + sign + digits;
        type = Token::Type::real;
      }
    }
  }
  const bool suffix = type == Token::Type::integer && length < rest_.size() && (rest_[length] | 0x20) == 'u';
  add(suffix ? Token::Type::unsigned_integer : type, length);
  if (suffix) rest_.remove_prefix(1);
  return std::nullopt;
}

// Of what begins here, if it is a string: b, r or br before quotes, single or triple.
std::optional<Lexer::TextForm> Lexer::text_form(std::size_t& prefix) const {
  TextForm form;
  prefix = 0;
  if (rest_.size() > prefix && (rest_[prefix] | 0x20) == 'b') form.bytes = ++prefix > 0;
  if (rest_.size() > prefix && (rest_[prefix] | 0x20) == 'r') form.raw = ++prefix > 0;
  for (std::string_view quote : {R"(""")", "'''", "\"", "'"}) {
    if (!rest_.substr(prefix).starts_with(quote)) continue;
    form.quote = quote;
    return form;
  }
  return std::nullopt;
}

std::optional<Mistake> Lexer::text(TextForm form, std::size_t prefix) {
  const std::size_t begin = offset();
  rest_.remove_prefix(prefix + form.quote.size());
  std::string out;
  while (!rest_.starts_with(form.quote)) {
    if (rest_.empty() || (form.quote.size() == 1 && (rest_[0] == '\n' || rest_[0] == '\r')))
      return Mistake{begin, fmt::format("a text is not closed; end it with {}", form.quote)};
    if (rest_[0] == '\\' && form.raw && rest_.size() > 1) {
      out.append(rest_.substr(0, 1));
      rest_.remove_prefix(1);
    } else if (rest_[0] == '\\' && !form.raw) {
      if (std::optional<Mistake> mistake = escape(form.bytes, out)) return mistake;
      continue;
    }
    if (rest_[0] == '\r') {  // line ends of all systems are one
      out.push_back('\n');
      rest_.remove_prefix(rest_.starts_with("\r\n") ? 2 : 1);
      continue;
    }
    out.push_back(rest_[0]);
    rest_.remove_prefix(1);
  }
  rest_.remove_prefix(form.quote.size());
  Value literal = text_value(std::move(out));
  if (form.bytes) literal = {Bytes{literal.as<Text>()}};
  tokens_.push_back({Token::Type::text, begin, all_.substr(begin, offset() - begin), std::move(literal)});
  return std::nullopt;
}

// At a backslash.
std::optional<Mistake> Lexer::escape(bool bytes, std::string& out) {
  constexpr std::string_view kNames = "abfnrtv\"'\\?`";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\"'\\?`";
  const char name = rest_.size() > 1 ? rest_[1] : '\0';
  if (const std::size_t found = kNames.find(name); found != std::string_view::npos && name != '\0') {
    out.push_back(kMeanings[found]);
    rest_.remove_prefix(2);
    return std::nullopt;
  }
  if (name >= '0' && name <= '3') return code(rest_.substr(1, 3), 8, bytes, out);
  const std::size_t digits = (name | 0x20) == 'x' ? 2 : name == 'u' ? 4 : name == 'U' ? 8 : 0;
  if (digits == 0 || (bytes && digits > 2)) {
    return Mistake{offset(), "there is no such escape; write \\\\ for a backslash, or a raw text r\"...\""};
  }
  rest_.remove_prefix(1);
  return code(rest_.substr(1, digits), 16, bytes, out);
}

// One character, in strings as UTF-8, in bytes as it is; the digits follow one character that is passed over.
std::optional<Mistake> Lexer::code(std::string_view digits, int base, bool bytes, std::string& out) {
  const std::size_t wanted = base == 8 ? 3 : digits.size();
  std::uint32_t character = 0;
  const bool sound = digits.size() == wanted && !digits.empty() && std::ranges::all_of(digits, [&](char c) {
                       return base == 8 ? c >= '0' && c <= '7' : is_hex_digit(c);
                     });
  for (char digit : digits)
    character = character * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(hex_value(digit));
  const bool surrogate = character >= 0xD800 && character < 0xE000;
  if (!sound || (!bytes && (surrogate || character > 0x10FFFF)))
    return Mistake{offset(), "an escape names no character; write \\ooo, \\xhh, \\uhhhh or \\Uhhhhhhhh"};
  rest_.remove_prefix(1 + digits.size());
  if (bytes) {
    out.push_back(static_cast<char>(character));
  } else {
    append_utf8(out, character);
  }
  return std::nullopt;
}

std::optional<Mistake> Lexer::mark() {
  constexpr std::array<std::string_view, 24> kMarks{"&&", "||", "==", "!=", "<=", ">=", "<", ">",
                                                    "+",  "-",  "*",  "/",  "%",  "!",  "?", ":",
                                                    ".",  ",",  "(",  ")",  "[",  "]",  "{", "}"};
  for (std::string_view candidate : kMarks) {
    if (!rest_.starts_with(candidate)) continue;
    add(Token::Type::mark, candidate.size());
    return std::nullopt;
  }
  std::string remedy;
  if (rest_[0] == '=') remedy = "; compare with ==";
  if (rest_[0] == '&') remedy = "; write &&";
  if (rest_[0] == '|') remedy = "; write ||";
  const std::size_t length = std::max<std::size_t>(utf8_length(rest_), 1);
  return Mistake{offset(),
                 fmt::format("{} means nothing here{}", in_quotes(rest_.substr(0, length)), remedy)};
}

std::optional<Mistake> Lexer::one() {
  std::size_t prefix = 0;
  if (const std::optional<TextForm> form = text_form(prefix)) return text(*form, prefix);
  if (begins_word(rest_[0])) {
    add(Token::Type::word, span(0, [](char c) { return begins_word(c) || is_digit(c); }));
    return std::nullopt;
  }
  if (is_digit(rest_[0]) || (rest_[0] == '.' && span(1, is_digit) > 0)) return number();
  return mark();
}

Compiled<std::vector<Token>> Lexer::run() {
  if (all_.size() > kLongestExpression)
    return Mistake{0, fmt::format("the expression is longer than {} bytes", kLongestExpression)};
  if (!is_utf8(all_)) return Mistake{0, "the expression is not UTF-8"};
  for (skip_blanks(); !rest_.empty(); skip_blanks()) {
    if (std::optional<Mistake> mistake = one()) return *mistake;
  }
  add(Token::Type::end, 0);
  return std::move(tokens_);
}

template <class T>
std::optional<Value> read_whole(const std::string& digits, int base) {
  T value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return error == std::errc() && end == digits.data() + digits.size() ? std::optional(Value{value})
                                                                      : std::nullopt;
}

}  // namespace

std::optional<Value> number_of(const Token& token, bool negative) {
  const bool hexadecimal = token.source.starts_with("0x");
  const std::string digits = (negative ? "-" : "") + std::string(token.source.substr(hexadecimal ? 2 : 0));
  if (token.type == Token::Type::integer) return read_whole<std::int64_t>(digits, hexadecimal ? 16 : 10);
  if (token.type == Token::Type::unsigned_integer)
    return read_whole<std::uint64_t>(digits, hexadecimal ? 16 : 10);
  double value = 0;
  const std::errc error = std::from_chars(digits.data(), digits.data() + digits.size(), value).ec;
  return error == std::errc() ? std::optional(Value{value}) : std::nullopt;
}

void throw_exception_from_error(const Mistake& mistake, const boost::source_location&) {
  throw std::logic_error(mistake.message);
}

std::string place(std::string_view expression, std::size_t offset) {
  const std::string_view before = expression.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? offset + 1 : offset - newline;
  if (expression.find('\n') == std::string_view::npos) return fmt::format("column {}", column);
  return fmt::format("line {}, column {}", 1 + std::ranges::count(before, '\n'), column);
}

Compiled<std::vector<Token>> split_into_tokens(std::string_view expression) {
  return Lexer(expression).run();
}

}  // namespace lookout::cel
