// Tokens of OAuth2: what token_url is asked, what the target then sees, and how it fails.
#include <fstream>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "tests/net/http/http_fixture.h"

namespace lookout::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string token_answer(std::string_view token = "the-token") {
  return reply(200, fmt::format(R"({{"access_token":"{}","token_type":"bearer","expires_in":60}})", token),
               "Content-Type: application/json\r\n");
}

// A module with oauth2 towards this server; `more` begins with a comma.
std::string module_with(const ScriptedServer& tokens, std::string_view more = {},
                        std::string_view beside = {}) {
  return fmt::format(
      "{{oauth2: {{client_id: 'my id', client_secret: 'se cret', token_url: 'http://{}/token?a=b'{}}}{}}}",
      tokens.address(), more, beside);
}

TEST(HttpOAuth2, credentials_become_a_token_for_the_target) {
  Sequence tokens({token_answer()});
  Sequence target({reply(200)});
  const Conversed result =
      probe_http_once(module_with(tokens.server(), ", scopes: [one, two], endpoint_params: {audience: 'x&y'}",
                                  ", headers: {User-Agent: own}"),
                      target.server().address());
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_THAT(tokens.request(0),
              AllOf(StartsWith("POST /token?a=b HTTP/1.1\r\n"), HasSubstr("User-Agent: own\r\n"),
                    HasSubstr("Content-Type: application/x-www-form-urlencoded\r\n"),
                    // "my+id:se+cret"
                    HasSubstr("Authorization: Basic bXkraWQ6c2UrY3JldA==\r\n"),
                    HasSubstr("\r\n\r\naudience=x%26y&grant_type=client_credentials&scope=one+two")));
  EXPECT_THAT(target.request(0), HasSubstr("Authorization: Bearer the-token\r\n"));
}

TEST(HttpOAuth2, token_is_fetched_for_each_probe_and_sent_on_every_hop) {
  Sequence tokens({token_answer("first"), token_answer("second")});
  Sequence target({redirect(302, "/x"), reply(200), reply(200)});
  const std::string yaml = module_with(tokens.server());
  EXPECT_EQ(key_of(probe_http_once(yaml, target.server().address()).failure), "up");
  EXPECT_EQ(key_of(probe_http_once(yaml, target.server().address()).failure), "up");
  EXPECT_THAT(target.request(1), HasSubstr("Bearer first\r\n"));
  EXPECT_THAT(target.request(2), HasSubstr("Bearer second\r\n"));
}

TEST(HttpOAuth2, credentials_move_into_the_form_where_basic_is_refused) {
  Sequence tokens({reply(401, R"({"error":"invalid_client"})"), token_answer()});
  ScriptedServer target(answering(reply(200)));
  EXPECT_EQ(key_of(probe_http_once(module_with(tokens.server()), target.address()).failure), "up");
  EXPECT_THAT(tokens.request(1), AllOf(Not(HasSubstr("Authorization")),
                                       HasSubstr("client_id=my+id&client_secret=se+cret&grant_type=")));
}

TEST(HttpOAuth2, answer_may_be_a_form) {
  Sequence tokens({reply(200, "access_token=a%2Bb&token_type=MAC",
                         "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n")});
  Sequence target({reply(200)});
  EXPECT_EQ(key_of(probe_http_once(module_with(tokens.server()), target.server().address()).failure), "up");
  EXPECT_THAT(target.request(0), HasSubstr("Authorization: MAC a+b\r\n"));
}

TEST(HttpOAuth2, its_time_is_in_no_phase) {
  ScriptedServer tokens([](Peer& peer) {
    peer.read_request();
    peer.pause(milliseconds(200));
    peer.send(token_answer());
    peer.close();
  });
  ScriptedServer target(answering(reply(200)));
  const Conversed result = probe_http_once(module_with(tokens), target.address());
  EXPECT_EQ(key_of(result.failure), "up");
  double phases = 0;
  for (const char* phase : {"resolve", "connect", "tls", "processing", "transfer"})
    phases += value_of(result.facts, "probe_http_duration_seconds", fmt::format("phase=\"{}\"", phase));
  EXPECT_LT(phases, 0.15);
  EXPECT_GT(seconds(result.duration), 0.2);
}

TEST(HttpOAuth2, own_tls_and_proxy) {
  TestCertificates certificates;
  const ServerTls tls = tls_with(certificates.good());
  std::string asked;
  ScriptedServer proxy([&](Peer& peer) {
    asked = peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    peer.start_tls(tls);
    peer.read_request();
    peer.send(token_answer());
    peer.close();
  });
  Sequence target({reply(200)});
  const Conversed result = probe_http_once(
      fmt::format("oauth2: {{client_id: a, token_url: 'https://example.test/token', proxy_url: 'http://{}', "
                  "tls_config: {{ca_file: {}}}}}",
                  proxy.address(), certificates.authority_file()),
      target.server().address());
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_THAT(asked, StartsWith("CONNECT example.test:443 HTTP/1.1\r\n"));
  EXPECT_THAT(target.request(0), HasSubstr("Bearer the-token\r\n"));
}

TEST(HttpOAuth2, assertion_is_signed_with_the_key) {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  const std::string path = testing::TempDir() + fmt::format("lookout_oauth2_{}.pem", getpid());
  FILE* file = std::fopen(path.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  EVP_PKEY_free(key);
  Sequence tokens({token_answer()});
  Sequence target({reply(200)});
  const Conversed result = probe_http_once(
      fmt::format("oauth2: {{client_id: a, grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', "
                  "client_certificate_key_file: {}, token_url: 'http://{}/'}}",
                  path, tokens.server().address()),
      target.server().address());
  std::remove(path.c_str());
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_THAT(tokens.request(0),
              AllOf(HasSubstr("\r\n\r\nassertion=eyJ"),
                    HasSubstr("&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"),
                    Not(HasSubstr("Authorization"))));
  EXPECT_THAT(target.request(0), HasSubstr("Bearer the-token\r\n"));
}

struct Trouble {
  const char* name;
  std::string answer;
  const char* expected;
  const char* detail;
};
void PrintTo(const Trouble& row, std::ostream* out) { *out << row.name; }
class HttpOAuth2Trouble : public testing::TestWithParam<Trouble> {};

TEST_P(HttpOAuth2Trouble, fails_the_probe_without_a_response) {
  const Trouble& row = GetParam();
  Sequence tokens({row.answer});
  ScriptedServer target(answering(reply(200)));
  const Conversed result = probe_http_once(module_with(tokens.server()), target.address(), 1s);
  EXPECT_EQ(key_of(result.failure), row.expected);
  EXPECT_THAT(result.failure->detail,
              AllOf(StartsWith("oauth2: "), HasSubstr(row.detail), Not(HasSubstr("cret"))));
  EXPECT_EQ(target.connections(), 0);
  EXPECT_EQ(value_of(result.facts, "probe_http_status_code"), 0);
  for (const char* phase : {"connect", "tls", "processing", "transfer"}) {
    EXPECT_EQ(value_of(result.facts, "probe_http_duration_seconds", fmt::format("phase=\"{}\"", phase)), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(
    all, HttpOAuth2Trouble,
    testing::Values(Trouble{"refused", reply(400, R"({"error":"invalid_client","secret":"cret"})"),
                            "response/status", "token_url answered with status 400: \"invalid_client\""},
                    Trouble{"redirect", reply(302, "", "Location: /x\r\n"), "response/status", "status 302"},
                    Trouble{"no token", reply(200, "{}"), "response/protocol", "no access_token"},
                    Trouble{"no JSON", reply(200, "hello"), "response/protocol", "no access_token"},
                    Trouble{"error with status 200", reply(200, R"({"error":"nope","access_token":"x"})"),
                            "response/protocol", "\"nope\""},
                    Trouble{"a smuggled line", reply(200, R"({"access_token":"a\r\nX: y"})"),
                            "response/protocol", "more than one line"},
                    Trouble{"no HTTP", "SSH-2.0\r\n", "response/protocol", ""},
                    Trouble{"hangs up", "", "request/closed", ""}));

TEST(HttpOAuth2, secrets_that_cannot_be_had_are_our_own_fault) {
  Sequence tokens({token_answer()});
  ScriptedServer target(answering(reply(200)));
  const auto key_with = [&](const char* yaml) {
    return key_of(probe_http_once(yaml, target.address()).failure);
  };
  EXPECT_EQ(
      key_with("oauth2: {client_id: a, token_url: 'http://127.0.0.1:1/', client_secret_file: /nonexistent}"),
      "resolve/internal");
  EXPECT_EQ(
      key_with("oauth2: {client_id: a, token_url: 'http://127.0.0.1:1/', client_certificate_key: no key, "
               "grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer'}"),
      "resolve/internal");
  EXPECT_EQ(key_with("oauth2: {client_id: a, token_url: tokens}"), "resolve/internal");
  EXPECT_EQ(key_with("oauth2: {client_id: a, token_url: 'http://127.0.0.1:1/'}"), "connect/refused");
}

}  // namespace
}  // namespace lookout::test
