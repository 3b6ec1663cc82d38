#include "probes/match/regex.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <re2/re2.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

std::shared_ptr<const re2::RE2> compile_re2(const std::string& pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  return std::make_shared<const re2::RE2>(pattern, options);
}

// (?<name>...) of newer Go as (?P<name>...), the only form that older RE2 knows. Escapes, \Q...\E and classes
// stay as they are.
std::string with_older_group_names(std::string_view pattern) {
  std::string result;
  bool in_class = false, in_quote = false;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const std::string_view rest = pattern.substr(at);
    result.push_back(rest[0]);
    if (in_quote) {
      in_quote = !rest.starts_with("\\E");
    } else if (rest[0] == '\\' && rest.size() > 1) {
      in_quote = rest[1] == 'Q' && !in_class;
      result.push_back(rest[1]);
      ++at;
    } else if (in_class) {
      in_class = rest[0] != ']';
    } else if (rest[0] == '[') {
      in_class = true;
    } else if (rest.starts_with("(?<") && rest.size() > 3 && rest[3] != '=' && rest[3] != '!') {
      result.append("?P<");
      at += 2;
    }
  }
  return result;
}

// \C, which takes characters apart: RE2 knows it, Go does not.
bool has_any_byte(std::string_view pattern) {
  bool in_quote = false;
  for (std::size_t at = 0; at + 1 < pattern.size(); ++at) {
    if (pattern[at] != '\\') continue;
    const char escaped = pattern[at + 1];
    if (in_quote) {
      in_quote = escaped != 'E';
      continue;
    }
    if (escaped == 'C') return true;
    in_quote = escaped == 'Q';
    ++at;
  }
  return false;
}

bool is_name_character(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || character == '_';
}

std::string_view advice(std::string_view error) {
  if (error.find("invalid perl operator") != std::string_view::npos)
    return "RE2 has no look-around, write it without";
  if (error.ends_with("\\C")) return "write (?s:.) for any character";
  return "correct it, with \\ before characters that stand for themselves";
}

// The name after a dollar sign, and how many characters it takes up; none if the dollar sign stands for
// itself.
std::string_view reference(std::string_view text, std::size_t& length) {
  const bool braced = text.starts_with('{');
  const std::size_t begin = braced ? 1 : 0;
  std::size_t end = begin;
  while (end < text.size() && is_name_character(text[end])) ++end;
  if (end == begin || (braced && (end == text.size() || text[end] != '}'))) return {};
  length = braced ? end + 1 : end;
  return text.substr(begin, end - begin);
}

// Go takes digits without a leading zero for a group's number, anything else for its name.
std::optional<std::size_t> group_number(std::string_view name, const re2::RE2& compiled) {
  constexpr std::size_t kLongestNumber = 8;
  if (std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; }) &&
      name.size() <= kLongestNumber && (name.size() == 1 || name[0] != '0')) {
    return std::stoul(std::string(name));
  }
  const auto found = compiled.NamedCapturingGroups().find(std::string(name));
  if (found == compiled.NamedCapturingGroups().end()) return std::nullopt;
  return static_cast<std::size_t>(found->second);
}

}  // namespace

const std::string* RegexSubject::repaired() const {
  if (!std::exchange(looked_at_, true) && !is_utf8(text_)) repaired_ = to_utf8(text_);
  return repaired_ ? &*repaired_ : nullptr;
}

Regex::Regex() {
  static const std::shared_ptr<const re2::RE2> kEverything = compile_re2("");
  compiled_ = kEverything;
}

std::optional<Regex> Regex::compile(std::string pattern, std::string& error) {
  if (has_any_byte(pattern)) {
    error = "invalid escape sequence: \\C";
    return std::nullopt;
  }
  std::shared_ptr<const re2::RE2> compiled = compile_re2(pattern);
  if (!compiled->ok()) {
    const std::string older = with_older_group_names(pattern);
    if (older != pattern) compiled = compile_re2(older);
  }
  if (!compiled->ok()) {
    error = compiled->error();
    return std::nullopt;
  }
  Regex regex;
  regex.pattern_ = std::move(pattern);
  regex.compiled_ = std::move(compiled);
  return regex;
}

// Ill-formed bytes match as U+FFFD would, which is how Go reads them; RE2 alone would match them with
// nothing.
bool Regex::matches(const RegexSubject& subject) const {
  const std::string_view text = subject.text();
  if (re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_)) return true;
  const std::string* const repaired = subject.repaired();
  return repaired != nullptr && re2::RE2::PartialMatch(*repaired, *compiled_);
}

std::optional<std::vector<std::string>> Regex::groups(std::string_view text) const {
  const RegexSubject whole(text);
  const std::string_view subject = whole.repaired() != nullptr ? *whole.repaired() : text;
  std::vector<re2::StringPiece> found(static_cast<std::size_t>(compiled_->NumberOfCapturingGroups()) + 1);
  const re2::StringPiece piece(subject.data(), subject.size());
  if (!compiled_->Match(piece, 0, piece.size(), re2::RE2::UNANCHORED, found.data(),
                        static_cast<int>(found.size()))) {
    return std::nullopt;
  }
  std::vector<std::string> result;
  result.reserve(found.size());
  for (const re2::StringPiece& group : found)
    result.emplace_back(group.data() ? group.as_string() : std::string());
  return result;
}

std::string Regex::expand(std::string_view replacement, const std::vector<std::string>& groups) const {
  std::string result;
  while (!replacement.empty()) {
    const std::size_t dollar = std::min(replacement.find('$'), replacement.size());
    result.append(replacement.substr(0, dollar));
    replacement.remove_prefix(dollar);
    if (replacement.empty()) break;
    replacement.remove_prefix(1);
    std::size_t length = 0;
    const std::string_view name = reference(replacement, length);
    if (name.empty()) {
      result.push_back('$');
      if (replacement.starts_with('$')) replacement.remove_prefix(1);
      continue;
    }
    const std::optional<std::size_t> number = group_number(name, *compiled_);
    if (number && *number < groups.size()) result.append(groups[*number]);
    replacement.remove_prefix(length);
  }
  return result;
}

bool read_config(const YamlNode& node, Regex& value, Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::scalar, problems)) return false;
  std::string error;
  std::optional<Regex> compiled = Regex::compile(node.scalar(), error);
  if (!compiled) {
    problems.add(node.mark(), fmt::format("{} is no regular expression: {}; {}", in_quotes(node.scalar()),
                                          one_line(error, 200), advice(error)));
    return false;
  }
  value = std::move(*compiled);
  return true;
}

std::string print_config(const Regex& value) { return value.pattern(); }

}  // namespace lookout
