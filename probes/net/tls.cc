#include "probes/net/tls.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "probes/core/config_rules.h"
#include "probes/net/certificate.h"
#include "probes/net/file_state.h"
#include "probes/net/services.h"
#include "probes/net/tls_context.h"
#include "probes/net/tls_failure.h"
#include "probes/net/tls_material.h"

namespace lookout {
namespace {

using Context = std::shared_ptr<SSL_CTX>;

// Beyond these numbers a cache starts anew: configurations come and go with reloads, certificates with their
// renewal.
constexpr std::size_t kMaximumContexts = 1024;
constexpr std::size_t kMaximumCertificates = 4096;
constexpr std::size_t kMaximumLabelBytes = 4 * 1024 * 1024;

// Ephemeral keys only, as Go: no static RSA, no 3DES.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:!aNULL";

int accept_any(X509_STORE_CTX* verification, void*) {
  X509_STORE_CTX_set_error(verification, X509_V_OK);
  return 1;
}

std::string wire_form(const std::vector<std::string>& alpn) {
  std::string text;
  for (const std::string& protocol : alpn) text += static_cast<char>(protocol.size()) + protocol;
  return text;
}

// Everything that makes two contexts different.
std::string cache_key(const TlsConfig& config, const std::string& alpn) {
  std::string key;
  const auto add = [&key](std::string_view part) {
    key.append(fmt::format_int(part.size()).c_str()).append(":").append(part);
  };
  for (const std::string* part : {&config.ca, &config.ca_file, &config.cert, &config.cert_file,
                                  &config.key.value, &config.key_file, &alpn}) {
    add(*part);
  }
  key += static_cast<char>('0' + static_cast<int>(config.min_version));
  key += static_cast<char>('0' + static_cast<int>(config.max_version));
  key += config.insecure_skip_verify ? 'i' : 'v';
  return key;
}

std::optional<Unusable> unresolved(const TlsConfig& config) {
  const std::pair<std::string_view, const std::string&> references[] = {
      {"ca", config.ca_ref}, {"cert", config.cert_ref}, {"key", config.key_ref}};
  for (const auto& [key, reference] : references) {
    if (!reference.empty())
      return Unusable{fmt::format("{0}_ref: there is no manager of secrets; write {0} or {0}_file", key)};
  }
  return std::nullopt;
}

std::optional<Unusable> set_versions(SSL_CTX* context, const TlsConfig& config) {
  const int low = version_number(config.min_version, TLS1_2_VERSION);
  const int high = version_number(config.max_version, TLS1_3_VERSION);
  if (low > high) return Unusable{"min_version is above max_version"};
  // TLS before 1.2 signs its handshake with SHA-1, which only level 0 allows. What certificates must be worth
  // does not depend on it: verify_certificates().
  SSL_CTX_set_security_level(context, low < TLS1_2_VERSION ? 0 : kCertificateSecurityLevel);
  if (SSL_CTX_set_min_proto_version(context, low) == 1 && SSL_CTX_set_max_proto_version(context, high) == 1)
    return std::nullopt;
  return Unusable{"this TLS version is not available"};
}

Usable<Context> new_context(const TlsConfig& config, const std::string& alpn) {
  Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context) return Unusable{"no memory for TLS"};
  SSL_CTX* raw = context.get();
  if (std::optional<Unusable> unusable = set_versions(raw, config)) return *unusable;
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_mode(
      raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  if (SSL_CTX_set_cipher_list(raw, kCiphers) != 1) return Unusable{"the library lacks the usual ciphers"};
  if (!alpn.empty())
    SSL_CTX_set_alpn_protos(raw, reinterpret_cast<const unsigned char*>(alpn.data()),
                            static_cast<unsigned>(alpn.size()));
  if (std::optional<Unusable> unusable = use_certificate(raw, config)) return *unusable;
  return context;
}

}  // namespace

std::span<const std::string_view> config_names(TlsVersion) {
  static constexpr std::array<std::string_view, 5> names{"", "TLS10", "TLS11", "TLS12", "TLS13"};
  return names;
}

void validate(const TlsConfig& config, ConfigReader& reader) {
  const bool certificate = !config.cert.empty() || !config.cert_file.empty() || !config.cert_ref.empty();
  const bool key = !config.key.value.empty() || !config.key_file.empty() || !config.key_ref.empty();
  allow_one(
      reader,
      {{"ca", !config.ca.empty()}, {"ca_file", !config.ca_file.empty()}, {"ca_ref", !config.ca_ref.empty()}});
  allow_one(reader, {{"cert", !config.cert.empty()},
                     {"cert_file", !config.cert_file.empty()},
                     {"cert_ref", !config.cert_ref.empty()}});
  allow_one(reader, {{"key", !config.key.value.empty()},
                     {"key_file", !config.key_file.empty()},
                     {"key_ref", !config.key_ref.empty()}});
  const auto first_given = [&](std::initializer_list<std::string_view> keys) {
    return *std::ranges::find_if(keys, [&](std::string_view each) { return reader.has(each); });
  };
  if (certificate && !key)
    reader.problem(first_given({"cert", "cert_file", "cert_ref"}),
                   "a client certificate needs key or key_file, too");
  if (key && !certificate)
    reader.problem(first_given({"key", "key_file", "key_ref"}), "a client key needs cert or cert_file, too");
}

struct TlsContexts::Cache {
  struct Source {
    FileState file;
    CertificateStore store;
  };
  struct Entry {
    FileState certificate, key;
    CertificateStore store;
    Context context;
  };
  using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

  std::unordered_map<std::string, Source> stores;
  std::unordered_map<std::string, Entry> contexts;
  std::map<Digest, Known> certificates;
  std::size_t label_bytes = 0;

  Usable<CertificateStore> store_for(const TlsConfig& config) {
    if (config.ca.empty() && config.ca_file.empty()) return system_store();
    const bool from_file = config.ca.empty();
    const FileState state = from_file ? FileState::of(config.ca_file) : FileState{};
    if (stores.size() > kMaximumContexts) stores.clear();
    Source& source = stores[(from_file ? "f" : "t") + (from_file ? config.ca_file : config.ca)];
    if (source.store && source.file == state) return source.store;
    Usable<std::string> text = inline_or_file(config.ca, config.ca_file);
    if (!text) return text.error();
    Usable<CertificateStore> store = parse_store(*text, from_file ? config.ca_file : "ca");
    if (store) source = {state, *store};
    return store;
  }

  Usable<Context> context_for(const TlsConfig& config, const std::string& alpn) {
    if (const std::optional<Unusable> reference = unresolved(config)) return *reference;
    CertificateStore store;
    if (!config.insecure_skip_verify || !config.ca_file.empty() || !config.ca.empty()) {
      Usable<CertificateStore> found = store_for(config);
      if (!found) return found.error();
      store = *found;
    }
    if (contexts.size() > kMaximumContexts) contexts.clear();
    Entry& entry = contexts[cache_key(config, alpn)];
    const FileState certificate = FileState::of(config.cert_file), key = FileState::of(config.key_file);
    if (entry.context && entry.store == store && entry.certificate == certificate && entry.key == key)
      return entry.context;
    Usable<Context> context = new_context(config, alpn);
    if (!context) return context;
    if (config.insecure_skip_verify) {
      SSL_CTX_set_verify(context->get(), SSL_VERIFY_NONE, nullptr);
      SSL_CTX_set_cert_verify_callback(context->get(), accept_any, nullptr);
    } else {
      SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER, note_verification);
      SSL_CTX_set_cert_verify_callback(context->get(), verify_certificates, nullptr);
      SSL_CTX_set1_cert_store(context->get(), store.get());
    }
    entry = {certificate, key, store, *context};
    return entry.context;
  }
};

TlsContexts::TlsContexts() : cache_(std::make_unique<Cache>()) {}
TlsContexts::~TlsContexts() = default;

Attempt<Context> TlsContexts::get(const ProbeRun& run, const TlsConfig& config,
                                  const std::vector<std::string>& alpn) {
  Usable<Context> context = cache_->context_for(config, wire_form(alpn));
  if (!context) return run.fail(Cause::internal, fmt::format("tls_config: {}", context.error().reason));
  return *context;
}

const TlsContexts::Known& TlsContexts::known(const X509* certificate) {
  Cache::Digest digest{};
  unsigned int size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  const auto found = cache_->certificates.find(digest);
  if (found != cache_->certificates.end()) return found->second;
  if (cache_->certificates.size() >= kMaximumCertificates || cache_->label_bytes >= kMaximumLabelBytes) {
    cache_->certificates.clear();
    cache_->label_bytes = 0;
  }
  Known known{certificate_labels(certificate),
              std::make_shared<const CertificateSummary>(summarize(certificate))};
  cache_->label_bytes += known.labels.size();
  return cache_->certificates.emplace(digest, std::move(known)).first->second;
}

}  // namespace lookout
