// Small pure pieces about text: what is UTF-8, what may be shown to people, which word was meant. No state,
// no allocation beyond the results; any loop.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lookout {

// Bytes of the well-formed UTF-8 character (RFC 3629: no surrogates, no overlong forms) that `text` begins
// with; 0 if none.
std::size_t utf8_length(std::string_view text);
bool is_utf8(std::string_view text);
// Every ill-formed byte becomes U+FFFD.
std::string to_utf8(std::string_view text);

// ASCII letters only, as the words of protocols compare.
std::string lower_case(std::string_view text);
bool same_word(std::string_view one, std::string_view other);

// Without blanks, tabs and ends of lines around it.
std::string_view trimmed(std::string_view text);

// Of a metric's label, as Prometheus has it.
bool is_label_name(std::string_view text);

// One line for people: UTF-8, control characters as spaces, at most `limit` bytes, cut between characters and
// marked "...".
std::string one_line(std::string_view text, std::size_t limit);

// A URL that paths are appended to.
std::string without_slash(std::string url);

// For a segment of a path, or a name or value in a query (RFC 3986).
std::string percent_encoded(std::string_view text);

// In double quotes, short enough for a message, with quotes and control characters escaped.
std::string in_quotes(std::string_view text);

// The word that `text` is a misspelling of: equal but for case, or at most two edits away (one for short
// words).
std::optional<std::string_view> nearest(std::string_view text, std::span<const std::string_view> words);

// "; did you mean "interval"?" or nothing.
std::string suggestion(std::string_view text, std::span<const std::string_view> words);

// A password within scheme://user:password@host becomes xxxxx, also where the scheme is left out; any other
// text stays as it is.
std::string mask_url_password(std::string_view text);

}  // namespace lookout
