#include "probes/http/http_checks.h"

#include <gtest/gtest.h>

#include "probes/net/http_head.h"

namespace lookout {
namespace {

TEST(AcceptEncoding, admits_a_coding) {
  const std::tuple<const char*, const char*, bool> rows[] = {
      {"gzip", "gzip", true},
      {"", "gzip", true},
      {"gzip", "", true},
      {"*", "gzip", true},
      {"br, gzip", "gzip", true},
      {"br", "gzip", false},
      {"gzip;q=0.0", "gzip", false},
      {"gzip;q=0.001", "gzip", true},
      {"gzip;q=0.0001", "gzip", false},
      {"gzip;q=0, *", "gzip", true},
      {"gzip;q=0, *;q=0", "gzip", false},
      {"gzip ; q=0.5", "gzip", true},
      {"gzip", "GZIP", false},
      {"gzip;q=x", "gzip", false},
      {"identity;q=1, *;q=0", "gzip", false},
  };
  for (const auto& [header, coding, admitted] : rows)
    EXPECT_EQ(accept_encoding_admits(header, coding), admitted) << header << " / " << coding;
}

struct Admission {
  const char* id;
  const char* coding;
  const char* header;
  bool admitted;
};
void PrintTo(const Admission& row, std::ostream* out) { *out << row.id; }
class AcceptEncodingConformance : public testing::TestWithParam<Admission> {};

TEST_P(AcceptEncodingConformance, holds) {
  const Admission& row = GetParam();
  EXPECT_EQ(accept_encoding_admits(row.header, row.coding), row.admitted);
}

INSTANTIATE_TEST_SUITE_P(
    all, AcceptEncodingConformance,
    testing::Values(Admission{"ENC_001", "", "gzip", true}, Admission{"ENC_002", "gzip", "gzip", true},
                    Admission{"ENC_003", "gzip", "gzip;q=1.0", true},
                    Admission{"ENC_004", "gzip", "gzip, compress", true},
                    Admission{"ENC_005", "gzip", "compress, gzip", true},
                    Admission{"ENC_006", "br", "gzip, compress", false},
                    Admission{"ENC_007", "br", "gzip, compress, *", true},
                    Admission{"ENC_008", "br", "gzip, compress, *;q=0.1", true},
                    Admission{"ENC_009", "br", "gzip, compress, br;q=0.0", false},
                    Admission{"ENC_010", "br", "gzip, compress, *;q=0.0", false},
                    Admission{"ENC_011", "br", "gzip;q=1.0, compress;q=0.5, br;q=0.1, *;q=0.0", true},
                    Admission{"ENC_012", "br", "*;q=0.0, gzip;q=1.0, compress;q=0.5, br;q=0.1", true},
                    Admission{"ENC_013", "br", "  gzip ;q=1.0,  compress; q=0.5 , br;  q=0.1 , *; q=0.0 ",
                              true}));

HttpResponse read_head(std::string_view text, std::size_t limit = 1000) {
  HttpResponse response;
  HttpHeadReader reader(limit);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    reader.take(text.substr(0, end + 1), response);
    text.remove_prefix(end + 1);
  }
  return response;
}

TEST(HttpHead, final_head_counts) {
  const HttpResponse response = read_head(
      "HTTP/1.1 103 Early\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nA:  b \r\nFolded: c\r\n d\r\n\r\nTrailer: "
      "e\r\n");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.version, "HTTP/1.1");
  EXPECT_EQ(response.headers, (std::vector<HttpHeader>{{"A", "b"}, {"Folded", "c d"}}));
  EXPECT_EQ(read_head("HTTP/2 404 \r\n\r\n").version, "HTTP/2.0");
  EXPECT_EQ(read_head("HTTP/1.1 200 OK\r\nA: b\r\n").status, 0);
}

TEST(HttpHead, switching_protocols_is_final) {
  EXPECT_EQ(read_head("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching\r\nA: b\r\n\r\n").status, 101);
}

TEST(HttpHead, has_a_limit) {
  HttpResponse response;
  HttpHeadReader reader(40);
  EXPECT_EQ(reader.take("HTTP/1.1 200 OK\r\n", response), HttpHeadReader::State::reading);
  EXPECT_EQ(reader.take("A: 12345678901234567890\r\n", response), HttpHeadReader::State::too_large);
}

HttpResponse answer(int status, std::string body = {}) {
  HttpResponse response;
  response.status = status;
  response.version = "HTTP/1.1";
  response.body = std::move(body);
  return response;
}

Regex regex(const char* pattern) {
  std::string error;
  return *Regex::compile(pattern, error);
}

// The order of the checks decides what a response that fails several of them is reported as.
TEST(HttpJudge, first_failure_wins) {
  HttpConfig config;
  config.fail_if_ssl = true;
  HttpEnding ending;
  ending.over_tls = true;
  EXPECT_EQ(key(*judge(config, answer(200), ending).failure), "match/mismatch");
  config.valid_http_versions = {"HTTP/2.0"};
  EXPECT_EQ(key(*judge(config, answer(200), ending).failure), "response/protocol");
  ending.transport = Failure{Stage::response, Cause::closed, ""};
  EXPECT_EQ(key(*judge(config, answer(200), ending).failure), "response/closed");
  EXPECT_FALSE(judge(config, answer(200), ending).pattern_failed);
  config.fail_if_body_matches_regexp = {regex("x")};
  EXPECT_EQ(key(*judge(config, answer(200), ending).failure), "response/closed");
  EXPECT_TRUE(judge(config, answer(200), ending).pattern_failed);
  config.fail_if_header_matches = {HeaderRule{"X", regex("y"), false}};
  EXPECT_EQ(key(*judge(config, answer(200), ending).failure), "match/mismatch");
  EXPECT_TRUE(judge(config, answer(200), ending).pattern_failed);
  EXPECT_EQ(key(*judge(config, answer(500), ending).failure), "response/status");
  EXPECT_FALSE(judge(config, answer(500), ending).pattern_failed);
}

TEST(HttpJudge, patterns_are_pending_until_the_body_is_there) {
  HttpConfig config;
  EXPECT_FALSE(judge_head(config, answer(200)).pattern_failed);
  config.fail_if_body_matches_regexp = {regex("x")};
  EXPECT_TRUE(judge_head(config, answer(200)).pattern_failed);
  EXPECT_FALSE(judge_head(config, answer(500)).pattern_failed);
}

TEST(HttpJudge, redirects_have_a_limit) {
  HttpEnding ending;
  ending.redirects = kMaximumRedirects + 1;
  EXPECT_EQ(key(*judge(HttpConfig(), answer(302), ending).failure), "response/limit");
  HttpConfig config;
  config.valid_status_codes = {302};
  EXPECT_FALSE(judge(config, answer(302), ending).failure);
}

TEST(HttpConfigRules, old_name_of_follow_redirects_wins) {
  HttpConfig config;
  EXPECT_TRUE(follows_redirects(config));
  config.no_follow_redirects = true;
  EXPECT_FALSE(follows_redirects(config));
  config.client.follow_redirects = false;
  config.no_follow_redirects = false;
  EXPECT_TRUE(follows_redirects(config));
}

}  // namespace
}  // namespace lookout
