#include "probes/http/http_request.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/core/version.h"
#include "probes/http/http_checks.h"
#include "probes/net/http_head.h"

namespace lookout {
namespace {

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [name](std::string_view each) { return same_header_name(each, name); });
}

// Whether `host` is `domain` or a name below it.
bool within_domain(std::string_view host, std::string_view domain) {
  if (same_header_name(host, domain)) return true;
  if (host.size() <= domain.size() || domain.empty()) return false;
  const std::size_t start = host.size() - domain.size();
  // An address has no names below it.
  const bool is_address =
      host.find(':') != std::string_view::npos || (host.back() >= '0' && host.back() <= '9');
  return !is_address && host[start - 1] == '.' && same_header_name(host.substr(start), domain);
}

bool keeps_method(int status) { return status == 307 || status == 308; }

// Which of the module's headers a hop sends as they are. Framing is the transfer's own business.
bool sends(const HttpHop& hop, std::string_view name) {
  if (one_of(name, {"Host", "Content-Length", "Transfer-Encoding", "Trailer", "Connection"})) return false;
  if (!hop.with_body &&
      one_of(name, {"Content-Type", "Content-Encoding", "Content-Language", "Content-Location"}))
    return false;
  return hop.with_credentials || !one_of(name, {"Authorization", "Www-Authenticate", "Cookie", "Cookie2",
                                                "Proxy-Authorization", "Proxy-Authenticate"});
}

}  // namespace

const std::string* configured_header(const HttpConfig& config, std::string_view name) {
  for (const auto& [key, value] : config.headers) {
    if (same_header_name(key, name)) return &value;
  }
  return nullptr;
}

std::optional<HttpUrl> target_url(const HttpConfig& config, std::string_view target) {
  if (!config.enable_http3) return parse_http_target(target);
  constexpr std::string_view kPlain = "http://";
  constexpr std::string_view kSecure = "https://";
  if (same_word(target.substr(0, kSecure.size()), kSecure)) return parse_http_target(target);
  if (same_word(target.substr(0, kPlain.size()), kPlain)) target.remove_prefix(kPlain.size());
  return parse_http_target(fmt::format("{}{}", kSecure, target));
}

HttpHop first_hop(const HttpConfig& config, const HttpUrl& url, const std::string& hostname) {
  HttpHop hop;
  hop.url = url;
  hop.method = config.method.empty() ? "GET" : config.method;
  hop.host_header = url.authority;
  hop.tls_name = url.host;
  const std::string* host = configured_header(config, "Host");
  if (!hostname.empty() || host != nullptr) {
    hop.host_header = hostname.empty() ? *host : hostname;
    hop.tls_name = host_without_port(hop.host_header);
  }
  if (!config.client.tls_config.server_name.empty()) hop.tls_name = config.client.tls_config.server_name;
  return hop;
}

bool asks_for_redirect(const HttpResponse& response) {
  constexpr std::array kRedirects{301, 302, 303, 307, 308};
  const bool redirect = std::find(kRedirects.begin(), kRedirects.end(), response.status) != kRedirects.end();
  const std::string* location = redirect ? response.find("Location") : nullptr;
  return location != nullptr && !location->empty();
}

bool can_redirect(const HttpConfig& config, const HttpResponse& response) {
  return !keeps_method(response.status) || config.body_file.empty();
}

std::optional<HttpHop> next_hop(const HttpHop& hop, const HttpHop& first, const HttpResponse& response) {
  const std::string& location = *response.find("Location");
  const std::optional<HttpUrl> url = resolve_reference(hop.url, location);
  if (!url) return std::nullopt;
  HttpHop next = hop;
  next.url = *url;
  if (!keeps_method(response.status)) {
    if (hop.method != "HEAD") next.method = "GET";
    next.with_body = false;
  }
  if (names_host(location)) {
    next.host_header = url->authority;
    // The first connection may verify another name than the URL's; elsewhere the name there counts.
    next.tls_name = url->authority == first.url.authority ? first.tls_name : url->host;
    next.with_credentials = hop.with_credentials && within_domain(url->host, first.url.host);
  }
  const bool from_tls_to_plain = hop.url.is_https() && !url->is_https();
  next.referer =
      from_tls_to_plain ? "" : fmt::format("{}://{}{}", hop.url.scheme, hop.url.authority, hop.url.path);
  return next;
}

std::string user_agent(const HttpConfig& config) {
  const std::string* own = configured_header(config, "User-Agent");
  return own != nullptr ? *own : std::string(kUserAgent);
}

HttpRequest build_request(const HttpConfig& config, const HttpHop& hop, const HttpParts& parts) {
  HttpRequest request;
  request.method = hop.method;
  request.target = hop.url.path;
  request.host = hop.host_header;
  std::string cookies = parts.cookies;
  for (const auto& [name, value] : config.headers) {
    if (same_header_name(name, "Cookie")) {
      if (sends(hop, name)) cookies = value + (cookies.empty() ? "" : "; ") + cookies;
      continue;
    }
    if (sends(hop, name)) request.headers.push_back({name, value});
    // An upgrade is the one thing that a connection of ours may be asked for besides to end.
    if (same_header_name(name, "Connection") && same_header_name(value, "upgrade"))
      request.headers.push_back({name, value});
  }
  const auto add_missing = [&](std::string_view name, const std::string& value) {
    if (configured_header(config, name) == nullptr) request.headers.push_back({std::string(name), value});
  };
  add_missing("User-Agent", user_agent(config));
  if (!cookies.empty()) request.headers.push_back({"Cookie", cookies});
  if (!hop.referer.empty()) add_missing("Referer", hop.referer);
  if (parts.authorization && hop.with_credentials) add_missing("Authorization", *parts.authorization);
  request.headers.insert(request.headers.end(), parts.http_headers.begin(), parts.http_headers.end());
  if (hop.with_body) request.body = parts.body;
  request.decode = content_coding(config);
  request.keep_body = keeps_body(config);
  if (config.body_size_limit.bytes > 0) {
    request.body_limit = static_cast<std::uint64_t>(config.body_size_limit.bytes);
  } else if (request.keep_body) {
    request.body_limit = kMaximumKeptBody;
  }
  return request;
}

}  // namespace lookout
