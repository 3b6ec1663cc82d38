#include "probes/http/http_config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/net/http_quic.h"

namespace lookout {
namespace {

// All problems of an http block, one per line; empty: it loads.
std::string problems_of(std::string_view yaml) {
  Problems problems("lookout.yml");
  HttpConfig config;
  const std::optional<YamlNode> node = parse_yaml(yaml, problems);
  if (node && node->kind() != YamlNode::Kind::null) read_value(*node, config, problems);
  std::string text;
  for (const Problem& problem : problems.sorted()) text += describe(problem) + "\n";
  return text;
}

TEST(HttpConfig, sound_blocks_load) {
  for (const char* yaml : {
           "",
           "{}",
           "valid_status_codes: [200, 0xC8]",
           "{method: POST, body: text}",
           "compression: zstd",
           "{compression: gzip, headers: {accept-encoding: '*'}}",
           "basic_auth: {}",
           "enable_http3: false",
           "labels: [{name: a, body_regexp: '(b)'}, {name: c, header: d, regexp: e, value: f}]",
           "http_headers: {X-Key: {values: [a, b], secrets: [c], files: [d]}, X-Empty: }",
           "authorization: {type: Token, credentials: x}",
           "{proxy_url: 'http://user:pass@proxy:3128', no_proxy: 'a,b', proxy_connect_header: {X: [y]}}",
           "proxy_url: 'proxy:3128'",
           "fail_if_body_matches_regexp: ['']",
           "fail_if_header_matches: [{header: A, regexp: b, allow_missing: true}]",
           "body_size_limit: 1MB",
           "no_follow_redirects: true",
           "valid_http_versions: [HTTP/1.1, HTTP/2.0]",
       }) {
    EXPECT_EQ(problems_of(yaml), "") << yaml;
  }
}

TEST(HttpConfig, unsound_blocks_are_refused_with_place_and_reason) {
  const std::pair<const char*, const char*> rows[] = {
      {"{body: a, body_file: b}", "write body or body_file, not both"},
      {"{compression: gzip, headers: {Accept-Encoding: br}}", "does not admit compression gzip"},
      {"headers: {'Bad Name': x}", "no header name"},
      {"headers: {X: \"a\\r\\nInjected: b\"}", "single line"},
      {"method: 'GET /'", "no HTTP method"},
      {"valid_http_versions: [HTTP/3.0]", "never spoken without enable_http3"},
      {"enable_http3: true", "enable_http3 excludes HTTP/2; write enable_http2: false, too"},
      {"{enable_http3: true, enable_http2: false, valid_http_versions: [HTTP/2.0]}", "list HTTP/3.0 alone"},
      {"oauth2: {}", "oauth2"},
      {"labels: [{body_regexp: a}]", "no name of a label"},
      {"labels: [{name: 1a, body_regexp: a}]", "\"1a\" is no name of a label"},
      {"labels: [{name: __a, body_regexp: a}]", "no name of a label"},
      {"labels: [{name: a}]", "write body_regexp, or header and regexp"},
      {"labels: [{name: a, body_regexp: b, header: c, regexp: d}]", "write body_regexp or regexp, not both"},
      {"labels: [{name: a, regexp: d}]", "name the header that regexp is about"},
      {"labels: [{name: a, body_regexp: b, header: d}]", "write regexp, the pattern for the header's value"},
      {"labels: [{name: a, body_regexp: b}, {name: a, body_regexp: c}]", "two labels have the name \"a\""},
      {"labels: [{name: a, body_regexp: '('}]", "body_regexp"},
      {"http_headers: {X-Key: value}", "http_headers: a single value stands where a mapping is expected"},
      {"http_headers: {X-Key: {value: [a]}}", "did you mean \"values\""},
      {"http_headers: {'Bad Name': {values: [a]}}", "no header name"},
      {"http_headers: {X-Key: {values: [\"a\\r\\nb\"]}}", "single line"},
      {"http_headers: {X-Key: {secrets: [\"a\\r\\nb\"]}}", "single line"},
      {"http_headers: {authorization: {values: [a]}}",
       "header authorization cannot be set here; write it in"},
      {"http_headers: {X-Amz-Date: {files: [a]}}", "cannot be set here"},
      {"fail_if_body_json_matches_cel: x", "fail_if_body_json_matches_cel"},
      {"{bearer_token: a, bearer_token_file: b}", "bearer_token"},
      {"{basic_auth: {}, bearer_token: b}", "basic_auth or a bearer token"},
      {"{basic_auth: {}, authorization: {credentials: x}}", "basic_auth or authorization"},
      {"{authorization: {credentials: x}, bearer_token: b}", "authorization or a bearer token"},
      {"authorization: {type: BASIC}", "basic_auth instead"},
      {"authorization: {credentials: a, credentials_file: b}", "not both"},
      {"basic_auth: {username: a, username_file: b}", "not both"},
      {"basic_auth: {password: a, password_file: b}", "not both"},
      {"fail_if_header_matches: [{regexp: a}]", "name the header"},
      {"fail_if_header_matches: [{header: a}]", "write a pattern"},
      {"fail_if_header_matches: [{header: a, regexp: ''}]", "write a pattern"},
      {"fail_if_body_matches_regexp: ['(?=lookahead)']", "fail_if_body_matches_regexp"},
      {"proxy_connect_header: {X: [y]}", "only for a proxy"},
      {"{proxy_from_environment: true, proxy_url: 'http://a'}", "not both"},
      {"{proxy_from_environment: true, no_proxy: a}", "NO_PROXY"},
      {"no_proxy: a", "only for a proxy"},
      {"proxy_url: 'http://'", "no URL"},
      {"folow_redirects: true", "follow_redirects"},
  };
  for (const auto& [yaml, reason] : rows) {
    const std::string text = problems_of(yaml);
    EXPECT_THAT(text, testing::HasSubstr(reason)) << yaml;
    EXPECT_THAT(text, testing::StartsWith("lookout.yml:1:")) << yaml;
  }
}

constexpr const char* kAllVersions = "valid_http_versions: [HTTP/1.1, HTTP/2.0, HTTP/3.0]";
constexpr const char* kOnlyThree = "with enable_http3 nothing but HTTP/3.0 is spoken";
constexpr const char* kNoTwo = "write enable_http2: false, too";

TEST(HttpConfig, CFG_015_http3_beside_all_versions) {
  const std::string text =
      problems_of(fmt::format("{{enable_http3: true, enable_http2: true, {}}}", kAllVersions));
  EXPECT_THAT(text, testing::AllOf(testing::HasSubstr(kOnlyThree), testing::HasSubstr(kNoTwo)));
}

TEST(HttpConfig, CFG_016_http3_without_versions) {
  EXPECT_THAT(problems_of("enable_http3: true"),
              testing::AllOf(testing::HasSubstr(kNoTwo), testing::Not(testing::HasSubstr(kOnlyThree))));
}

TEST(HttpConfig, CFG_017_http3_alone_beside_all_versions) {
  const std::string text =
      problems_of(fmt::format("{{enable_http3: true, enable_http2: false, {}}}", kAllVersions));
  EXPECT_THAT(text, testing::AllOf(testing::HasSubstr(kOnlyThree), testing::Not(testing::HasSubstr(kNoTwo))));
}

TEST(HttpConfig, CFG_018_http3_beside_http2) {
  EXPECT_THAT(problems_of("{enable_http3: true, enable_http2: true, valid_http_versions: [HTTP/3.0]}"),
              testing::AllOf(testing::HasSubstr(kNoTwo), testing::Not(testing::HasSubstr(kOnlyThree))));
}

TEST(HttpConfig, HTTP_118_HTTP_119_HTTP_121_HTTP_122_http3_beside_other_versions) {
  for (const char* versions :
       {"HTTP/1.1, HTTP/2.0, HTTP/3.0", "HTTP/1.1, HTTP/2.0", "HTTP/1.1", "HTTP/2.0"}) {
    EXPECT_THAT(problems_of(fmt::format(
                    "{{enable_http3: true, enable_http2: false, valid_http_versions: [{}]}}", versions)),
                testing::HasSubstr(kOnlyThree))
        << versions;
  }
}

// Of this system's libcurl, whichever it is.
TEST(HttpConfig, http3_is_refused_exactly_where_libcurl_lacks_it) {
  const char* const refusal =
      "lookout.yml:1:16: HTTP/3 is not spoken here: the system's libcurl lacks it (curl --version lists "
      "HTTP3 where "
      "it does not); remove it\n";
  const std::string expected = speaks_http3() ? "" : refusal;
  EXPECT_EQ(problems_of("{enable_http3: true, enable_http2: false}"), expected);
  EXPECT_EQ(problems_of("{enable_http3: true, enable_http2: false, valid_http_versions: [HTTP/3.0]}"),
            expected);
}

TEST(HttpConfig, secrets_are_not_printed) {
  Problems problems("lookout.yml");
  HttpConfig config;
  read_value(
      *parse_yaml(
          "{proxy_url: 'http://user:hidden@proxy:1', bearer_token: hidden, "
          "proxy_connect_header: {X: [hidden]}, http_headers: {X-Key: {secrets: [hidden], values: [open]}}}",
          problems),
      config, problems);
  ASSERT_TRUE(problems.empty());
  std::string text;
  ConfigPrinter printer(text);
  describe(printer, config);
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("hidden")));
  EXPECT_THAT(text, testing::HasSubstr("http://user:xxxxx@proxy:1"));
  EXPECT_THAT(text, testing::HasSubstr("open"));
}

}  // namespace
}  // namespace lookout
