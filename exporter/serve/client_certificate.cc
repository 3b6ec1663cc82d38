#include "exporter/serve/client_certificate.h"

#include <algorithm>

#include <boost/asio/ip/address.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "probes/net/tls_context.h"

namespace lookout {
namespace {

struct ClientRules {
  bool verify = false;
  std::vector<std::string> names;  // empty: any
};

// The rules live as long as the context that they belong to.
void free_rules(void*, void* rules, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<ClientRules*>(rules);
}
int rules_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_rules);
  return index;
}

int judge_client(X509_STORE_CTX* verification, void* argument) {
  const auto& rules = *static_cast<const ClientRules*>(argument);
  if (rules.verify) {
    if (X509_verify_cert(verification) != 1) return 0;
  } else {
    X509_STORE_CTX_set_error(verification, X509_V_OK);
  }
  if (rules.names.empty() || has_one_of_names(X509_STORE_CTX_get0_cert(verification), rules.names)) return 1;
  X509_STORE_CTX_set_error(verification, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string ip_text(const ASN1_OCTET_STRING* address) {
  const unsigned char* bytes = ASN1_STRING_get0_data(address);
  if (ASN1_STRING_length(address) == 4) {
    boost::asio::ip::address_v4::bytes_type four{};
    std::copy_n(bytes, four.size(), four.begin());
    return boost::asio::ip::make_address_v4(four).to_string();
  }
  if (ASN1_STRING_length(address) == 16) {
    boost::asio::ip::address_v6::bytes_type sixteen{};
    std::copy_n(bytes, sixteen.size(), sixteen.begin());
    return boost::asio::ip::make_address_v6(sixteen).to_string();
  }
  return {};
}

std::string name_text(const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_DNS:
      return text_of(name->d.dNSName);
    case GEN_EMAIL:
      return text_of(name->d.rfc822Name);
    case GEN_URI:
      return text_of(name->d.uniformResourceIdentifier);
    case GEN_IPADD:
      return ip_text(name->d.iPAddress);
    default:
      return {};
  }
}

std::optional<Unusable> trust_authorities(SSL_CTX* context, const WebTls& config) {
  if (config.client_ca.empty() && config.client_ca_file.empty()) {
    SSL_CTX_set1_verify_cert_store(context, system_store().get());
    return std::nullopt;
  }
  const std::string name = config.client_ca.empty() ? config.client_ca_file : "client_ca";
  const Usable<std::string> text = inline_or_file(config.client_ca, config.client_ca_file);
  if (!text) return text.error();
  const Usable<CertificateStore> store = parse_store(*text, name);
  if (!store) return store.error();
  SSL_CTX_set1_verify_cert_store(context, store->get());
  const Usable<Certificates> certificates = parse_certificates(*text, name);
  if (!certificates) return certificates.error();
  // Clients that have several certificates choose by these names.
  for (const auto& certificate : *certificates) SSL_CTX_add_client_CA(context, certificate.get());
  ERR_clear_error();
  return std::nullopt;
}

}  // namespace

bool has_one_of_names(const x509_st* certificate, const std::vector<std::string>& names) {
  if (certificate == nullptr) return false;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> found(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  for (int i = 0; found && i < sk_GENERAL_NAME_num(found.get()); ++i) {
    const std::string name = name_text(sk_GENERAL_NAME_value(found.get(), i));
    if (!name.empty() && std::ranges::find(names, name) != names.end()) return true;
  }
  return false;
}

std::optional<Unusable> demand_client_certificate(ssl_ctx_st* context, const WebTls& config) {
  const ClientAuth type = config.client_auth_type;
  if (type == ClientAuth::none) return std::nullopt;
  auto rules = std::make_unique<ClientRules>();
  rules->verify = type == ClientAuth::verify_if_given || type == ClientAuth::require_and_verify;
  rules->names = config.client_allowed_sans;
  if (rules->verify) {
    if (auto unusable = trust_authorities(context, config)) return unusable;
  }
  // A client without a certificate has none of the names.
  const bool optional =
      (type == ClientAuth::request || type == ClientAuth::verify_if_given) && rules->names.empty();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (optional ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT), nullptr);
  SSL_CTX_set_cert_verify_callback(context, judge_client, rules.get());
  if (SSL_CTX_set_ex_data(context, rules_index(), rules.get()) != 1) return Unusable{"no memory for TLS"};
  rules.release();
  return std::nullopt;
}

}  // namespace lookout
