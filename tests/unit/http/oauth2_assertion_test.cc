#include "probes/http/oauth2_assertion.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace lookout {
namespace {

namespace json = boost::json;
using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;

std::string pem(EVP_PKEY* key) {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(memory, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

std::string decoded(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string out(text.size(), '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

struct Assertion {
  std::string signed_text, signature;
  json::object header, claims;
};

Assertion taken_apart(const std::string& text) {
  const std::size_t first = text.find('.'), second = text.rfind('.');
  return {text.substr(0, second), decoded(text.substr(second + 1)),
          json::parse(decoded(text.substr(0, first))).as_object(),
          json::parse(decoded(text.substr(first + 1, second - first - 1))).as_object()};
}

bool verifies(EVP_PKEY* key, const EVP_MD* digest, const Assertion& assertion) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, digest, nullptr, key);
  const int result = EVP_DigestVerify(
      context, reinterpret_cast<const unsigned char*>(assertion.signature.data()), assertion.signature.size(),
      reinterpret_cast<const unsigned char*>(assertion.signed_text.data()), assertion.signed_text.size());
  EVP_MD_CTX_free(context);
  return result == 1;
}

const WallTime kNow{std::chrono::seconds(1'700'000'000)};

TEST(OAuth2Assertion, says_who_asks_whom_for_what) {
  const Key key(EVP_RSA_gen(2048));
  OAuth2 config;
  config.client_id = "client";
  config.token_url = "https://tokens.test/";
  const Usable<std::string> made = make_assertion(config, pem(key.get()), kNow);
  ASSERT_TRUE(made);
  const Assertion assertion = taken_apart(*made);
  EXPECT_EQ(assertion.header, (json::object{{"alg", "RS256"}, {"typ", "JWT"}}));
  EXPECT_EQ(assertion.claims.at("iss"), "client");
  EXPECT_EQ(assertion.claims.at("sub"), "client");
  EXPECT_EQ(assertion.claims.at("aud"), "https://tokens.test/");
  EXPECT_EQ(assertion.claims.at("iat"), 1'700'000'000);
  EXPECT_EQ(assertion.claims.at("exp"), 1'700'000'600);
  EXPECT_EQ(assertion.claims.at("jti").as_string().size(), 32u);
  EXPECT_FALSE(assertion.claims.contains("scope"));
  EXPECT_TRUE(verifies(key.get(), EVP_sha256(), assertion));
  EXPECT_NE(*made, *make_assertion(config, pem(key.get()), kNow)) << "each has a name of its own";
}

TEST(OAuth2Assertion, says_what_is_configured) {
  const Key key(EVP_RSA_gen(2048));
  OAuth2 config;
  config.client_id = "client";
  config.iss = "issuer";
  config.audience = "audience";
  config.scopes = {"one", "two"};
  config.client_certificate_key_id = "key-7";
  config.claims = {{"sub", {"\"someone\""}}, {"groups", {"[1,true]"}}};
  for (const auto& [algorithm, digest] :
       {std::pair{"RS256", EVP_sha256()}, {"RS384", EVP_sha384()}, {"RS512", EVP_sha512()}}) {
    config.signature_algorithm = algorithm;
    const Usable<std::string> made = make_assertion(config, pem(key.get()), kNow);
    ASSERT_TRUE(made);
    const Assertion assertion = taken_apart(*made);
    EXPECT_EQ(assertion.header, (json::object{{"alg", algorithm}, {"typ", "JWT"}, {"kid", "key-7"}}));
    EXPECT_EQ(assertion.claims.at("iss"), "issuer");
    EXPECT_EQ(assertion.claims.at("aud"), "audience");
    EXPECT_EQ(assertion.claims.at("scope"), "one two");
    EXPECT_EQ(assertion.claims.at("sub"), "someone");
    EXPECT_EQ(json::serialize(assertion.claims.at("groups")), "[1,true]");
    EXPECT_TRUE(verifies(key.get(), digest, assertion)) << algorithm;
  }
}

TEST(OAuth2Assertion, wants_an_rsa_key) {
  const Key other(EVP_EC_gen("P-256"));
  EXPECT_EQ(make_assertion(OAuth2(), pem(other.get()), kNow).error().reason,
            "client_certificate_key is no RSA key");
  EXPECT_EQ(make_assertion(OAuth2(), "hush", kNow).error().reason,
            "client_certificate_key holds no unencrypted private key in PEM form");
}

}  // namespace
}  // namespace lookout
