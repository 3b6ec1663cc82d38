// Certificates for tests, made anew in each run: a certificate authority and what it signed, good and bad.
// Also as files, in a folder of their own that goes away with the object.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace lookout::test {

// A certificate with its key, and the chain that a server sends with it.
struct Identity {
  std::string certificate_pem;  // the leaf first, then intermediates
  std::string key_pem;
  std::string certificate_file, key_file;
};

struct CertificateRequest {
  std::string common_name = "localhost";
  std::vector<std::string> dns_names = {"localhost", "example.test", "*.wild.test"};
  std::vector<std::string> ip_addresses = {"127.0.0.1", "::1"};
  std::chrono::seconds valid_from{-3600};  // from now
  std::chrono::seconds valid_to{90 * 24 * 3600};
  bool for_client = false;
  bool sha1 = false;  // signed with SHA-1
  int rsa_bits = 0;   // of an RSA key; 0: one on P-256
  bool through_intermediate = false;
  // Further subject attributes as OpenSSL names them, e.g. {"O", "Example"}, before the common name.
  std::vector<std::pair<std::string, std::string>> subject = {};
};

class TestCertificates {
 public:
  TestCertificates();
  TestCertificates(const TestCertificates&) = delete;
  TestCertificates& operator=(const TestCertificates&) = delete;
  ~TestCertificates();

  Identity make(const CertificateRequest& request);

  Identity good();
  Identity expired();
  Identity not_yet_valid();
  Identity wrong_name();           // for other.test only
  Identity no_alternative_name();  // the right common name, but no subject alternative name
  Identity untrusted();            // by an authority that nobody trusts
  Identity self_signed();
  Identity client();
  // A leaf of two days, sent with `second`, one of two authorities of the same name and key.
  struct TwoAuthorities {
    Identity leaf;
    std::string first_pem, second_pem;  // of three days, of one
    double leaf_expiry = 0, second_expiry = 0;
  };
  TwoAuthorities two_authorities();

  const std::string& authority_pem() const;
  const std::string& authority_file() const;
  double authority_expiry() const;  // Unix seconds
  const std::string& folder() const;

 private:
  struct Authority;
  Identity keep(std::string certificate_pem, std::string key_pem);

  std::string folder_;
  std::string authority_file_;
  std::unique_ptr<Authority> authority_, stranger_;
  int kept_ = 0;
};

}  // namespace lookout::test
