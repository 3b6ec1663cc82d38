// Turns what OpenSSL reports into failures, and sets what a handshake has to verify. Used by Stream and by
// everyone who drives an SSL object itself. Reads and clears OpenSSL's error queue of the thread.
#pragma once

#include <string>
#include <string_view>

#include "probes/core/probe.h"

struct ssl_st;
struct x509_st;

namespace lookout {

// The name that the peer's certificate must carry (RFC 6125: subject alternative names only), also sent as
// SNI unless it is an IP literal (RFC 6066 section 3).
Outcome expect_name(const ProbeRun& run, ssl_st* tls, std::string_view name);

// `error` is SSL_get_error()'s answer, `system_error` the errno left by the call.
Failure handshake_failure(ProbeRun& run, ssl_st* tls, int error, int system_error, std::string_view name);
Failure tls_io_failure(ProbeRun& run, int error, int system_error);

// certificate_expired, certificate_name or certificate_untrusted from a code of X509_verify_cert.
Cause verification_cause(long verify_result);
// A sentence about it: whose certificate, since when, which names it has.
std::string verification_detail(ssl_st* tls, long verify_result, std::string_view name);

}  // namespace lookout
