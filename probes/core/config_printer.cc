#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "probes/core/base64.h"
#include "probes/core/config_visitor.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::string_view kMask = "<secret>";
// Request headers that carry credentials, in lower case.
constexpr std::array<std::string_view, 6> kCredentialNames{"authorization", "proxy-authorization", "cookie",
                                                           "x-api-key",     "x-auth-token",        "api-key"};

bool is_plain(std::string_view text) {
  constexpr std::string_view kBegin = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/";
  constexpr std::string_view kInside = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/0123456789.-";
  constexpr std::array<std::string_view, 9> kWords{"true", "false", "y",   "n",   "yes",
                                                   "no",   "on",    "off", "null"};
  if (text.empty() || kBegin.find(text[0]) == std::string_view::npos) return false;
  if (text.find_first_not_of(kInside) != std::string_view::npos) return false;
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return std::ranges::find(kWords, lower) == kWords.end();
}

std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      out.append({'\\', character});
    } else if (character == '\n') {
      out.append("\\n");
    } else if (byte < 0x20 || byte == 0x7F) {
      out.append(fmt::format("\\x{:02x}", byte));
    } else {
      out.push_back(character);
    }
  }
  return out.append("\"");
}

void lay_out(std::string& out, const std::string& margin, const PrintedValue& value);

void lay_out_entry(std::string& out, const std::string& margin, std::string_view key,
                   const PrintedValue& value) {
  out.append(margin).append(key).append(":");
  lay_out(out, margin, value);
}

// After "key:" or "-".
void lay_out(std::string& out, const std::string& margin, const PrintedValue& value) {
  const std::string inner = margin + "  ";
  switch (value.kind) {
    case PrintedValue::Kind::absent:
      out.append("\n");
      return;
    case PrintedValue::Kind::word:
      out.append(" ").append(value.word).append("\n");
      return;
    case PrintedValue::Kind::list:
      out.append(value.items.empty() ? " []\n" : "\n");
      for (const PrintedValue& item : value.items) {
        std::string block;
        lay_out(block, inner + "  ", item);
        if (item.kind == PrintedValue::Kind::mapping && !item.entries.empty()) {
          block.clear();
          for (const auto& [key, entry] : item.entries) lay_out_entry(block, inner + "  ", key, entry);
          block.erase(0, inner.size() + 1);
        }
        out.append(inner).append("-").append(block);
      }
      return;
    case PrintedValue::Kind::mapping:
      out.append(value.entries.empty() ? " {}\n" : "\n");
      for (const auto& [key, entry] : value.entries) lay_out_entry(out, inner, key, entry);
      return;
  }
}

bool is_empty(const PrintedValue& value) {
  switch (value.kind) {
    case PrintedValue::Kind::absent:
      return true;
    case PrintedValue::Kind::word:
      return value.word == "\"\"";
    case PrintedValue::Kind::list:
      return value.items.empty();
    case PrintedValue::Kind::mapping:
      return value.entries.empty();
  }
  return true;
}

}  // namespace

namespace config_text {

std::string text_of(const std::string& value) {
  if (!is_utf8(value)) return "!!binary " + base64(value);
  const std::string shown = mask_url_password(value);
  return is_plain(shown) ? shown : double_quoted(shown);
}

std::string text_of(const Secret& value) { return value.value.empty() ? "\"\"" : std::string(kMask); }
std::string text_of(Duration value) { return print_duration(value); }
std::string text_of(ByteSize value) { return print_byte_size(value); }
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(double value) { return fmt::format("{}", value); }
std::string text_of(std::int64_t value) { return fmt::format("{}", value); }

std::string text_of_entry(const std::string& key, const std::string& value) {
  const bool masked = std::ranges::any_of(kCredentialNames, [&](std::string_view name) {
    return std::ranges::equal(name, key, [](char left, char right) {
      return left == (right >= 'A' && right <= 'Z' ? static_cast<char>(right | 0x20) : right);
    });
  });
  return masked && !value.empty() ? std::string(kMask) : text_of(value);
}

}  // namespace config_text

void ConfigPrinter::heading(std::string_view key) {
  out_.append(static_cast<std::size_t>(indent_) * 2, ' ')
      .append(config_text::text_of(std::string(key)))
      .append(":\n");
}

void ConfigPrinter::write(std::string_view key, const PrintedValue& value, bool even_if_empty) {
  if (!even_if_empty && is_empty(value)) return;
  lay_out_entry(out_, std::string(static_cast<std::size_t>(indent_) * 2, ' '), key, value);
}

}  // namespace lookout
