// Reading X.509 certificates for people and labels: pure, no state, nothing is verified here.
#pragma once

#include <string>

#include "probes/core/certificate_summary.h"
#include "probes/core/clock.h"

struct x509_st;
struct X509_name_st;
struct asn1_string_st;

namespace lookout {

// A distinguished name as Go prints it, because blackbox_exporter's labels have that form: known attributes
// in a fixed order, then the others by their number.
std::string go_name(const X509_name_st* name);

// Subject alternative names of type DNS in the certificate's order, joined by commas.
std::string dns_names(const x509_st* certificate);
// Lower-case hexadecimal, an even number of digits, empty for zero.
std::string serial_text(const x509_st* certificate);
// Of the DER form, lower-case hexadecimal.
std::string fingerprint_text(const x509_st* certificate);

// Labels of probe_ssl_last_chain_info, rendered.
std::string certificate_labels(const x509_st* certificate);
CertificateSummary summarize(const x509_st* certificate);

// Unix seconds; a time that cannot be read counts as 0.
double unix_seconds(const asn1_string_st* time);
// "2026-01-31T00:00:00Z"
std::string utc_text(const asn1_string_st* time);

}  // namespace lookout
