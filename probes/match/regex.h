// RE2 in a value: the pattern as written and its compiled form, shared between copies. Linear time,
// unanchored, on bytes, the syntax that blackbox_exporter has.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/core/config_visitor.h"
#include "probes/core/fact.h"

namespace re2 {
class RE2;
}

namespace lookout {

// Shared by all kinds that check what they received against patterns.
inline constexpr FactFamily kFailedDueToRegex{"probe_failed_due_to_regex", "1 if a pattern check failed"};

// A text for several patterns. Where it is no UTF-8 it is repaired once, when first needed; it does not own
// the text itself.
class RegexSubject {
 public:
  explicit RegexSubject(std::string_view text) : text_(text) {}
  std::string_view text() const { return text_; }
  const std::string* repaired() const;  // nullptr: the text is UTF-8

 private:
  std::string_view text_;
  mutable std::optional<std::string> repaired_;
  mutable bool looked_at_ = false;
};

class Regex {
 public:
  Regex();  // matches everything
  // nullptr on a bad pattern, with the reason in `error`.
  static std::optional<Regex> compile(std::string pattern, std::string& error);

  const std::string& pattern() const { return pattern_; }
  bool matches(std::string_view text) const { return matches(RegexSubject(text)); }
  bool matches(const RegexSubject& subject) const;
  // Group 0 is the whole match; groups that took no part are empty. nullopt: no match.
  std::optional<std::vector<std::string>> groups(std::string_view text) const;
  // Expands $1 ${1} $name ${name} $$ in a template by Go's rules: the longest identifier counts, unknown
  // means empty.
  std::string expand(std::string_view replacement, const std::vector<std::string>& groups) const;
  bool operator==(const Regex& other) const { return pattern_ == other.pattern_; }

 private:
  std::string pattern_;
  std::shared_ptr<const re2::RE2> compiled_;
};

bool read_config(const YamlNode& node, Regex& value, Problems& problems);
std::string print_config(const Regex& value);

}  // namespace lookout
