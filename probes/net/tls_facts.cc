// What is told about a handshake, by tls.h.
#include <fmt/format.h>
#include <openssl/ssl.h>

#include "probes/net/services.h"
#include "probes/net/tls.h"
#include "probes/net/verified_chains.h"

namespace lookout {
namespace {

// What Go gives for "no verified chain": its zero time, the year 1.
constexpr double kNoChain = -62135596800.0;

// What newer OpenSSLs give for a connection of QUIC (OSSL_QUIC1_VERSION).
constexpr int kQuicVersion = 1;

std::string_view version_text(const SSL* tls) {
  switch (SSL_version(tls)) {
    case TLS1_VERSION:
      return "TLS 1.0";
    case TLS1_1_VERSION:
      return "TLS 1.1";
    case TLS1_2_VERSION:
      return "TLS 1.2";
    case TLS1_3_VERSION:
    case kQuicVersion:
      return "TLS 1.3";
    default:
      return "unknown";
  }
}

// By the name that IANA gives it, else its number, as Go.
std::string cipher_text(const SSL* tls) {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(tls);
  if (cipher == nullptr) cipher = SSL_get_pending_cipher(tls);
  if (cipher == nullptr) return "unknown";
  const char* name = SSL_CIPHER_standard_name(cipher);
  return name != nullptr ? name : fmt::format("0x{:04X}", SSL_CIPHER_get_protocol_id(cipher));
}

}  // namespace

void state_refused_tls_facts(ProbeRun& run, ssl_st* tls, const STACK_OF(X509) * sent, TlsFacts wanted) {
  const std::string_view version = version_text(tls);
  const std::string cipher = cipher_text(tls);
  run.note(fmt::format("{} with {}", version, cipher));
  run.facts.set(kTlsVersion, 1, render_labels({{"version", version}}));
  if (wanted.cipher) run.facts.set(kTlsCipher, 1, render_labels({{"cipher", cipher}}));
  if (sk_X509_num(sent) <= 0) return;
  run.facts.set(kEarliestCertificateExpiry, earliest_expiry(sent));
  run.facts.set(kLastChainInfo, 1, run.services.tls().known(sk_X509_value(sent, 0)).labels);
}

void state_tls_facts(ProbeRun& run, ssl_st* tls, TlsFacts wanted) {
  const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(tls);
  state_refused_tls_facts(run, tls, sent, wanted);
  if (wanted.chain_expiry && sk_X509_num(sent) > 0)
    run.facts.set(kLastChainExpiry, last_chain_expiry(tls).value_or(kNoChain));
}

void keep_certificates(ProbeRun& run, const STACK_OF(X509) * sent) {
  run.certificates.clear();
  for (int i = 0; i < sk_X509_num(sent) && run.certificates.size() < kMaximumChain; ++i)
    run.certificates.push_back(run.services.tls().known(sk_X509_value(sent, i)).summary);
}

}  // namespace lookout
