// Certificates as labels: the forms that dashboards already know from blackbox_exporter.
#include "probes/net/certificate.h"

#include <gtest/gtest.h>
#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tests/support/test_certificates.h"

namespace lookout::test {
namespace {

using Attributes = std::vector<std::pair<std::string, std::string>>;
using Name = std::unique_ptr<X509_NAME, decltype([](X509_NAME* name) { X509_NAME_free(name); })>;
using Certificate = std::unique_ptr<X509, decltype([](X509* certificate) { X509_free(certificate); })>;

Certificate parsed(const std::string& pem) {
  BIO* memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  Certificate certificate(PEM_read_bio_X509(memory, nullptr, nullptr, nullptr));
  BIO_free(memory);
  return certificate;
}

std::string text_of(const Attributes& attributes) {
  const Name name(X509_NAME_new());
  for (const auto& [field, value] : attributes) {
    X509_NAME_add_entry_by_txt(name.get(), field.c_str(), MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(value.data()),
                               static_cast<int>(value.size()), -1, 0);
  }
  return go_name(name.get());
}

TEST(Certificate, NamesInGosForm) {
  struct Case {
    Attributes attributes;
    std::string text;
  };
  for (const Case& c : std::vector<Case>{
           {{}, ""},
           {{{"CN", "example.test"}}, "CN=example.test"},
           {{{"C", "DE"}, {"ST", "Bayern"}, {"L", "Ort"}, {"O", "Org"}, {"OU", "Unit"}, {"CN", "web"}},
            "CN=web,OU=Unit,O=Org,L=Ort,ST=Bayern,C=DE"},
           {{{"O", "One"}, {"O", "Two"}, {"CN", "web"}}, "CN=web,O=One+O=Two"},
           {{{"CN", "first"}, {"CN", "last"}}, "CN=last"},
           {{{"serialNumber", "7"}, {"CN", "web"}, {"street", "Way 1"}, {"postalCode", "12345"}},
            "SERIALNUMBER=7,CN=web,POSTALCODE=12345,STREET=Way 1"},
           {{{"CN", "a,b+c\"d\\e<f>g;h"}}, "CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h"},
           {{{"CN", " edge "}}, "CN=\\ edge\\ "},
           {{{"CN", "#1 in#2"}}, "CN=\\#1 in#2"},
           {{{"CN", "Büro"}}, "CN=Büro"},
           {{{"emailAddress", "a@b.test"}, {"DC", "test"}, {"CN", "web"}},
            "CN=web,0.9.2342.19200300.100.1.25=test,1.2.840.113549.1.9.1=a@b.test"}}) {
    EXPECT_EQ(text_of(c.attributes), c.text);
  }
}

std::string serial_of(const char* hexadecimal) {
  const Certificate certificate(X509_new());
  BIGNUM* number = nullptr;
  BN_hex2bn(&number, hexadecimal);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
  BN_free(number);
  return serial_text(certificate.get());
}

TEST(Certificate, UTL_003_SerialsKeepTheirLeadingZero) {
  EXPECT_EQ(serial_of("0BFFBC11F1907D02AF719AFCD64FB253"), "0bffbc11f1907d02af719afcd64fb253");
}

TEST(Certificate, UTL_004_SerialsWithTheHighestBitSet) {
  EXPECT_EQ(serial_of("BBFFBC11F1907D02AF719AFCD64FB253"), "bbffbc11f1907d02af719afcd64fb253");
}

TEST(Certificate, Facts) {
  TestCertificates certificates;
  const Certificate certificate = parsed(certificates.good().certificate_pem);
  ASSERT_NE(certificate, nullptr);
  EXPECT_EQ(dns_names(certificate.get()), "localhost,example.test,*.wild.test");
  EXPECT_EQ(fingerprint_text(certificate.get()).size(), 64U);
  const std::string serial = serial_text(certificate.get());
  EXPECT_EQ(serial.size(), 6U);
  EXPECT_EQ(serial.substr(0, 4), "0bff") << "the leading zero stays, so that the digits are even";
}

TEST(Certificate, SerialZeroIsEmpty) {
  const Certificate certificate(X509_new());
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 0);
  EXPECT_EQ(serial_text(certificate.get()), "");
}

TEST(Certificate, Times) {
  ASN1_TIME* time = ASN1_TIME_new();
  ASN1_TIME_set_string(time, "20380119031407Z");
  EXPECT_EQ(unix_seconds(time), 2147483647.0);
  EXPECT_EQ(utc_text(time), "2038-01-19T03:14:07Z");
  ASN1_TIME_free(time);
}

}  // namespace
}  // namespace lookout::test
