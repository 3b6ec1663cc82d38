#include "probes/core/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include <fmt/format.h>

namespace lookout {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::size_t kMaximumQuoted = 80;

struct Utf8Form {
  unsigned char first_low, first_high, second_low, second_high;
  std::size_t length;
};
// RFC 3629 section 4, one row per production.
constexpr Utf8Form kUtf8Forms[] = {
    {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

bool is_control(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte < 0x20 || byte == 0x7F;
}

char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}

// Insertions, deletions, replacements and swaps of neighbours count one each.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before(right.size() + 1), last(right.size() + 1), row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (lower(left[i - 1]) == lower(right[j - 1]) ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[right.size()];
}

// Most of most texts, so in words: bodies may be long.
std::size_t ascii_length(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t length = 0;
  for (std::uint64_t word = 0; length + sizeof word <= text.size(); length += sizeof word) {
    std::memcpy(&word, text.data() + length, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  while (length < text.size() && static_cast<unsigned char>(text[length]) < 0x80) ++length;
  return length;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  for (const Utf8Form& form : kUtf8Forms) {
    if (byte(0) < form.first_low || byte(0) > form.first_high) continue;
    if (form.length == 1) return 1;
    if (text.size() < form.length || byte(1) < form.second_low || byte(1) > form.second_high) return 0;
    for (std::size_t index = 2; index < form.length; ++index) {
      if (byte(index) < 0x80 || byte(index) > 0xBF) return 0;
    }
    return form.length;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (true) {
    text.remove_prefix(ascii_length(text));
    if (text.empty()) return true;
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

std::string to_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    result.append(length == 0 ? kReplacement : text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool same_word(std::string_view one, std::string_view other) {
  return one.size() == other.size() && lower_case(one) == lower_case(other);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool is_label_name(std::string_view text) {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  constexpr std::size_t kDigits = 10;
  return !text.empty() && kLetters.find(text[0]) >= kDigits &&
         text.find_first_not_of(kLetters) == std::string_view::npos;
}

std::string one_line(std::string_view text, std::size_t limit) {
  constexpr std::string_view kCut = "...";
  std::string result;
  std::size_t cut_at = 0;  // the last place where the mark of a cut still fits
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view piece = length == 0           ? kReplacement
                                   : is_control(text[0]) ? " "
                                                         : text.substr(0, length);
    if (result.size() + kCut.size() <= limit) cut_at = result.size();
    if (result.size() + piece.size() > limit) {
      result.resize(cut_at);
      return limit >= kCut.size() ? result.append(kCut) : result;
    }
    result.append(piece);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  std::size_t shown = 0;
  while (!text.empty()) {
    if (shown >= kMaximumQuoted) return result.append("...\"");
    const std::size_t length = utf8_length(text);
    if (length == 0 || is_control(text[0])) {
      if (text[0] == '\n') {
        result.append("\\n");
      } else {
        result.append(fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0])));
      }
    } else if (text[0] == '"' || text[0] == '\\') {
      result.append({'\\', text[0]});
    } else {
      result.append(text.substr(0, length));
    }
    ++shown;
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result.append("\"");
}

std::optional<std::string_view> nearest(std::string_view text, std::span<const std::string_view> words) {
  constexpr std::size_t kLongestWord = 64;  // the distance is quadratic
  if (text.empty() || text.size() > kLongestWord) return std::nullopt;
  std::size_t best = text.size() <= 4 ? 2 : 3;
  std::optional<std::string_view> result;
  for (std::string_view word : words) {
    if (word.empty() || word.size() > kLongestWord || word.size() + 2 < text.size() ||
        text.size() + 2 < word.size())
      continue;
    const std::size_t distance = edit_distance(text, word);
    if (distance < best && distance < word.size()) {
      best = distance;
      result = word;
    }
  }
  return result;
}

std::string suggestion(std::string_view text, std::span<const std::string_view> words) {
  const std::optional<std::string_view> word = nearest(text, words);
  return word ? fmt::format("; did you mean {}?", in_quotes(*word)) : std::string();
}

std::string mask_url_password(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  const std::size_t authority = scheme_end == std::string_view::npos ? 0 : scheme_end + 3;
  const std::string_view rest = text.substr(authority, text.find_first_of("/?#", authority) - authority);
  const bool prose =
      authority == 0 && rest.find_first_of(" \t\r\n\\^(") != std::string_view::npos;  // or a pattern
  if (prose) return std::string(text);
  const std::size_t at = rest.rfind('@');
  const std::size_t colon = rest.find(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) return std::string(text);
  return fmt::format("{}xxxxx{}", text.substr(0, authority + colon + 1), text.substr(authority + at));
}

}  // namespace lookout
