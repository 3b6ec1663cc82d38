// The settings of an HTTP client as blackbox_exporter's users know them from all of Prometheus: credentials,
// OAuth2, TLS, proxies, further headers. Inline in the http kind's block; a block of its own elsewhere.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "probes/core/config_visitor.h"
#include "probes/net/http_headers_config.h"
#include "probes/net/tls.h"

namespace lookout {

// Keys that end in _ref name a secret in a manager of secrets. Lookout has none, as blackbox_exporter: they
// load and fail each probe.
struct BasicAuth {
  std::string username, username_file, username_ref;
  Secret password;
  std::string password_file, password_ref;
  bool operator==(const BasicAuth&) const = default;
};

struct Authorization {
  std::string type = "Bearer";
  Secret credentials;
  std::string credentials_file, credentials_ref;
  bool operator==(const Authorization&) const = default;
};

// A proxy's URL; its password is masked wherever a configuration is printed.
struct ProxyUrl {
  std::string value;
  bool empty() const { return value.empty(); }
  bool operator==(const ProxyUrl&) const = default;
};
bool read_config(const YamlNode& node, ProxyUrl& value, Problems& problems);
std::string print_config(const ProxyUrl& value);

struct ProxyConfig {
  ProxyUrl proxy_url;
  std::string no_proxy;
  bool proxy_from_environment = false;
  std::map<std::string, std::vector<Secret>> proxy_connect_header;
  bool may_apply() const { return !proxy_url.empty() || proxy_from_environment; }
  bool operator==(const ProxyConfig&) const = default;
};

// A value of any form, as JSON.
struct OAuthClaim {
  std::string json = "null";
  bool operator==(const OAuthClaim&) const = default;
};
bool read_config(const YamlNode& node, OAuthClaim& value, Problems& problems);
std::string print_config(const OAuthClaim& value);
PrintedValue printed(const OAuthClaim& value);

struct OAuth2 {
  std::string client_id;
  Secret client_secret;
  std::string client_secret_file, client_secret_ref;
  std::string client_certificate_key_id;
  Secret client_certificate_key;
  std::string client_certificate_key_file, client_certificate_key_ref;
  std::string grant_type;           // anything but kJwtBearer: client credentials
  std::string signature_algorithm;  // empty: RS256
  std::string iss, audience;        // empty: client_id, token_url
  std::map<std::string, OAuthClaim> claims;
  std::vector<std::string> scopes;
  std::string token_url;
  std::map<std::string, std::string> endpoint_params;
  TlsConfig tls_config;
  ProxyConfig proxy;

  static constexpr std::string_view kJwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  bool by_assertion() const { return grant_type == kJwtBearer; }
  bool operator==(const OAuth2&) const = default;
};

struct HttpClientConfig {
  std::optional<BasicAuth> basic_auth;
  std::optional<Authorization> authorization;
  std::optional<OAuth2> oauth2;
  Secret bearer_token;
  std::string bearer_token_file;
  TlsConfig tls_config;
  bool follow_redirects = true;
  bool enable_http2 = true;
  ProxyConfig proxy;
  HttpHeadersConfig http_headers;
  bool operator==(const HttpClientConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, BasicAuth& auth) {
  v.field("username", auth.username, "User name");
  v.field("username_file", auth.username_file, "The same from a file, read at each probe");
  v.field("username_ref", auth.username_ref, "For managers of secrets; fails each probe");
  v.field("password", auth.password, "Password");
  v.field("password_file", auth.password_file, "The same from a file, read at each probe");
  v.field("password_ref", auth.password_ref, "For managers of secrets; fails each probe");
}
void validate(const BasicAuth& auth, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, Authorization& authorization) {
  v.field("type", authorization.type, "Scheme, Bearer unless set");
  v.field("credentials", authorization.credentials, "Credentials");
  v.field("credentials_file", authorization.credentials_file, "The same from a file, read at each probe");
  v.field("credentials_ref", authorization.credentials_ref, "For managers of secrets; fails each probe");
}
void validate(const Authorization& authorization, ConfigReader& reader);

template <class Visitor>
void describe_inline(Visitor& v, ProxyConfig& proxy) {
  v.field("proxy_url", proxy.proxy_url, "Proxy: http, https, socks5 or socks5h, with user and password");
  v.field("no_proxy", proxy.no_proxy, "Hosts to reach without the proxy");
  v.field("proxy_from_environment", proxy.proxy_from_environment,
          "Proxy from HTTP_PROXY, HTTPS_PROXY and NO_PROXY");
  v.field("proxy_connect_header", proxy.proxy_connect_header, "Headers for the proxy's CONNECT");
}
void validate_proxy(const ProxyConfig& proxy, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, OAuth2& oauth2) {
  v.field("client_id", oauth2.client_id, "Client identifier");
  v.field("client_secret", oauth2.client_secret, "Client secret");
  v.field("client_secret_file", oauth2.client_secret_file, "The same from a file, read at each probe");
  v.field("client_secret_ref", oauth2.client_secret_ref, "For managers of secrets; fails each probe");
  v.field("client_certificate_key_id", oauth2.client_certificate_key_id, "Name of the key in assertions");
  v.field("client_certificate_key", oauth2.client_certificate_key, "RSA key that signs assertions, PEM");
  v.field("client_certificate_key_file", oauth2.client_certificate_key_file,
          "The same from a file, read at each probe");
  v.field("client_certificate_key_ref", oauth2.client_certificate_key_ref,
          "For managers of secrets; fails each probe");
  v.field("grant_type", oauth2.grant_type,
          "client_credentials (the default) or urn:ietf:params:oauth:grant-type:jwt-bearer");
  v.field("signature_algorithm", oauth2.signature_algorithm, "RS256 (the default), RS384 or RS512");
  v.field("iss", oauth2.iss, "Issuer of assertions; client_id unless set");
  v.field("audience", oauth2.audience, "Audience of assertions; token_url unless set");
  v.field("claims", oauth2.claims, "Further claims of assertions");
  v.field("scopes", oauth2.scopes, "Scopes to ask for");
  v.field("token_url", oauth2.token_url, "Where tokens are asked for");
  v.field("endpoint_params", oauth2.endpoint_params, "Further parameters for token_url");
  v.field("tls_config", oauth2.tls_config, "Settings of TLS towards token_url");
  describe_inline(v, oauth2.proxy);
}
void validate(const OAuth2& oauth2, ConfigReader& reader);

template <class Visitor>
void describe_inline(Visitor& v, HttpClientConfig& client) {
  v.field("basic_auth", client.basic_auth, "User and password");
  v.field("authorization", client.authorization, "Authorization header");
  v.field("oauth2", client.oauth2, "Authorization with a token that is fetched for each probe");
  v.field("bearer_token", client.bearer_token, "Bearer token");
  v.field("bearer_token_file", client.bearer_token_file, "The same from a file, read at each probe");
  v.field("tls_config", client.tls_config, "Settings of TLS");
  v.field("follow_redirects", client.follow_redirects, "Follow up to 10 redirects");
  v.field("enable_http2", client.enable_http2, "Offer HTTP/2 by ALPN");
  describe_inline(v, client.proxy);
  v.field("http_headers", client.http_headers, "Further request headers, with secrets and files");
}
template <class Visitor>
void describe(Visitor& v, HttpClientConfig& client) {
  describe_inline(v, client);
}
void validate(const HttpClientConfig& client, ConfigReader& reader);

}  // namespace lookout
