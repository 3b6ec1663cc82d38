#include "probes/net/certificate.h"

#include <array>
#include <ctime>
#include <memory>
#include <span>
#include <vector>

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "probes/core/fact.h"
#include "probes/core/text.h"
#include "probes/net/address.h"

namespace lookout {
namespace {

template <auto release>
struct Releaser {
  template <class T>
  void operator()(T* value) const {
    release(value);
  }
};

struct KnownAttribute {
  int nid;
  std::string_view text;
  bool last_only;  // Go keeps only one value of these
};
constexpr std::array<KnownAttribute, 9> kKnownAttributes{{{NID_serialNumber, "SERIALNUMBER", true},
                                                          {NID_commonName, "CN", true},
                                                          {NID_organizationalUnitName, "OU", false},
                                                          {NID_organizationName, "O", false},
                                                          {NID_postalCode, "POSTALCODE", false},
                                                          {NID_streetAddress, "STREET", false},
                                                          {NID_localityName, "L", false},
                                                          {NID_stateOrProvinceName, "ST", false},
                                                          {NID_countryName, "C", false}}};

std::string hexadecimal(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string escaped(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool at_edge = i == 0 || i + 1 == value.size();
    const bool special = std::string_view(",+\"\\<>;").find(c) != std::string_view::npos;
    if (special || (c == ' ' && at_edge) || (c == '#' && i == 0)) text += '\\';
    text += c;
  }
  return text;
}

// nullopt: not a string type.
std::optional<std::string> text_value(const ASN1_STRING* value) {
  switch (ASN1_STRING_type(value)) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_T61STRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_NUMERICSTRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_BMPSTRING:
    case V_ASN1_UNIVERSALSTRING:
      break;
    default:
      return std::nullopt;
  }
  unsigned char* data = nullptr;
  const int size = ASN1_STRING_to_UTF8(&data, value);
  if (size < 0) return std::nullopt;
  const std::unique_ptr<unsigned char, Releaser<[](unsigned char* p) { OPENSSL_free(p); }>> owned(data);
  return std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
}

std::string value_text(const ASN1_STRING* value) {
  if (const std::optional<std::string> text = text_value(value)) return escaped(*text);
  unsigned char* data = nullptr;
  ASN1_TYPE any{};
  any.type = ASN1_STRING_type(value);
  any.value.asn1_string = const_cast<ASN1_STRING*>(value);
  const int size = i2d_ASN1_TYPE(&any, &data);
  if (size < 0) return "#";
  const std::unique_ptr<unsigned char, Releaser<[](unsigned char* p) { OPENSSL_free(p); }>> owned(data);
  return "#" + hexadecimal({data, static_cast<std::size_t>(size)});
}

bool is_known(int nid) {
  for (const KnownAttribute& known : kKnownAttributes) {
    if (known.nid == nid) return true;
  }
  return false;
}

std::string dotted(const ASN1_OBJECT* object) {
  std::array<char, 128> text{};
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  return text.data();
}

void append(std::string& text, std::string_view separator, std::string_view part) {
  if (!text.empty()) text += separator;
  text += part;
}

std::string known_attribute(const X509_NAME* name, const KnownAttribute& known) {
  std::string text;
  for (int i = X509_NAME_get_index_by_NID(name, known.nid, -1); i >= 0;
       i = X509_NAME_get_index_by_NID(name, known.nid, i)) {
    const std::string value = value_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)));
    if (known.last_only) text.clear();
    append(text, "+", fmt::format("{}={}", known.text, value));
  }
  return text;
}

std::tm broken_down(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return parts;
}

using Names = std::unique_ptr<GENERAL_NAMES, Releaser<[](GENERAL_NAMES* p) { GENERAL_NAMES_free(p); }>>;

Names alternative_names(const X509* certificate) {
  return Names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
}

std::string_view bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::optional<std::string> ip_text(std::string_view bytes) {
  if (asio::ip::address_v4::bytes_type v4; bytes.size() == v4.size()) {
    std::copy(bytes.begin(), bytes.end(), v4.begin());
    return asio::ip::address_v4(v4).to_string();
  }
  if (asio::ip::address_v6::bytes_type v6; bytes.size() == v6.size()) {
    std::copy(bytes.begin(), bytes.end(), v6.begin());
    return asio::ip::address_v6(v6).to_string();
  }
  return std::nullopt;
}

std::string bounded(std::string_view text) { return one_line(text, CertificateSummary::kMaximumText); }

void add_names(const X509* certificate, CertificateSummary& summary) {
  const Names names = alternative_names(certificate);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    std::optional<std::string> text;
    if (name->type == GEN_DNS) text = bytes_of(name->d.dNSName);
    if (name->type == GEN_IPADD) text = ip_text(bytes_of(name->d.iPAddress));
    if (!text) continue;
    if (summary.names.size() < CertificateSummary::kMaximumNames) {
      summary.names.push_back(bounded(*text));
    } else {
      ++summary.names_left_out;
    }
  }
}

std::string key_text(const X509* certificate) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return "unknown";
  const char* type = EVP_PKEY_get0_type_name(key);
  std::array<char, 80> group{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1)
    return fmt::format("{} {}", type, std::string_view(group.data(), size));
  if (EVP_PKEY_is_a(key, "RSA") == 1 || EVP_PKEY_is_a(key, "DSA") == 1)
    return fmt::format("{} {}", type, EVP_PKEY_get_bits(key));
  return type != nullptr ? type : "unknown";
}

}  // namespace

std::string go_name(const X509_NAME* name) {
  std::string text;
  for (const KnownAttribute& known : kKnownAttributes) {
    if (const std::string part = known_attribute(name, known); !part.empty()) append(text, ",", part);
  }
  for (int i = X509_NAME_entry_count(name) - 1; i >= 0; --i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const ASN1_OBJECT* object = X509_NAME_ENTRY_get_object(entry);
    if (is_known(OBJ_obj2nid(object))) continue;
    append(text, ",", fmt::format("{}={}", dotted(object), value_text(X509_NAME_ENTRY_get_data(entry))));
  }
  return text;
}

std::string dns_names(const X509* certificate) {
  const Names names = alternative_names(certificate);
  std::string text;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    append(text, ",", bytes_of(name->d.dNSName));
  }
  return text;
}

std::string serial_text(const X509* certificate) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
  std::span<const unsigned char> bytes(ASN1_STRING_get0_data(serial),
                                       static_cast<std::size_t>(ASN1_STRING_length(serial)));
  while (!bytes.empty() && bytes.front() == 0) bytes = bytes.subspan(1);
  return hexadecimal(bytes);
}

std::string fingerprint_text(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  return hexadecimal({digest.data(), size});
}

std::string certificate_labels(const X509* certificate) {
  return render_labels({{"fingerprint_sha256", fingerprint_text(certificate)},
                        {"issuer", go_name(X509_get_issuer_name(certificate))},
                        {"serialnumber", serial_text(certificate)},
                        {"subject", go_name(X509_get_subject_name(certificate))},
                        {"subjectalternative", dns_names(certificate)}});
}

CertificateSummary summarize(const X509* certificate) {
  CertificateSummary summary;
  summary.subject = bounded(go_name(X509_get_subject_name(certificate)));
  summary.issuer = bounded(go_name(X509_get_issuer_name(certificate)));
  summary.serial = bounded(serial_text(certificate));
  summary.fingerprint_sha256 = fingerprint_text(certificate);
  add_names(certificate, summary);
  summary.not_before = unix_seconds(X509_get0_notBefore(certificate));
  summary.not_after = unix_seconds(X509_get0_notAfter(certificate));
  summary.key = key_text(certificate);
  summary.signature = OBJ_nid2ln(X509_get_signature_nid(certificate));
  return summary;
}

double unix_seconds(const ASN1_TIME* time) {
  std::tm parts = broken_down(time);
  return parts.tm_mday == 0 ? 0 : static_cast<double>(::timegm(&parts));
}

std::string utc_text(const ASN1_TIME* time) {
  const std::tm parts = broken_down(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace lookout
