// blackbox_exporter's `http:` block.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "probes/match/cel.h"
#include "probes/match/regex.h"
#include "probes/net/http_headers_config.h"
#include "probes/net/network_options.h"
#include "probes/net/tls.h"

namespace lookout {

struct HeaderRule {
  std::string header;
  std::optional<Regex> regexp;
  bool allow_missing = false;
  bool operator==(const HeaderRule&) const = default;
};

struct BasicAuth {
  std::string username, username_file;
  Secret password;
  std::string password_file;
  bool operator==(const BasicAuth&) const = default;
};

struct Authorization {
  std::string type = "Bearer";
  Secret credentials;
  std::string credentials_file;
  bool operator==(const Authorization&) const = default;
};

// A proxy's URL; its password is masked wherever a configuration is printed. Only http:// proxies are built.
struct ProxyUrl {
  std::string value;
  bool empty() const { return value.empty(); }
  bool operator==(const ProxyUrl&) const = default;
};
bool read_config(const YamlNode& node, ProxyUrl& value, Problems& problems);
std::string print_config(const ProxyUrl& value);

struct HttpConfig {
  NetworkOptions network;
  std::vector<int> valid_status_codes;  // empty: 200 to 299
  std::vector<std::string> valid_http_versions;
  std::string method;
  std::map<std::string, std::string> headers;
  HttpHeadersConfig http_headers;
  std::string body, body_file;
  ByteSize body_size_limit;  // zero: none of the user's own
  std::string compression;
  bool follow_redirects = true;
  std::optional<bool> no_follow_redirects;
  bool fail_if_ssl = false, fail_if_not_ssl = false;
  std::vector<Regex> fail_if_body_matches_regexp, fail_if_body_not_matches_regexp;
  std::vector<HeaderRule> fail_if_header_matches, fail_if_header_not_matches;
  std::optional<Cel> fail_if_body_json_matches_cel, fail_if_body_json_not_matches_cel;
  bool enable_http2 = true;
  bool skip_resolve_phase_with_proxy = false;
  std::optional<BasicAuth> basic_auth;
  std::optional<Authorization> authorization;
  Secret bearer_token;
  std::string bearer_token_file;
  TlsConfig tls_config;
  ProxyUrl proxy_url;
  std::string no_proxy;
  bool proxy_from_environment = false;
  std::map<std::string, std::vector<Secret>> proxy_connect_header;
  bool operator==(const HttpConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, HeaderRule& rule) {
  v.field("header", rule.header, "Header name");
  v.field("regexp", rule.regexp, "RE2 pattern for its value");
  v.field("allow_missing", rule.allow_missing, "Whether an absent header is well");
}
void validate(const HeaderRule& rule, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, BasicAuth& auth) {
  v.field("username", auth.username, "User name");
  v.field("username_file", auth.username_file, "The same from a file, read at each probe");
  v.not_built("username_ref");
  v.field("password", auth.password, "Password");
  v.field("password_file", auth.password_file, "The same from a file, read at each probe");
  v.not_built("password_ref");
}
void validate(const BasicAuth& auth, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, Authorization& authorization) {
  v.field("type", authorization.type, "Scheme, Bearer unless set");
  v.field("credentials", authorization.credentials, "Credentials");
  v.field("credentials_file", authorization.credentials_file, "The same from a file, read at each probe");
  v.not_built("credentials_ref");
}
void validate(const Authorization& authorization, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, HttpConfig& config) {
  describe_inline(v, config.network);
  v.field("valid_status_codes", config.valid_status_codes,
          "Status codes that are well; 200 to 299 unless set");
  v.field("valid_http_versions", config.valid_http_versions, "HTTP/1.0, HTTP/1.1, HTTP/2.0");
  v.field("method", config.method, "GET unless set");
  v.field("headers", config.headers, "Request headers");
  v.field("http_headers", config.http_headers, "Further request headers, with secrets and files");
  v.field("body", config.body, "Request body");
  v.field("body_file", config.body_file, "The same from a file, read at each probe");
  v.field("body_size_limit", config.body_size_limit, "Largest body that is well, e.g. 1MB");
  v.field("compression", config.compression, "gzip, br, deflate or identity");
  v.field("follow_redirects", config.follow_redirects, "Follow up to 10 redirects");
  v.field("no_follow_redirects", config.no_follow_redirects, "Old name, negated");
  v.field("fail_if_ssl", config.fail_if_ssl, "Fails if the final response came over TLS");
  v.field("fail_if_not_ssl", config.fail_if_not_ssl, "Fails unless the final response came over TLS");
  v.field("fail_if_body_matches_regexp", config.fail_if_body_matches_regexp, "Fails if the body matches any");
  v.field("fail_if_body_not_matches_regexp", config.fail_if_body_not_matches_regexp,
          "Fails unless the body matches all");
  v.field("fail_if_header_matches", config.fail_if_header_matches, "Fails if a header matches");
  v.field("fail_if_header_not_matches", config.fail_if_header_not_matches, "Fails unless a header matches");
  v.field("fail_if_body_json_matches_cel", config.fail_if_body_json_matches_cel,
          "Fails if this CEL expression over the JSON value body is true");
  v.field("fail_if_body_json_not_matches_cel", config.fail_if_body_json_not_matches_cel,
          "Fails unless this CEL expression over the JSON value body is true");
  v.field("enable_http2", config.enable_http2, "Offer HTTP/2 by ALPN");
  v.not_built("enable_http3");
  v.field("skip_resolve_phase_with_proxy", config.skip_resolve_phase_with_proxy, "Let the proxy resolve");
  v.field("basic_auth", config.basic_auth, "User and password");
  v.field("authorization", config.authorization, "Authorization header");
  v.not_built("oauth2");
  v.field("bearer_token", config.bearer_token, "Bearer token");
  v.field("bearer_token_file", config.bearer_token_file, "The same from a file, read at each probe");
  v.field("tls_config", config.tls_config, "Settings of TLS");
  v.field("proxy_url", config.proxy_url, "http:// proxy");
  v.field("no_proxy", config.no_proxy, "Hosts to reach without the proxy");
  v.field("proxy_from_environment", config.proxy_from_environment,
          "Proxy from HTTP_PROXY, HTTPS_PROXY and NO_PROXY");
  v.field("proxy_connect_header", config.proxy_connect_header, "Headers for the proxy's CONNECT");
}
void validate(const HttpConfig& config, ConfigReader& reader);

}  // namespace lookout
