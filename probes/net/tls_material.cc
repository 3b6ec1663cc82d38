#include "probes/net/tls_material.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace lookout {
namespace {

constexpr std::size_t kMaximumFile = 8 * 1024 * 1024;

using Memory = std::unique_ptr<BIO, decltype([](BIO* memory) { BIO_free(memory); })>;

Memory over(const std::string& text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// An encrypted key must not make OpenSSL ask for its passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

CertificateStore new_store() {
  CertificateStore store(X509_STORE_new(), X509_STORE_free);
  // As Go has it: whatever stands in the store is trusted, also an intermediate certificate.
  if (store) X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

// A container image may carry the bundle without the folder of links that OpenSSL looks names up in.
bool has_default_places() {
  if (std::getenv(X509_get_default_cert_file_env()) != nullptr ||
      std::getenv(X509_get_default_cert_dir_env()) != nullptr)
    return true;
  std::error_code error;
  if (std::filesystem::exists(X509_get_default_cert_file(), error)) return true;
  for (const auto& entry : std::filesystem::directory_iterator(X509_get_default_cert_dir(), error)) {
    if (entry.path().extension() == ".0") return true;
  }
  return false;
}

CertificateStore load_system_store() {
  CertificateStore store = new_store();
  X509_STORE_set_default_paths(store.get());
  if (!has_default_places()) {
    for (const char* bundle :
         {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"}) {
      if (X509_STORE_load_file(store.get(), bundle) == 1) break;
    }
  }
  ERR_clear_error();
  return store;
}

}  // namespace

void throw_exception_from_error(const Unusable&, const boost::source_location&) { std::abort(); }

CertificateStore system_store() {
  static const CertificateStore store = load_system_store();
  return store;
}

Usable<std::string> read_small_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Unusable{fmt::format("cannot read {}", path)};
  std::string text;
  std::array<char, 65536> buffer{};
  while (file.read(buffer.data(), buffer.size()), file.gcount() > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaximumFile) return Unusable{fmt::format("{} is larger than 8 MiB", path)};
  }
  if (file.bad()) return Unusable{fmt::format("cannot read {}", path)};
  return Usable<std::string>(boost::system::in_place_value, std::move(text));
}

Usable<Certificates> parse_certificates(const std::string& pem, const std::string& name) {
  const Memory memory = over(pem);
  Certificates certificates;
  while (X509* certificate = PEM_read_bio_X509(memory.get(), nullptr, no_passphrase, nullptr)) {
    certificates.emplace_back(certificate, X509_free);
  }
  ERR_clear_error();
  if (certificates.empty()) return Unusable{fmt::format("{} holds no certificate in PEM form", name)};
  return certificates;
}

Usable<CertificateStore> parse_store(const std::string& pem, const std::string& name) {
  Usable<Certificates> certificates = parse_certificates(pem, name);
  if (!certificates) return certificates.error();
  CertificateStore store = new_store();
  for (const auto& certificate : *certificates) X509_STORE_add_cert(store.get(), certificate.get());
  ERR_clear_error();
  return store;
}

Usable<std::shared_ptr<evp_pkey_st>> parse_key(const std::string& pem, const std::string& name) {
  const Memory memory = over(pem);
  std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr),
                                EVP_PKEY_free);
  ERR_clear_error();
  if (!key) return Unusable{fmt::format("{} holds no unencrypted private key in PEM form", name)};
  return key;
}

}  // namespace lookout
