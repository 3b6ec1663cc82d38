#include "probes/http/oauth2_assertion.h"

#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "probes/core/base64.h"

namespace lookout {
namespace {

namespace json = boost::json;

constexpr std::int64_t kValidFor = 600;  // seconds

// RFC 7515 section 2: the URL's alphabet, no padding.
std::string base64url(std::string_view bytes) {
  std::string text = base64(bytes);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text.substr(0, text.find('='));
}

std::string unique_name() {
  std::array<unsigned char, 16> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

const EVP_MD* digest_of(const OAuth2& config) {
  if (config.signature_algorithm == "RS384") return EVP_sha384();
  return config.signature_algorithm == "RS512" ? EVP_sha512() : EVP_sha256();
}

std::string header_of(const OAuth2& config) {
  json::object header{{"alg", config.signature_algorithm.empty() ? "RS256" : config.signature_algorithm},
                      {"typ", "JWT"}};
  if (!config.client_certificate_key_id.empty()) header["kid"] = config.client_certificate_key_id;
  return json::serialize(header);
}

std::string claims_of(const OAuth2& config, std::int64_t now) {
  json::object claims{{"iss", config.iss.empty() ? config.client_id : config.iss},
                      {"sub", config.client_id},
                      {"jti", unique_name()},
                      {"aud", config.audience.empty() ? config.token_url : config.audience},
                      {"iat", now},
                      {"exp", now + kValidFor}};
  if (!config.scopes.empty()) claims["scope"] = fmt::format("{}", fmt::join(config.scopes, " "));
  for (const auto& [name, claim] : config.claims) claims[name] = json::parse(claim.json);
  return json::serialize(claims);
}

std::optional<std::string> signature(const std::string& text, EVP_PKEY* key, const EVP_MD* digest) {
  const std::unique_ptr<EVP_MD_CTX, decltype([](EVP_MD_CTX* each) { EVP_MD_CTX_free(each); })> context(
      EVP_MD_CTX_new());
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, data, text.size()) != 1)
    return std::nullopt;
  std::string made(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(made.data()), &size, data,
                     text.size()) != 1)
    return std::nullopt;
  made.resize(size);
  return made;
}

}  // namespace

Usable<std::string> make_assertion(const OAuth2& config, const std::string& key_pem, WallTime now) {
  const auto key = parse_key(key_pem, "client_certificate_key");
  if (!key) return key.error();
  if (EVP_PKEY_get_base_id(key->get()) != EVP_PKEY_RSA)
    return Unusable{"client_certificate_key is no RSA key"};
  const auto since = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::string text = base64url(header_of(config)) + "." + base64url(claims_of(config, since));
  const std::optional<std::string> made = signature(text, key->get(), digest_of(config));
  ERR_clear_error();
  if (!made) return Unusable{"client_certificate_key cannot sign"};
  return Usable<std::string>(boost::system::in_place_value, text + "." + base64url(*made));
}

}  // namespace lookout
