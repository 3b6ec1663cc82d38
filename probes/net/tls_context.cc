#include "probes/net/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace lookout {

int version_number(TlsVersion version, int when_unset) {
  switch (version) {
    case TlsVersion::tls10:
      return TLS1_VERSION;
    case TlsVersion::tls11:
      return TLS1_1_VERSION;
    case TlsVersion::tls12:
      return TLS1_2_VERSION;
    case TlsVersion::tls13:
      return TLS1_3_VERSION;
    case TlsVersion::unset:
      break;
  }
  return when_unset;
}

Usable<std::string> inline_or_file(const std::string& text, const std::string& path) {
  if (!text.empty()) return Usable<std::string>(boost::system::in_place_value, text);
  return read_small_file(path);
}

std::optional<Unusable> use_certificate(SSL_CTX* context, const TlsConfig& config) {
  if (config.cert.empty() && config.cert_file.empty()) return std::nullopt;
  const std::string certificate_name = config.cert.empty() ? config.cert_file : "cert";
  const std::string key_name = config.key.value.empty() ? config.key_file : "key";
  Usable<std::string> certificate_text = inline_or_file(config.cert, config.cert_file);
  if (!certificate_text) return certificate_text.error();
  Usable<std::string> key_text = inline_or_file(config.key.value, config.key_file);
  if (!key_text) return key_text.error();
  Usable<Certificates> certificates = parse_certificates(*certificate_text, certificate_name);
  if (!certificates) return certificates.error();
  auto key = parse_key(*key_text, key_name);
  OPENSSL_cleanse(key_text->data(), key_text->size());
  if (!key) return key.error();
  bool usable = SSL_CTX_use_certificate(context, certificates->front().get()) == 1;
  for (std::size_t i = 1; i < certificates->size(); ++i)
    usable = usable && SSL_CTX_add1_chain_cert(context, (*certificates)[i].get()) == 1;
  usable = usable && SSL_CTX_use_PrivateKey(context, key->get()) == 1;
  ERR_clear_error();
  if (!usable) return Unusable{fmt::format("{} and {} do not belong together", certificate_name, key_name)};
  return std::nullopt;
}

}  // namespace lookout
