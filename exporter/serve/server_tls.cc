#include "exporter/serve/server_tls.h"

#include <array>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "exporter/serve/client_certificate.h"
#include "probes/net/tls_context.h"

namespace lookout {
namespace {

using Context = std::shared_ptr<SSL_CTX>;

struct Curve {
  std::string_view go, openssl;
};
constexpr std::array<Curve, 4> kCurves{
    {{"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}}};

std::string_view curve_name(std::string_view go) {
  for (const Curve& curve : kCurves) {
    if (curve.go == go) return curve.openssl;
  }
  return {};
}

std::string cipher_name(std::string_view standard) {
  const std::string_view known = OPENSSL_cipher_name(std::string(standard).c_str());
  return known == "(NONE)" ? std::string() : std::string(known);
}

bool belongs_to_tls13(std::string_view standard) {
  return standard.starts_with("TLS_") && standard.find("_WITH_") == std::string_view::npos;
}

void append_item(std::string& list, std::string_view item) {
  if (!list.empty()) list += ':';
  list += item;
}

bool set_algorithms(SSL_CTX* context, const WebTls& config) {
  std::string old_suites, suites, groups;
  for (const std::string& suite : config.cipher_suites)
    append_item(belongs_to_tls13(suite) ? suites : old_suites, cipher_name(suite));
  for (const std::string& curve : config.curve_preferences) append_item(groups, curve_name(curve));
  // Ephemeral keys only unless said otherwise, as Go has it.
  if (old_suites.empty()) old_suites = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:!aNULL";
  return SSL_CTX_set_cipher_list(context, old_suites.c_str()) == 1 &&
         (suites.empty() || SSL_CTX_set_ciphersuites(context, suites.c_str()) == 1) &&
         (groups.empty() || SSL_CTX_set1_groups_list(context, groups.c_str()) == 1);
}

std::optional<Unusable> set_versions(SSL_CTX* context, const WebTls& config) {
  const int low = version_number(config.min_version, TLS1_2_VERSION);
  const int high = version_number(config.max_version, TLS1_3_VERSION);
  if (low > high) return Unusable{"min_version, TLS12 unless written, is above max_version"};
  SSL_CTX_set_security_level(context, low < TLS1_2_VERSION ? 0 : 1);  // before 1.2, SHA-1 is all there is
  if (SSL_CTX_set_min_proto_version(context, low) == 1 && SSL_CTX_set_max_proto_version(context, high) == 1)
    return std::nullopt;
  return Unusable{"this TLS version is not available"};
}

// Only HTTP/1.1 is spoken; a client that offers nothing we know goes on without.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned offered_length, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, length, kOurs, sizeof kOurs - 1, offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

Usable<Context> new_context(const WebTls& config) {
  Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return Unusable{"no memory for TLS"};
  SSL_CTX* raw = context.get();
  SSL_CTX_set_mode(
      raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (config.prefer_server_cipher_suites) SSL_CTX_set_options(raw, SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Sessions are resumed from tickets, which cost no memory here, and end with this context.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 1);
  static constexpr unsigned char kSession[] = "lookout";
  SSL_CTX_set_session_id_context(raw, kSession, sizeof kSession - 1);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  if (auto unusable = set_versions(raw, config)) return *unusable;
  if (!set_algorithms(raw, config))
    return Unusable{"cipher_suites or curve_preferences hold nothing that this OpenSSL offers"};
  TlsConfig shown;
  shown.cert = config.cert;
  shown.cert_file = config.cert_file;
  shown.key = config.key;
  shown.key_file = config.key_file;
  if (auto unusable = use_certificate(raw, shown)) return *unusable;
  if (auto unusable = demand_client_certificate(context.get(), config)) return *unusable;
  return context;
}

}  // namespace

bool is_cipher_suite(std::string_view name) { return !cipher_name(name).empty(); }
bool is_curve(std::string_view name) { return !curve_name(name).empty(); }

std::optional<Unusable> ServerTlsContext::refresh(const WebTls& config) {
  std::vector<FileState> now;
  for (const std::string* file : {&config.cert_file, &config.key_file, &config.client_ca_file})
    now.push_back(FileState::of(*file));
  if (now == seen_ && config == config_) return std::nullopt;
  seen_ = std::move(now);
  config_ = config;
  Usable<Context> made = new_context(config);
  if (!made) return made.error();
  context_ = std::move(*made);
  return std::nullopt;
}

}  // namespace lookout
