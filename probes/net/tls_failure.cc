#include "probes/net/tls_failure.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "probes/net/address.h"
#include "probes/net/certificate.h"
#include "probes/net/system_error.h"

namespace lookout {
namespace {

// The first entry is the root of the trouble; later ones only say who passed it on.
unsigned long take_error() {
  const unsigned long first = ERR_get_error();
  ERR_clear_error();
  return first;
}

std::string reason_of(unsigned long error) {
  const char* reason = ERR_reason_error_string(error);
  return reason != nullptr ? reason : "unknown error";
}

bool is_hang_up(int error, int system_error, unsigned long queued) {
  if (error == SSL_ERROR_SYSCALL)
    return queued == 0 && (system_error == 0 || system_error == ECONNRESET || system_error == EPIPE);
  return error == SSL_ERROR_SSL && ERR_GET_LIB(queued) == ERR_LIB_SSL &&
         ERR_GET_REASON(queued) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

Failure transport_failure(const ProbeRun& run, int error, int system_error, const char* doing) {
  const unsigned long queued = take_error();
  if (is_hang_up(error, system_error, queued))
    return run.fail(Cause::closed, fmt::format("the peer hung up {}", doing));
  if (error == SSL_ERROR_SSL)
    return run.fail(Cause::protocol, fmt::format("{}: {}", doing, reason_of(queued)));
  const Cause cause = system_error == ETIMEDOUT                                     ? Cause::timeout
                      : system_error == EHOSTUNREACH || system_error == ENETUNREACH ? Cause::unreachable
                                                                                    : Cause::internal;
  return run.fail(cause, fmt::format("{}: {}", doing, system_error_text(system_error)));
}

std::string describe_refused(const X509* certificate, long verify_result) {
  const char* reason = X509_verify_cert_error_string(verify_result);
  const std::string subject = go_name(X509_get_subject_name(certificate));
  switch (verification_cause(verify_result)) {
    case Cause::certificate_expired:
      return fmt::format("{} (subject {}; valid from {} to {})", reason, subject,
                         utc_text(X509_get0_notBefore(certificate)),
                         utc_text(X509_get0_notAfter(certificate)));
    case Cause::certificate_name:
      return fmt::format("{} (subject {}; its names: {})", reason, subject, dns_names(certificate));
    default:
      return fmt::format("{} (subject {}; issuer {})", reason, subject,
                         go_name(X509_get_issuer_name(certificate)));
  }
}

// Not the application's own data of an SSL, which libcurl uses in its own.
int note_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

VerificationNote* note_of(X509_STORE_CTX* verification) {
  const auto* tls =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  return tls != nullptr ? static_cast<VerificationNote*>(SSL_get_ex_data(tls, note_index())) : nullptr;
}

}  // namespace

bool verify_name(X509_VERIFY_PARAM* parameters, std::string_view name) {
  if (const std::optional<IpAddress> address = parse_ip(name)) {
    IpAddress plain = *address;
    if (plain.is_v6()) plain = asio::ip::address_v6(plain.to_v6().to_bytes());  // without a zone
    return X509_VERIFY_PARAM_set1_ip_asc(parameters, plain.to_string().c_str()) == 1;
  }
  if (name.ends_with('.')) name.remove_suffix(1);
  X509_VERIFY_PARAM_set_hostflags(parameters,
                                  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(parameters, name.data(), name.size()) == 1;
}

Outcome expect_name(const ProbeRun& run, ssl_st* tls, std::string_view name) {
  const bool verifies = (SSL_get_verify_mode(tls) & SSL_VERIFY_PEER) != 0;
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty()) {
    if (!verifies) return std::nullopt;
    return run.fail(Cause::internal, "no name to verify: set server_name or insecure_skip_verify");
  }
  const std::string text(name);
  const bool named = parse_ip(name) || SSL_set_tlsext_host_name(tls, text.c_str()) == 1;
  if (named && verify_name(SSL_get0_param(tls), name)) return std::nullopt;
  ERR_clear_error();
  return run.fail(Cause::internal, fmt::format("not usable as a TLS name: {}", text));
}

Cause verification_cause(long verify_result) {
  switch (verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Cause::certificate_expired;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return Cause::certificate_name;
    case X509_V_ERR_OUT_OF_MEM:
      return Cause::internal;
    default:
      return Cause::certificate_untrusted;
  }
}

void CertificatesDeleter::operator()(STACK_OF(X509) * certificates) const {
  sk_X509_pop_free(certificates, X509_free);
}

void take_notes(ssl_st* tls, VerificationNote* note) { SSL_set_ex_data(tls, note_index(), note); }

int note_verification(int good, X509_STORE_CTX* verification) {
  if (good == 1) return good;
  VerificationNote* const note = note_of(verification);
  const X509* certificate = X509_STORE_CTX_get_current_cert(verification);
  if (note == nullptr || certificate == nullptr) return good;
  note->text = describe_refused(certificate, X509_STORE_CTX_get_error(verification));
  return good;
}

int verify_certificates(X509_STORE_CTX* verification, void*) {
  // OpenSSL would take the level of the handshake, which is 0 where TLS before 1.2 is allowed.
  X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(verification), kCertificateSecurityLevel);
  if (VerificationNote* const note = note_of(verification))
    note->sent.reset(X509_chain_up_ref(X509_STORE_CTX_get0_untrusted(verification)));
  return X509_verify_cert(verification);
}

Failure handshake_failure(const ProbeRun& run, ssl_st* tls, int error, int system_error,
                          const VerificationNote& note) {
  // The last entry, not the first: a signature that does not fit leaves the arithmetic's complaints before
  // it.
  if (error == SSL_ERROR_SSL && ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    ERR_clear_error();
    const long verified = SSL_get_verify_result(tls);
    return run.fail(verification_cause(verified),
                    note.text.empty() ? X509_verify_cert_error_string(verified) : note.text);
  }
  return transport_failure(run, error, system_error, "during the TLS handshake");
}

Failure tls_io_failure(const ProbeRun& run, int error, int system_error) {
  return transport_failure(run, error, system_error, "in the TLS connection");
}

}  // namespace lookout
