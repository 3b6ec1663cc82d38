#include "exporter/serve/query.h"

#include <vector>

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_escape(std::string_view text, std::size_t at) {
  return at + 2 < text.size() && text[at] == '%' && hex_digit(text[at + 1]) >= 0 &&
         hex_digit(text[at + 2]) >= 0;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (!is_escape(text, i)) return std::nullopt;
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

// Where an address names its host: after the scheme, before path, query and fragment, without user and
// password.
std::string_view host_part(std::string_view address) {
  if (auto scheme = address.find("://"); scheme != std::string_view::npos) address.remove_prefix(scheme + 3);
  address = address.substr(0, address.find_first_of("/?#"));
  if (auto at = address.rfind('@'); at != std::string_view::npos) address.remove_prefix(at + 1);
  return address;
}

}  // namespace

std::optional<std::string> decode_query_text(std::string_view text) { return decode(text, true); }
std::optional<std::string> decode_path_text(std::string_view text) { return decode(text, false); }

std::string clean_path(std::string_view path) {
  std::vector<std::string_view> segments;
  const bool slash = path.ends_with('/');
  while (!path.empty()) {
    const auto end = path.find('/');
    const std::string_view segment = path.substr(0, end);
    path = end == std::string_view::npos ? std::string_view() : path.substr(end + 1);
    if (segment == ".." && !segments.empty()) segments.pop_back();
    if (!segment.empty() && segment != "." && segment != "..") segments.push_back(segment);
  }
  std::string clean;
  for (const std::string_view segment : segments) clean.append("/").append(segment);
  if (clean.empty() || slash) clean += '/';
  return clean;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty() || pair.find(';') != std::string_view::npos) continue;
    const auto equals = pair.find('=');
    const auto key = decode_query_text(pair.substr(0, equals));
    if (!key || *key != name) continue;
    auto value =
        decode_query_text(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    if (value) return value;
  }
  return std::nullopt;
}

std::string usable_target(std::string once_decoded) {
  const std::string_view host = host_part(once_decoded);
  const auto percent = host.find('%');
  if (percent == std::string_view::npos || !is_escape(host, percent)) return once_decoded;
  // [fe80::1%25eth0] and fe80::1%de0: the zone of an IPv6 literal.
  const std::string_view before = host.substr(0, percent);
  if (before.find(':') != before.rfind(':')) return once_decoded;
  auto again = decode_query_text(once_decoded);
  return again ? *std::move(again) : once_decoded;
}

std::string go_quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    const auto byte = static_cast<unsigned char>(text[i]);
    if (length > 1) {
      out += text.substr(i, length);
    } else if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text[i];
    } else if (byte == '\n') {
      out += "\\n";
    } else if (byte == '\r') {
      out += "\\r";
    } else if (byte == '\t') {
      out += "\\t";
    } else if (length == 0 || byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += text[i];
    }
    i += length == 0 ? 1 : length;
  }
  return out + '"';
}

}  // namespace lookout
