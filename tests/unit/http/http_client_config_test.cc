// The client's part of the http block, which other kinds may have as a block of its own.
#include "probes/net/http_client_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lookout {
namespace {

struct Loaded {
  HttpClientConfig config;
  std::string problems;
};

Loaded load(std::string_view yaml) {
  Problems problems("lookout.yml");
  Loaded loaded;
  read_value(*parse_yaml(yaml, problems), loaded.config, problems);
  for (const Problem& problem : problems.sorted()) loaded.problems += describe(problem) + "\n";
  return loaded;
}

constexpr const char* kOAuth2 = R"(
oauth2:
  client_id: me
  client_certificate_key: hidden
  grant_type: urn:ietf:params:oauth:grant-type:jwt-bearer
  signature_algorithm: RS512
  token_url: https://tokens.test/
  scopes: [a, b]
  endpoint_params: {audience: c}
  claims: {level: 3, admin: true, name: "3", groups: [x, {y: null}], none: , word: yes and no}
  tls_config: {insecure_skip_verify: true}
  proxy_url: https://proxy.test
  proxy_connect_header: {X-Key: [hidden]}
)";

TEST(HttpClientConfig, oauth2_is_read) {
  const Loaded loaded = load(kOAuth2);
  EXPECT_EQ(loaded.problems, "");
  const OAuth2& oauth2 = *loaded.config.oauth2;
  EXPECT_TRUE(oauth2.by_assertion());
  EXPECT_EQ(oauth2.claims.at("level").json, "3");
  EXPECT_EQ(oauth2.claims.at("admin").json, "true");
  EXPECT_EQ(oauth2.claims.at("name").json, R"("3")");
  EXPECT_EQ(oauth2.claims.at("groups").json, R"(["x",{"y":null}])");
  EXPECT_EQ(oauth2.claims.at("none").json, "null");
  EXPECT_EQ(oauth2.claims.at("word").json, R"("yes and no")");
  EXPECT_TRUE(oauth2.tls_config.insecure_skip_verify);
  EXPECT_TRUE(oauth2.proxy.may_apply());
}

TEST(HttpClientConfig, oauth2_is_printed_without_its_secrets_and_reads_again) {
  Loaded loaded = load(kOAuth2);
  std::string text;
  ConfigPrinter printer(text);
  printer.fields(loaded.config);
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("hidden")));
  const Loaded again = load(text);
  EXPECT_EQ(again.problems, "") << text;
  EXPECT_EQ(again.config.oauth2->claims, loaded.config.oauth2->claims) << text;
  EXPECT_EQ(again.config.oauth2->token_url, "https://tokens.test/");
}

TEST(HttpClientConfig, sound_blocks_load) {
  for (const char* yaml : {
           "{}",
           "basic_auth: {username_ref: a, password_ref: b}",
           "authorization: {credentials_ref: a}",
           "tls_config: {ca_ref: a, cert_ref: b, key_ref: c}",
           "oauth2: {client_id: a, token_url: 'http://b', client_secret_ref: c}",
           "oauth2: {client_id: a, token_url: 'http://b', grant_type: client_credentials, "
           "signature_algorithm: none}",
           "oauth2: {client_id: a, token_url: b}",
           "{proxy_url: 'socks5://a'}",
           "{proxy_url: 'socks5h://a:1', no_proxy: b}",
           "proxy_url: 'https://user:pass@a'",
           "proxy_url: 'other://a'",
           "proxy_url: a",
           "{proxy_from_environment: true, proxy_connect_header: {X: [y]}}",
       }) {
    EXPECT_EQ(load(yaml).problems, "") << yaml;
  }
}

TEST(HttpClientConfig, unsound_blocks_are_refused_with_place_and_reason) {
  const std::pair<const char*, const char*> rows[] = {
      {"oauth2: {token_url: 'http://b'}", "oauth2 needs client_id"},
      {"oauth2: {client_id: a}", "oauth2 needs token_url"},
      {"oauth2: {client_id: a, token_url: 'http://b', client_secret: c, client_secret_file: d}",
       "write client_secret or client_secret_file, not both"},
      {"oauth2: {client_id: a, token_url: 'http://b', client_secret_file: c, client_secret_ref: d}",
       "write client_secret_file or client_secret_ref, not both"},
      {"oauth2: {client_id: a, token_url: 'http://b', client_certificate_key: c, "
       "client_certificate_key_file: d, "
       "grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer'}",
       "write client_certificate_key or client_certificate_key_file, not both"},
      {"oauth2: {client_id: a, token_url: 'http://b', signature_algorithm: ES256, grant_type: "
       "'urn:ietf:params:oauth:grant-type:jwt-bearer'}",
       "\"ES256\" is none of RS256, RS384 and RS512"},
      {"oauth2: {client_id: a, token_url: 'http://b', no_proxy: c}", "no_proxy is only for a proxy"},
      {"oauth2: {client_id: a, token_url: 'http://b', tls_config: {ca: c, ca_ref: d}}",
       "write ca or ca_ref, not both"},
      {"{oauth2: {client_id: a, token_url: 'http://b'}, basic_auth: {}}",
       "write basic_auth or oauth2, not both"},
      {"{oauth2: {client_id: a, token_url: 'http://b'}, authorization: {}}",
       "write authorization or oauth2, not both"},
      {"{oauth2: {client_id: a, token_url: 'http://b'}, bearer_token: c}",
       "write oauth2 or a bearer token, not both"},
      {"basic_auth: {username_file: a, username_ref: b}", "write username_file or username_ref, not both"},
      {"basic_auth: {password: a, password_ref: b}", "write password or password_ref, not both"},
      {"authorization: {credentials: a, credentials_ref: b}",
       "write credentials or credentials_ref, not both"},
      {"tls_config: {cert_ref: a}", "a client certificate needs key"},
      {"tls_config: {key_ref: a}", "a client key needs cert"},
      {"tls_config: {key_ref: a, key_file: b, cert: c}", "write key_file or key_ref, not both"},
      {"proxy_url: 'http://'", "no URL of a proxy"},
      {"http_headers: {Host: {values: [a]}}", "header Host cannot be set here"},
  };
  for (const auto& [yaml, reason] : rows) {
    const std::string text = load(yaml).problems;
    EXPECT_THAT(text, testing::HasSubstr(reason)) << yaml;
    EXPECT_THAT(text, testing::StartsWith("lookout.yml:1:")) << yaml;
  }
}

}  // namespace
}  // namespace lookout
