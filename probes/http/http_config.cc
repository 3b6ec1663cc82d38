#include "probes/http/http_config.h"

#include <algorithm>

#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/http/http_checks.h"
#include "probes/http/http_proxy.h"
#include "probes/net/http_head.h"
#include "probes/net/http_url.h"

namespace lookout {
namespace {

void validate_headers(const HttpConfig& config, ConfigReader& reader) {
  for (const auto& [name, value] : config.headers) {
    if (!is_token(name)) reader.problem("headers", fmt::format("\"{}\" is no header name", name));
    if (!is_header_value(value))
      reader.problem("headers", fmt::format("the value of {} must be a single line", name));
    if (same_header_name(name, "Accept-Encoding") && !accept_encoding_admits(value, config.compression)) {
      reader.problem("headers", fmt::format("header {}: {} does not admit compression {}", name, value,
                                            config.compression));
    }
  }
  validate_http_headers(config.http_headers, ReservedHeaders::refused, "http_headers", reader);
  for (const auto& [name, values] : config.proxy_connect_header) {
    const bool sound = is_token(name) && std::all_of(values.begin(), values.end(), [](const Secret& value) {
                         return is_header_value(value.value);
                       });
    if (!sound)
      reader.problem("proxy_connect_header",
                     fmt::format("\"{}\" is no header name, or a value has several lines", name));
  }
}

void validate_body(const HttpConfig& config, ConfigReader& reader) {
  if (!config.body.empty() && !config.body_file.empty())
    reader.problem("body_file", "write body or body_file, not both");
  if (!config.method.empty() && !is_token(config.method)) {
    reader.problem("method",
                   fmt::format("\"{}\" is no HTTP method; write GET, HEAD, POST, ...", config.method));
  }
}

void validate_versions(const HttpConfig& config, ConfigReader& reader) {
  const auto& versions = config.valid_http_versions;
  if (std::find(versions.begin(), versions.end(), "HTTP/3.0") != versions.end()) {
    reader.problem(
        "valid_http_versions",
        "HTTP/3.0 is never spoken, because enable_http3 is not built yet; list HTTP/1.0, HTTP/1.1, HTTP/2.0");
  }
}

void validate_credentials(const HttpConfig& config, ConfigReader& reader) {
  const bool bearer = !config.bearer_token.value.empty();
  const bool bearer_file = !config.bearer_token_file.empty();
  if (bearer && bearer_file)
    reader.problem("bearer_token_file", "write bearer_token or bearer_token_file, not both");
  if (config.basic_auth && (bearer || bearer_file))
    reader.problem("basic_auth", "write basic_auth or a bearer token, not both");
  if (config.authorization && (bearer || bearer_file)) {
    reader.problem("authorization", "write authorization or a bearer token, not both");
  }
  if (config.basic_auth && config.authorization)
    reader.problem("authorization", "write basic_auth or authorization, not both");
  if (!is_header_value(config.bearer_token.value)) reader.problem("bearer_token", "must be a single line");
}

void validate_proxy(const HttpConfig& config, ConfigReader& reader) {
  if (!config.proxy_connect_header.empty() && !may_use_proxy(config)) {
    reader.problem(
        "proxy_connect_header",
        "proxy_connect_header is only for a proxy; write proxy_url or proxy_from_environment, too");
  }
  if (config.proxy_from_environment && !config.proxy_url.empty()) {
    reader.problem("proxy_from_environment", "write proxy_url or proxy_from_environment, not both");
  }
  if (config.proxy_from_environment && !config.no_proxy.empty()) {
    reader.problem("no_proxy",
                   "with proxy_from_environment, the environment's NO_PROXY counts; leave no_proxy out");
  }
  if (!config.no_proxy.empty() && config.proxy_url.empty() && !config.proxy_from_environment) {
    reader.problem("no_proxy", "no_proxy is only for a proxy; write proxy_url, too");
  }
}

}  // namespace

bool read_config(const YamlNode& node, ProxyUrl& value, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  const std::optional<HttpUrl> url = text.empty() ? std::nullopt : parse_proxy(text);
  if (!text.empty() && !url) {
    problems.add(node.mark(), "is no URL of a proxy; write http://HOST:PORT");
    return false;
  }
  if (url && url->scheme != "http") {
    problems.add(node.mark(),
                 fmt::format("proxies of scheme {} are not built yet; write http://HOST:PORT", url->scheme));
    return false;
  }
  value.value = std::move(text);
  return true;
}

std::string print_config(const ProxyUrl& value) { return mask_url_password(value.value); }

void validate(const HeaderRule& rule, ConfigReader& reader) {
  if (rule.header.empty()) reader.problem("header", "name the header that the rule is about");
  if (!rule.regexp || rule.regexp->pattern().empty())
    reader.problem("regexp", "write a pattern for the header's value");
}

void validate(const BasicAuth& auth, ConfigReader& reader) {
  if (!auth.username.empty() && !auth.username_file.empty()) {
    reader.problem("username_file", "write username or username_file, not both");
  }
  if (!auth.password.value.empty() && !auth.password_file.empty()) {
    reader.problem("password_file", "write password or password_file, not both");
  }
}

void validate(const Authorization& authorization, ConfigReader& reader) {
  if (!authorization.credentials.value.empty() && !authorization.credentials_file.empty()) {
    reader.problem("credentials_file", "write credentials or credentials_file, not both");
  }
  const std::string_view type = trimmed(authorization.type);
  if (same_header_name(type, "basic"))
    reader.problem("type", "for user and password, write basic_auth instead");
  if (!is_header_value(authorization.type) || !is_header_value(authorization.credentials.value)) {
    reader.problem("credentials", "type and credentials must be a single line each");
  }
}

void validate(const HttpConfig& config, ConfigReader& reader) {
  validate_headers(config, reader);
  validate_body(config, reader);
  validate_versions(config, reader);
  validate_credentials(config, reader);
  validate_proxy(config, reader);
}

}  // namespace lookout
