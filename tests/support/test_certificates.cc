#include "tests/support/test_certificates.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace lookout::test {
namespace {

template <auto release>
struct Releaser {
  template <class T>
  void operator()(T* value) const {
    release(value);
  }
};
using Certificate = std::unique_ptr<X509, Releaser<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, Releaser<BIO_free>>;

// A test that cannot make its certificates has no meaning.
void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "test certificates: %s failed\n", what);
  std::abort();
}

std::string contents(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem(X509* certificate) {
  const Memory memory(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(memory.get(), certificate) == 1, "writing a certificate");
  return contents(memory.get());
}

std::string pem(EVP_PKEY* key) {
  const Memory memory(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "writing a key");
  return contents(memory.get());
}

Key new_key(int rsa_bits = 0) {
  Key key(rsa_bits > 0 ? EVP_RSA_gen(static_cast<unsigned>(rsa_bits)) : EVP_EC_gen("P-256"));
  require(key != nullptr, "making a key");
  return key;
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX where;
  X509V3_set_ctx(&where, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &where, nid, value.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, value.c_str());
  X509_EXTENSION_free(extension);
}

void add_name(X509_NAME* name, const std::string& field, const std::string& value) {
  require(X509_NAME_add_entry_by_txt(name, field.c_str(), MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(value.data()),
                                     static_cast<int>(value.size()), -1, 0) == 1,
          field.c_str());
}

Certificate blank(EVP_PKEY* key, const CertificateRequest& request) {
  static long serial = 0x0bff01;
  Certificate certificate(X509_new());
  const std::time_t now = std::time(nullptr);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), now + request.valid_from.count());
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), now + request.valid_to.count());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  for (const auto& [field, value] : request.subject) add_name(subject, field, value);
  add_name(subject, "CN", request.common_name);
  require(X509_set_pubkey(certificate.get(), key) == 1, "setting a key");
  return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key, bool sha1) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  require(X509_sign(certificate, issuer_key, sha1 ? EVP_sha1() : EVP_sha256()) > 0, "signing");
}

std::string alternative_names(const CertificateRequest& request) {
  std::string text;
  for (const std::string& name : request.dns_names) text += (text.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& address : request.ip_addresses) text += (text.empty() ? "IP:" : ",IP:") + address;
  return text;
}

}  // namespace

struct TestCertificates::Authority {
  Key key = new_key();
  Certificate certificate;
  std::string text;

  Authority(const std::string& name, std::chrono::seconds valid_to, const Authority* parent = nullptr,
            const Authority* twin = nullptr) {
    if (twin != nullptr) {
      EVP_PKEY_up_ref(twin->key.get());
      key.reset(twin->key.get());
    }
    CertificateRequest request;
    request.common_name = name;
    request.valid_to = valid_to;
    certificate = blank(key.get(), request);
    X509* issuer = parent != nullptr ? parent->certificate.get() : certificate.get();
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
    extend(certificate.get(), issuer, NID_basic_constraints, "critical,CA:TRUE");
    extend(certificate.get(), issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    sign(certificate.get(), issuer, parent != nullptr ? parent->key.get() : key.get(), false);
    text = pem(certificate.get());
  }

  std::pair<std::string, std::string> issue(const CertificateRequest& request) const {
    const Key leaf_key = new_key(request.rsa_bits);
    const Certificate leaf = blank(leaf_key.get(), request);
    X509* issuer = certificate.get();
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer));
    extend(leaf.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
    extend(leaf.get(), issuer, NID_ext_key_usage, request.for_client ? "clientAuth" : "serverAuth");
    if (const std::string names = alternative_names(request); !names.empty()) {
      extend(leaf.get(), issuer, NID_subject_alt_name, names);
    }
    sign(leaf.get(), issuer, key.get(), request.sha1);
    return {pem(leaf.get()), pem(leaf_key.get())};
  }
};

TestCertificates::TestCertificates() {
  std::string pattern = (std::filesystem::temp_directory_path() / "lookout-certificates-XXXXXX").string();
  require(::mkdtemp(pattern.data()) != nullptr, "making a folder");
  folder_ = pattern;
  authority_ = std::make_unique<Authority>("Lookout test authority", std::chrono::hours(24 * 365));
  stranger_ = std::make_unique<Authority>("Unknown authority", std::chrono::hours(24 * 365));
  authority_file_ = folder_ + "/authority.pem";
  std::ofstream(authority_file_) << authority_->text;
}

TestCertificates::~TestCertificates() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Identity TestCertificates::keep(std::string certificate_pem, std::string key_pem) {
  Identity identity{std::move(certificate_pem), std::move(key_pem), {}, {}};
  const std::string stem = folder_ + "/" + std::to_string(kept_++);
  identity.certificate_file = stem + ".pem";
  identity.key_file = stem + ".key";
  std::ofstream(identity.certificate_file) << identity.certificate_pem;
  std::ofstream(identity.key_file) << identity.key_pem;
  return identity;
}

Identity TestCertificates::make(const CertificateRequest& request) {
  if (request.through_intermediate) {
    const Authority intermediate("Lookout test intermediate", std::chrono::hours(24 * 30), authority_.get());
    auto [certificate, key] = intermediate.issue(request);
    return keep(certificate + intermediate.text, key);
  }
  auto [certificate, key] = authority_->issue(request);
  return keep(certificate, key);
}

Identity TestCertificates::good() { return make({}); }

Identity TestCertificates::expired() {
  CertificateRequest request;
  request.valid_from = std::chrono::hours(-48);
  request.valid_to = std::chrono::hours(-24);
  return make(request);
}

Identity TestCertificates::not_yet_valid() {
  CertificateRequest request;
  request.valid_from = std::chrono::hours(24);
  return make(request);
}

Identity TestCertificates::wrong_name() {
  CertificateRequest request;
  request.common_name = "other.test";
  request.dns_names = {"other.test"};
  request.ip_addresses = {};
  return make(request);
}

Identity TestCertificates::no_alternative_name() {
  CertificateRequest request;
  request.dns_names = {};
  request.ip_addresses = {};
  return make(request);
}

Identity TestCertificates::untrusted() {
  auto [certificate, key] = stranger_->issue({});
  return keep(certificate, key);
}

Identity TestCertificates::self_signed() {
  CertificateRequest request;
  const Key key = new_key();
  const Certificate certificate = blank(key.get(), request);
  extend(certificate.get(), certificate.get(), NID_subject_alt_name, alternative_names(request));
  sign(certificate.get(), certificate.get(), key.get(), false);
  return keep(pem(certificate.get()), pem(key.get()));
}

Identity TestCertificates::client() {
  CertificateRequest request;
  request.common_name = "prober";
  request.for_client = true;
  return make(request);
}

TestCertificates::TwoAuthorities TestCertificates::two_authorities() {
  const Authority first("Twin authority", std::chrono::hours(3 * 24));
  const Authority second("Twin authority", std::chrono::hours(24), nullptr, &first);
  CertificateRequest request;
  request.valid_to = std::chrono::hours(2 * 24);
  auto [certificate, key] = first.issue(request);
  const double now = static_cast<double>(std::time(nullptr));
  return {keep(certificate + second.text, key), first.text, second.text, now + 2 * 86400, now + 86400};
}

const std::string& TestCertificates::authority_pem() const { return authority_->text; }
const std::string& TestCertificates::authority_file() const { return authority_file_; }
const std::string& TestCertificates::folder() const { return folder_; }

double TestCertificates::authority_expiry() const {
  std::tm parts{};
  ASN1_TIME_to_tm(X509_get0_notAfter(authority_->certificate.get()), &parts);
  return static_cast<double>(::timegm(&parts));
}

}  // namespace lookout::test
