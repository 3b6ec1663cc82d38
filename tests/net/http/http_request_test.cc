// What a server receives: request line, headers, credentials, body.
#include <fstream>
#include <future>

#include <fmt/format.h>

#include "tests/net/http/http_fixture.h"

namespace lookout::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// The request that a module with this block sends to http://ADDRESS + path.
std::string request_of(std::string_view yaml, const std::string& path = "/", const std::string& userinfo = {},
                       const std::string& hostname = {}) {
  std::promise<std::string> received;
  ScriptedServer server([&](Peer& peer) {
    received.set_value(peer.read_request());
    peer.send(reply(200));
    peer.close();
  });
  const Conversed result = probe_http_once(yaml, "http://" + userinfo + server.address() + path,
                                           std::chrono::seconds(5), hostname);
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  std::string request = received.get_future().get();
  // The port differs in each run.
  const std::size_t port = request.find(server.address());
  if (port != std::string::npos) request.replace(port, server.address().size(), "SERVER");
  return request;
}

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content)
      : path_(testing::TempDir() + fmt::format("lookout_http_{}", getpid())) {
    std::ofstream(path_) << content;
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(HttpRequest, has_nothing_that_nobody_asked_for) {
  EXPECT_THAT(
      request_of(""),
      testing::MatchesRegex(
          "GET / HTTP/1.1\r\nHost: SERVER\r\nUser-Agent: Lookout/[0-9.]+\r\nConnection: close\r\n\r\n"));
}

TEST(HttpRequest, keeps_the_path_as_written) {
  EXPECT_THAT(request_of("", "/a/../b//c?x=%20y&z=//#fragment"),
              HasSubstr("GET /a/../b//c?x=%20y&z=// HTTP/1.1"));
  EXPECT_THAT(request_of("", "/a b?c=\xc3\xa9"), HasSubstr("GET /a%20b?c=%C3%A9 HTTP/1.1"));
  EXPECT_THAT(request_of("", "?q=1"), HasSubstr("GET /?q=1 HTTP/1.1"));
}

TEST(HttpRequest, HTTP_096_configured_headers_win) {
  const std::string request = request_of(
      "headers: {host: my-secret-vhost.com, USER-AGENT: agent, Accept-Language: en-US, X-Empty: ''}");
  EXPECT_THAT(request, AllOf(HasSubstr("Host: my-secret-vhost.com\r\n"), HasSubstr("USER-AGENT: agent\r\n"),
                             HasSubstr("Accept-Language: en-US\r\n"), HasSubstr("X-Empty:"),
                             Not(HasSubstr("Lookout"))));
}

TEST(HttpRequest, hostname_sets_the_host_header) {
  EXPECT_THAT(request_of("", "/", "", "foo.example.com"), HasSubstr("Host: foo.example.com\r\n"));
}

TEST(HttpRequest, HTTP_040_method_is_sent_verbatim) {
  EXPECT_THAT(request_of("method: POST"),
              AllOf(HasSubstr("POST / HTTP/1.1"), HasSubstr("Content-Length: 0\r\n")));
  EXPECT_THAT(request_of("method: get"), HasSubstr("get / HTTP/1.1"));
  EXPECT_THAT(request_of("method: DELETE"),
              AllOf(HasSubstr("DELETE / HTTP/1.1"), Not(HasSubstr("Content-Length"))));
}

TEST(HttpRequest, HTTP_110_body) {
  EXPECT_THAT(request_of("{method: POST, body: some text}"),
              AllOf(HasSubstr("Content-Length: 9\r\n"), HasSubstr("\r\n\r\nsome text"),
                    Not(HasSubstr("Content-Type"))));
  EXPECT_THAT(request_of("{method: POST, body: '{}', headers: {Content-Type: application/json}}"),
              HasSubstr("Content-Type: application/json\r\n"));
}

TEST(HttpRequest, HTTP_111_body_from_a_file) {
  const TemporaryFile file("from a file");
  EXPECT_THAT(request_of(fmt::format("{{method: PUT, body_file: {}}}", file.path())),
              HasSubstr("\r\n\r\nfrom a file"));
}

TEST(HttpRequest, HTTP_041_basic_auth) {
  EXPECT_THAT(request_of("basic_auth: {username: user, password: pass}"),
              HasSubstr("Authorization: Basic dXNlcjpwYXNz\r\n"));
  const TemporaryFile file(" pass\n");
  EXPECT_THAT(request_of(fmt::format("basic_auth: {{username: user, password_file: {}}}", file.path())),
              HasSubstr("Authorization: Basic dXNlcjpwYXNz\r\n"));
  EXPECT_THAT(request_of("basic_auth: {}"), HasSubstr("Authorization: Basic Og==\r\n"));
}

TEST(HttpRequest, HTTP_042_bearer_token) {
  EXPECT_THAT(request_of("bearer_token: mysecret"), HasSubstr("Authorization: Bearer mysecret\r\n"));
  const TemporaryFile file("mysecret\n");
  EXPECT_THAT(request_of("bearer_token_file: " + file.path()),
              HasSubstr("Authorization: Bearer mysecret\r\n"));
}

TEST(HttpRequest, authorization) {
  EXPECT_THAT(request_of("authorization: {credentials: x}"), HasSubstr("Authorization: Bearer x\r\n"));
  EXPECT_THAT(request_of("authorization: {type: ' Token ', credentials: x}"),
              HasSubstr("Authorization: Token x\r\n"));
  EXPECT_THAT(request_of("{authorization: {credentials: x}, headers: {authorization: mine}}"),
              AllOf(HasSubstr("authorization: mine\r\n"), Not(HasSubstr("Bearer"))));
}

TEST(HttpRequest, OBS_031_http_headers_are_lines_of_their_own) {
  const TemporaryFile file(" from a file \n");
  EXPECT_THAT(
      request_of(fmt::format(
          "http_headers: {{X-Key: {{values: [one, two], secrets: [hidden], files: [{}]}}}}", file.path())),
      HasSubstr("X-Key: one\r\nX-Key: two\r\nX-Key: hidden\r\nX-Key: from a file\r\n"));
  EXPECT_THAT(request_of("{headers: {X-Key: zero}, http_headers: {X-Key: {values: [one]}}}"),
              HasSubstr("X-Key: zero\r\nUser-Agent: Lookout/"));
}

TEST(HttpRequest, unreadable_file_of_a_header_is_our_own_fault) {
  const ClosedPort nobody;
  const Conversed result = probe_http_once("http_headers: {X-Key: {files: [/no/such/file]}}",
                                           fmt::format("127.0.0.1:{}", nobody.port()));
  EXPECT_EQ(key_of(result.failure), "resolve/internal");
  EXPECT_EQ(result.failure->detail, "/no/such/file: No such file or directory");
  EXPECT_EQ(value_of(result.facts, "probe_http_duration_seconds", "connect"), 0);
}

TEST(HttpRequest, OBS_032_userinfo_of_the_url) {
  EXPECT_THAT(request_of("", "/", "user:p%61ss@"),
              AllOf(HasSubstr("Authorization: Basic dXNlcjpwYXNz\r\n"), HasSubstr("Host: SERVER\r\n")));
}

TEST(HttpRequest, framing_is_not_the_users) {
  EXPECT_THAT(
      request_of("headers: {Content-Length: '5', Transfer-Encoding: chunked, Connection: keep-alive}"),
      AllOf(Not(HasSubstr("Content-Length")), Not(HasSubstr("chunked")), Not(HasSubstr("keep-alive")),
            HasSubstr("Connection: close\r\n")));
}

TEST(HttpRequest, secrets_of_a_manager_fail_each_probe) {
  const std::pair<const char*, const char*> rows[] = {
      {"basic_auth: {username_ref: a}", "username_ref"},
      {"basic_auth: {password_ref: a}", "password_ref"},
      {"authorization: {credentials_ref: a}", "credentials_ref"},
      {"tls_config: {ca_ref: a}", "ca_ref"},
      {"tls_config: {cert_ref: a, key_ref: b}", "cert_ref"},
      {"tls_config: {cert_file: a, key_ref: b}", "key_ref"},
      {"oauth2: {client_id: a, token_url: 'http://127.0.0.1:1/', client_secret_ref: b}", "client_secret_ref"},
      {"oauth2: {client_id: a, token_url: 'http://127.0.0.1:1/', client_certificate_key_ref: b, grant_type: "
       "'urn:ietf:params:oauth:grant-type:jwt-bearer'}",
       "client_certificate_key_ref"}};
  for (const auto& [yaml, key] : rows) {
    const Conversed result = probe_http_once(yaml, "http://127.0.0.1:1/");
    EXPECT_EQ(key_of(result.failure), "resolve/internal") << yaml;
    EXPECT_THAT(result.failure->detail, HasSubstr(fmt::format("{}: there is no manager of secrets", key)));
  }
}

TEST(HttpSource, address_is_used) {
  ScriptedServer server(answering(reply(200)));
  EXPECT_EQ(key_of(probe_http_once("source_ip_address: 127.0.0.9", server.address()).failure), "up");
  EXPECT_EQ(key_of(probe_http_once("source_ip_address: 192.0.2.77", server.address()).failure),
            "connect/internal");
}

}  // namespace
}  // namespace lookout::test
