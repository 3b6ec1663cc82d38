#include "probes/net/http_url.h"

#include <algorithm>
#include <charconv>

#include "probes/core/text.h"

namespace lookout {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool escaped_at(std::string_view text, std::size_t at) {
  return at + 2 < text.size() && hex_value(text[at + 1]) >= 0 && hex_value(text[at + 2]) >= 0;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (!escaped_at(text, i)) return std::nullopt;
    out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
    i += 2;
  }
  return out;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// What may not stand in a request line is escaped; what is escaped already stays.
std::string escaped_target(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

// The length of "scheme" before its colon; 0: there is none (RFC 3986 section 3.1).
std::size_t scheme_length(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return 0;
  std::size_t length = 1;
  const auto allowed = [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; };
  while (length < text.size() && allowed(text[length])) ++length;
  return length < text.size() && text[length] == ':' ? length : 0;
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http") return 80;
  return scheme == "https" ? 443 : 0;
}

bool parse_port(std::string_view text, HttpUrl& url) {
  if (text.empty()) {
    url.port = default_port(url.scheme);
    return true;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), url.port);
  if (error == std::errc::result_out_of_range) url.port = 0;
  return end == text.data() + text.size();
}

bool parse_host(std::string_view text, HttpUrl& url) {
  std::string_view port;
  std::string_view host = text;
  std::size_t host_end = text.size();
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return false;
    host = text.substr(1, bracket - 1);
    host_end = bracket + 1;
  } else {
    host_end = std::min(text.find(':'), text.size());
    host = text.substr(0, host_end);
  }
  if (host_end < text.size()) {
    if (text[host_end] != ':') return false;
    port = text.substr(host_end + 1);
  }
  const std::optional<std::string> plain = unescaped(host);
  constexpr std::string_view kForbidden = " \"<>\\^`{|}";
  if (!plain || has_control(*plain) || plain->find_first_of(kForbidden) != std::string::npos) return false;
  url.host = *plain;
  url.authority = port.empty() ? text.substr(0, host_end) : text;
  return parse_port(port, url);
}

bool names_port(std::string_view authority) {
  const std::size_t host_end = authority.starts_with('[') ? authority.find(']') : 0;
  return authority.find(':', host_end) != std::string_view::npos;
}

bool parse_authority(std::string_view text, HttpUrl& url) {
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos) {
    const std::optional<std::string> userinfo = unescaped(text.substr(0, at));
    if (!userinfo) return false;
    url.userinfo = *userinfo;
    url.has_userinfo = true;
    text.remove_prefix(at + 1);
  }
  return parse_host(text, url);
}

bool parse_path(std::string_view text, HttpUrl& url) {
  const std::string_view path = text.substr(0, text.find('?'));
  if (!unescaped(path)) return false;
  url.path = escaped_target(text);
  if (!url.path.starts_with('/')) url.path.insert(0, "/");
  return true;
}

// RFC 3986 section 5.2.4, on the path before its query.
std::string without_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t next = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, next);
    const bool last = next == path.size();
    path.remove_prefix(next);
    if (segment == "/.") {
      if (last) out += '/';
    } else if (segment == "/..") {
      out.erase(out.empty() ? 0 : out.rfind('/'));
      if (last) out += '/';
    } else {
      out += segment;
    }
  }
  return out.empty() ? "/" : out;
}

std::string merged_path(const HttpUrl& base, std::string_view reference) {
  const std::string_view base_path = std::string_view(base.path).substr(0, base.path.find('?'));
  const std::size_t query = std::min(reference.find('?'), reference.size());
  std::string_view path = reference.substr(0, query);
  const std::string_view tail = reference.substr(query);
  if (path.empty()) return std::string(tail.empty() ? std::string_view(base.path) : base_path).append(tail);
  std::string whole(path);
  if (!path.starts_with('/')) whole.insert(0, base_path.substr(0, base_path.rfind('/') + 1));
  return without_dot_segments(whole).append(tail);
}

// With any host and any port.
std::optional<HttpUrl> parse_leniently(std::string_view text) {
  text = text.substr(0, text.find('#'));
  const std::size_t scheme = scheme_length(text);
  if (scheme == 0 || has_control(text) || text.substr(scheme + 1, 2) != "//") return std::nullopt;
  HttpUrl url;
  url.scheme = lower_case(text.substr(0, scheme));
  std::string_view rest = text.substr(scheme + 3);
  const std::size_t authority = std::min(rest.find_first_of("/?"), rest.size());
  if (!parse_authority(rest.substr(0, authority), url)) return std::nullopt;
  rest.remove_prefix(authority);
  if (!parse_path(rest, url)) return std::nullopt;
  return url;
}

}  // namespace

std::optional<HttpUrl> parse_url(std::string_view text) {
  std::optional<HttpUrl> url = parse_leniently(text);
  if (!url || url->host.empty()) return std::nullopt;
  return url->port == 0 && names_port(url->authority) ? std::nullopt : url;
}

std::optional<HttpUrl> parse_http_target(std::string_view text) {
  const std::string start = lower_case(text.substr(0, 8));
  if (start.starts_with("http://") || start.starts_with("https://")) return parse_leniently(text);
  return parse_leniently(std::string("http://").append(text));
}

bool names_host(std::string_view reference) {
  return reference.starts_with("//") || scheme_length(reference) > 0;
}

std::optional<HttpUrl> resolve_reference(const HttpUrl& base, std::string_view reference) {
  if (scheme_length(reference) > 0) return parse_leniently(reference);
  if (reference.starts_with("//"))
    return parse_leniently(std::string(base.scheme).append(":").append(reference));
  if (has_control(reference)) return std::nullopt;
  HttpUrl url = base;
  if (!parse_path(merged_path(base, reference.substr(0, reference.find('#'))), url)) return std::nullopt;
  return url;
}

std::string host_without_port(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t bracket = std::min(authority.find(']'), authority.size());
    return std::string(authority.substr(1, bracket - 1));
  }
  const std::size_t colon = authority.find(':');
  const bool bare_ip6 =
      colon != std::string_view::npos && authority.find(':', colon + 1) != std::string_view::npos;
  return std::string(bare_ip6 ? authority : authority.substr(0, colon));
}

std::string bracketed(std::string_view host) {
  return host.find(':') == std::string_view::npos ? std::string(host)
                                                  : std::string("[").append(host).append("]");
}

}  // namespace lookout
