// A certificate that the peer sent, for people: `lookout probe` and debug pages show the chain. Made once for
// each certificate and loop and never changed, so that results share it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace lookout {

struct CertificateSummary {
  std::string subject, issuer;             // as in the labels of probe_ssl_last_chain_info
  std::string serial, fingerprint_sha256;  // lower-case hexadecimal
  std::vector<std::string> names;          // DNS names and IP addresses that it is for
  std::size_t names_left_out = 0;
  double not_before = 0, not_after = 0;  // Unix seconds
  std::string key;                       // "RSA 2048", "EC P-256", "ED25519"
  std::string signature;                 // "ecdsa-with-SHA256"

  // Whatever the peer sends.
  static constexpr std::size_t kMaximumText = 256;
  static constexpr std::size_t kMaximumNames = 50;
};

// The peer's own first, as it sent them.
using CertificateChain = std::vector<std::shared_ptr<const CertificateSummary>>;
inline constexpr std::size_t kMaximumChain = 10;

}  // namespace lookout
