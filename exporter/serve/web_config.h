// The file of --web.config.file, in the schema of Prometheus's exporter toolkit: TLS, users, headers, rate.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "probes/core/config_visitor.h"
#include "probes/net/tls.h"

namespace lookout {

enum class ClientAuth {
  none,
  request,
  require_any,
  require_any_old_name,
  verify_if_given,
  require_and_verify
};
std::span<const std::string_view> config_names(ClientAuth);

struct WebTls {
  std::string cert, cert_file;
  Secret key;
  std::string key_file;
  ClientAuth client_auth_type = ClientAuth::none;
  std::string client_ca, client_ca_file;
  std::vector<std::string> client_allowed_sans;
  TlsVersion min_version = TlsVersion::unset;  // unset: TLS 1.2
  TlsVersion max_version = TlsVersion::unset;  // unset: TLS 1.3
  std::vector<std::string> cipher_suites, curve_preferences;
  bool prefer_server_cipher_suites = true;
  bool operator==(const WebTls&) const = default;
  bool present() const { return *this != WebTls(); }  // without it, plain HTTP
};

struct WebHttp {
  bool http2 = true;
  std::map<std::string, std::string> headers;
};

struct WebRateLimit {
  Duration interval{};  // zero: no limit
  int burst = 0;
  bool operator==(const WebRateLimit&) const = default;
};

struct WebConfig {
  WebTls tls_server_config;
  WebHttp http_server_config;
  std::map<std::string, Secret> basic_auth_users;  // bcrypt hashes
  WebRateLimit rate_limit;
};

template <class Visitor>
void describe(Visitor& v, WebTls& tls) {
  v.field("cert", tls.cert, "Server certificate and its chain, PEM");
  v.field("cert_file", tls.cert_file, "The same from a file");
  v.field("key", tls.key, "Its key, PEM");
  v.field("key_file", tls.key_file, "The same from a file");
  v.field("client_auth_type", tls.client_auth_type, "Which certificate a client must show");
  v.field("client_ca", tls.client_ca, "Authorities of clients' certificates, PEM");
  v.field("client_ca_file", tls.client_ca_file, "The same from a file");
  v.field("client_allowed_sans", tls.client_allowed_sans,
          "Alternative names of which a client must have one");
  v.field("min_version", tls.min_version, "TLS10, TLS11, TLS12 (the default) or TLS13");
  v.field("max_version", tls.max_version, "TLS10, TLS11, TLS12 or TLS13 (the default)");
  v.field("cipher_suites", tls.cipher_suites, "Cipher suites by their standard names");
  v.field("curve_preferences", tls.curve_preferences, "CurveP256, CurveP384, CurveP521, X25519");
  v.field("prefer_server_cipher_suites", tls.prefer_server_cipher_suites, "Choose by the server's order");
}
void validate(const WebTls& tls, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, WebHttp& http) {
  v.field("http2", http.http2, "Accepted; HTTP/1.1 is spoken in any case");
  v.field("headers", http.headers, "Headers of every response");
}
void validate(const WebHttp& http, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, WebRateLimit& limit) {
  v.field("interval", limit.interval, "A request more is allowed each time that this has passed");
  v.field("burst", limit.burst, "Requests that may come at once");
}
void validate(const WebRateLimit& limit, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, WebConfig& config) {
  v.field("tls_server_config", config.tls_server_config, "TLS of the server");
  v.field("http_server_config", config.http_server_config, "HTTP of the server");
  v.field("basic_auth_users", config.basic_auth_users, "Users with the bcrypt hashes of their passwords");
  v.field("rate_limit", config.rate_limit, "Limit of all requests together");
}
void validate(const WebConfig& config, ConfigReader& reader);

// The header's name, of static storage, if it is one that may be set; else empty.
std::string_view allowed_header(std::string_view name);

using WebConfigOrProblems = std::variant<std::shared_ptr<const WebConfig>, std::vector<Problem>>;

// Relative paths in it are relative to its own folder.
WebConfigOrProblems load_web_config(const std::string& path);

}  // namespace lookout
