#include "exporter/serve/web_config.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "exporter/serve/password_check.h"
#include "exporter/serve/server_tls.h"
#include "probes/core/text.h"
#include "probes/net/tls_material.h"

namespace lookout {
namespace {

constexpr std::array<std::string_view, 6> kClientAuthNames{
    "NoClientCert",      "RequestClientCert",       "RequireAnyClientCert",
    "RequireClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"};

struct AllowedHeader {
  std::string_view name;
  std::vector<std::string_view> values;  // empty: any
};
const std::array<AllowedHeader, 5> kAllowedHeaders{{{"Strict-Transport-Security", {}},
                                                    {"X-Content-Type-Options", {"nosniff"}},
                                                    {"X-Frame-Options", {"deny", "sameorigin"}},
                                                    {"X-XSS-Protection", {}},
                                                    {"Content-Security-Policy", {}}}};

std::string names_of_headers() {
  std::string names;
  for (const AllowedHeader& header : kAllowedHeaders)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", header.name);
  return names;
}

void resolve_path(std::string& path, const std::filesystem::path& folder) {
  if (!path.empty()) path = (folder / path).string();  // an absolute one stays
}

void one_of(ConfigReader& reader, std::string_view text_key, bool has_text, std::string_view file_key,
            bool has_file) {
  if (has_text && has_file)
    reader.problem(file_key, fmt::format("write {} or {}, not both", text_key, file_key));
}

}  // namespace

std::span<const std::string_view> config_names(ClientAuth) { return kClientAuthNames; }

void validate(const WebTls& tls, ConfigReader& reader) {
  const bool cert = !tls.cert.empty() || !tls.cert_file.empty();
  const bool key = !tls.key.value.empty() || !tls.key_file.empty();
  one_of(reader, "cert", !tls.cert.empty(), "cert_file", !tls.cert_file.empty());
  one_of(reader, "key", !tls.key.value.empty(), "key_file", !tls.key_file.empty());
  one_of(reader, "client_ca", !tls.client_ca.empty(), "client_ca_file", !tls.client_ca_file.empty());
  if (tls.present() && !cert)
    reader.problem("cert_file", "TLS needs a server certificate; write cert or cert_file");
  if (tls.present() && !key)
    reader.problem("key_file", "TLS needs the certificate's key; write key or key_file");
  if (tls.client_auth_type == ClientAuth::none) {
    for (const auto& [name, written] : {std::pair("client_ca", !tls.client_ca.empty()),
                                        std::pair("client_ca_file", !tls.client_ca_file.empty()),
                                        std::pair("client_allowed_sans", !tls.client_allowed_sans.empty())}) {
      if (!written) continue;
      reader.problem(name, fmt::format("{} has no effect while clients are asked for no certificate; write "
                                       "client_auth_type: RequireAndVerifyClientCert",
                                       name));
    }
  }
  if (tls.min_version != TlsVersion::unset && tls.max_version != TlsVersion::unset &&
      tls.min_version > tls.max_version) {
    reader.problem("min_version", "min_version is above max_version");
  }
  for (const std::string& suite : tls.cipher_suites) {
    if (!is_cipher_suite(suite))
      reader.problem("cipher_suites",
                     fmt::format("cipher_suites: {} is not known; write standard names such as "
                                 "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                                 in_quotes(suite)));
  }
  for (const std::string& curve : tls.curve_preferences) {
    if (!is_curve(curve))
      reader.problem("curve_preferences",
                     fmt::format("curve_preferences: {} is none of CurveP256, CurveP384, CurveP521, X25519",
                                 in_quotes(curve)));
  }
}

void validate(const WebHttp& http, ConfigReader& reader) {
  for (const auto& [name, value] : http.headers) {
    const auto* allowed = std::ranges::find(kAllowedHeaders, name, &AllowedHeader::name);
    if (allowed == kAllowedHeaders.end()) {
      reader.problem("headers", fmt::format("headers: {} cannot be set; write one of {}", in_quotes(name),
                                            names_of_headers()));
    } else if (!allowed->values.empty() &&
               std::ranges::find(allowed->values, value) == allowed->values.end()) {
      reader.problem("headers", fmt::format("headers: {} is {}; write {}", name, in_quotes(value),
                                            fmt::join(allowed->values, " or ")));
    } else if (std::ranges::any_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
      reader.problem("headers", fmt::format("headers: {} holds a control character", name));
    }
  }
}

void validate(const WebRateLimit& limit, ConfigReader& reader) {
  if (limit.interval < Duration::zero()) reader.problem("interval", "interval is negative; write e.g. 100ms");
  if (limit.burst < 0) reader.problem("burst", "burst is negative; write e.g. 20");
  if (limit.interval > Duration::zero() && limit.burst == 0)
    reader.problem("burst", "a burst of 0 would refuse every request; write e.g. burst: 20");
}

// What is no hash may be a password, so messages do not repeat it.
void validate(const WebConfig& config, ConfigReader& reader) {
  for (const auto& [user, hash] : config.basic_auth_users) {
    if (const auto wrong = what_is_wrong_with_hash(hash.value))
      reader.problem("basic_auth_users",
                     fmt::format("basic_auth_users: of user {}: {}", in_quotes(user), *wrong));
  }
}

std::string_view allowed_header(std::string_view name) {
  const auto* allowed = std::ranges::find(kAllowedHeaders, name, &AllowedHeader::name);
  return allowed == kAllowedHeaders.end() ? std::string_view() : allowed->name;
}

WebConfigOrProblems load_web_config(const std::string& path) {
  Problems problems(path);
  auto config = std::make_shared<WebConfig>();
  const Usable<std::string> text = read_small_file(path);
  if (!text) {
    problems.add(Mark{}, text.error().reason);
    return problems.sorted();
  }
  const std::optional<YamlNode> root = parse_yaml(*text, problems);
  if (root && root->kind() != YamlNode::Kind::null) read_value(*root, *config, problems);
  if (!problems.empty()) return problems.sorted();
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  WebTls& tls = config->tls_server_config;
  for (std::string* file : {&tls.cert_file, &tls.key_file, &tls.client_ca_file}) resolve_path(*file, folder);
  return config;
}

}  // namespace lookout
