// Turns what OpenSSL reports into failures, and sets what a handshake has to verify. Used by Stream and by
// everyone who drives an SSL object itself. Reads and clears OpenSSL's error queue of the thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "probes/core/probe.h"

struct ssl_st;
struct stack_st_X509;
struct x509_store_ctx_st;
struct X509_VERIFY_PARAM_st;

namespace lookout {

// The name that the peer's certificate must carry (RFC 6125: subject alternative names only), also sent as
// SNI unless it is an IP literal (RFC 6066 section 3).
// The name or address that a certificate must carry. False: it can be none.
bool verify_name(X509_VERIFY_PARAM_st* parameters, std::string_view name);
Outcome expect_name(const ProbeRun& run, ssl_st* tls, std::string_view name);

// What certificates must be worth at least, whichever TLS versions are allowed: no SHA-1 in their signatures,
// no RSA below 1024 bits.
inline constexpr int kCertificateSecurityLevel = 1;

struct CertificatesDeleter {
  void operator()(stack_st_X509* certificates) const;
};

// What the peer sent, and what the verification found wrong, in words: whose certificate, since when, which
// names it has. OpenSSL forgets certificates that it refused, so this is noted while it verifies. One for
// each handshake; outlives it.
struct VerificationNote {
  std::string text;
  std::unique_ptr<stack_st_X509, CertificatesDeleter> sent;
};
void take_notes(ssl_st* tls, VerificationNote* note);  // nullptr: no more
// For SSL_CTX_set_verify.
int note_verification(int good, x509_store_ctx_st* verification);
// For SSL_CTX_set_cert_verify_callback.
int verify_certificates(x509_store_ctx_st* verification, void*);

// `error` is SSL_get_error()'s answer, `system_error` the errno left by the call.
Failure handshake_failure(const ProbeRun& run, ssl_st* tls, int error, int system_error,
                          const VerificationNote& note);
Failure tls_io_failure(const ProbeRun& run, int error, int system_error);

// certificate_expired, certificate_name or certificate_untrusted from a code of X509_verify_cert.
Cause verification_cause(long verify_result);

}  // namespace lookout
