// TLS client side for every kind: one SSL_CTX and one CA store per distinct configuration and loop, because
// creating them costs as much as the probe (measured: 0.25 ms for a context, 40 ms for the system's bundle).
// The system's bundle is
// shared by all loops and read once, from OpenSSL's default places or SSL_CERT_FILE and SSL_CERT_DIR.
//
// Files named by the configuration are looked at (stat) before each use and read again when they changed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "probes/core/certificate_summary.h"
#include "probes/core/config_visitor.h"
#include "probes/core/fact.h"
#include "probes/core/probe.h"

struct ssl_ctx_st;
struct ssl_st;
struct stack_st_X509;
struct x509_st;

namespace lookout {

inline constexpr FactFamily kEarliestCertificateExpiry{
    "probe_ssl_earliest_cert_expiry",
    "Earliest expiry among the certificates that the peer sent, as Unix time"};
inline constexpr FactFamily kLastChainExpiry{"probe_ssl_last_chain_expiry_timestamp_seconds",
                                             "Expiry of the verified chain that lasts longest, as Unix time"};
inline constexpr FactFamily kLastChainInfo{"probe_ssl_last_chain_info",
                                           "Facts of the peer's own certificate"};
inline constexpr FactFamily kTlsVersion{"probe_tls_version_info", "TLS version in use"};
inline constexpr FactFamily kTlsCipher{"probe_tls_cipher_info", "TLS cipher in use"};

enum class TlsVersion { unset, tls10, tls11, tls12, tls13 };
std::span<const std::string_view> config_names(TlsVersion);  // "", TLS10, ...

// blackbox_exporter's tls_config. Files are paths relative to the working directory.
struct TlsConfig {
  std::string ca, ca_file, ca_ref;  // those that end in _ref name secrets in a manager that nobody has
  std::string cert, cert_file, cert_ref;
  Secret key;
  std::string key_file, key_ref;
  std::string server_name;
  bool insecure_skip_verify = false;
  TlsVersion min_version = TlsVersion::unset;  // unset: TLS 1.2
  TlsVersion max_version = TlsVersion::unset;  // unset: TLS 1.3
  bool operator==(const TlsConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, TlsConfig& config) {
  v.field("ca", config.ca, "Certificate authorities, PEM; instead of the system's");
  v.field("ca_file", config.ca_file, "The same from a file");
  v.field("ca_ref", config.ca_ref, "For managers of secrets; fails each probe");
  v.field("cert", config.cert, "Client certificate, PEM");
  v.field("cert_file", config.cert_file, "The same from a file");
  v.field("cert_ref", config.cert_ref, "For managers of secrets; fails each probe");
  v.field("key", config.key, "Client key, PEM");
  v.field("key_file", config.key_file, "The same from a file");
  v.field("key_ref", config.key_ref, "For managers of secrets; fails each probe");
  v.field("server_name", config.server_name, "Name sent as SNI and verified, instead of the target's");
  v.field("insecure_skip_verify", config.insecure_skip_verify, "Accept any certificate");
  v.field("min_version", config.min_version, "TLS10, TLS11, TLS12 (the default) or TLS13");
  v.field("max_version", config.max_version, "TLS10, TLS11, TLS12 or TLS13 (the default)");
}
void validate(const TlsConfig& config, ConfigReader& reader);

// Lives on one loop, shared by all probes of that loop with the same settings.
class TlsContexts {
 public:
  TlsContexts();
  ~TlsContexts();
  // ALPN protocols in order of preference, e.g. {"h2", "http/1.1"}; empty: no ALPN. A file that cannot be
  // read or parsed is the operator's fault and ours to tell: internal.
  Attempt<std::shared_ptr<ssl_ctx_st>> get(const ProbeRun& run, const TlsConfig& config,
                                           const std::vector<std::string>& alpn);

  struct Known {
    std::string labels;  // of kLastChainInfo
    std::shared_ptr<const CertificateSummary> summary;
  };
  // Remembered by the certificate's digest; valid until the next call.
  const Known& known(const x509_st* certificate);

 private:
  struct Cache;
  std::unique_ptr<Cache> cache_;
};

// Which facts a kind tells about a finished handshake (they differ between blackbox_exporter's probers).
struct TlsFacts {
  bool cipher = false;
  bool chain_expiry = true;
};
// After a successful handshake, which left the certificates and the verified chain in `tls`.
void state_tls_facts(ProbeRun& run, ssl_st* tls, TlsFacts wanted);
// After one that failed when the peer had sent its certificates: the same but kLastChainExpiry.
void state_refused_tls_facts(ProbeRun& run, ssl_st* tls, const stack_st_X509* sent, TlsFacts wanted);

// Leaves the peer's chain on the run, for people.
void keep_certificates(ProbeRun& run, const stack_st_X509* sent);

}  // namespace lookout
