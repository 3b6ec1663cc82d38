// http and https URLs (RFC 3986), as lenient as Go's parser where blackbox_exporter's users rely on it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lookout {

struct HttpUrl {
  std::string scheme;    // lower case
  std::string userinfo;  // "user:password" with its percent-escapes undone
  bool has_userinfo = false;
  std::string authority;  // host and port as written, for the Host header; without userinfo and an empty port
  std::string host;       // without brackets and percent-escapes
  std::uint16_t port = 0;  // 0: none that can be connected to
  std::string path = "/";  // with the query, without the fragment; blanks and bytes beyond ASCII are escaped

  bool is_https() const { return scheme == "https"; }
  bool operator==(const HttpUrl&) const = default;
};

// nullopt: not absolute, no host, a bad port, a broken escape or control characters. The scheme is not judged
// here, but only http and https have a port of their own.
std::optional<HttpUrl> parse_url(std::string_view text);

// A probe's target: without http:// or https:// before it, http:// is meant. The host may be empty and the
// port too large for one, because blackbox_exporter resolves such a target before it fails.
std::optional<HttpUrl> parse_http_target(std::string_view text);

// What `reference`, a Location header's value, means at `base`, host and port as lenient as a target's.
// Within the same host, userinfo is inherited.
std::optional<HttpUrl> resolve_reference(const HttpUrl& base, std::string_view reference);

// Whether the reference names a host of its own.
bool names_host(std::string_view reference);

// "host" out of "host:port", "[::1]:port" and "host"; no brackets.
std::string host_without_port(std::string_view authority);

// `host` with the brackets that an IPv6 address needs before a port.
std::string bracketed(std::string_view host);

}  // namespace lookout
