// blackbox_exporter's own cases for its http prober, by their numbers in the behaviour specification
// (section 8.6).
#include "tests/net/http/http_conformance.h"

namespace lookout::test {
namespace {

using Case = HttpCase;

TEST_P(HttpConformance, holds) { expect_case(GetParam()); }

std::string text(std::size_t size) {
  std::string out;
  while (out.size() < size) out += "All work and no play makes Jack a dull boy. ";
  return out.substr(0, size);
}

std::vector<Case> status_cases() {
  const auto row = [](const char* id, int status, const char* valid, bool well) {
    return Case{id,
                fmt::format("{{preferred_ip_protocol: ip4, valid_status_codes: {}}}", valid),
                reply(status, "x"),
                well ? "up" : "response/status",
                {{"probe_http_status_code", status}, {kRegex, 0}}};
  };
  return {row("HTTP_001", 200, "[]", true),         row("HTTP_002", 201, "[]", true),
          row("HTTP_003", 299, "[]", true),         row("HTTP_004", 300, "[]", false),
          row("HTTP_005", 404, "[]", false),        row("HTTP_006", 404, "[200, 404]", true),
          row("HTTP_007", 200, "[200, 404]", true), row("HTTP_008", 201, "[200, 404]", false),
          row("HTTP_009", 404, "[404]", true),      row("HTTP_010", 200, "[404]", false)};
}

std::vector<Case> version_cases() {
  const auto row = [](const char* id, const char* valid, bool well) {
    return Case{id,
                fmt::format("valid_http_versions: {}", valid),
                reply(200),
                well ? "up" : "response/protocol",
                {{"probe_http_version", 1.1}}};
  };
  return {row("HTTP_011", "[]", true), row("HTTP_012", "[HTTP/1.1]", true),
          row("HTTP_013", "[HTTP/1.1, HTTP/2.0]", true), row("HTTP_015", "[HTTP/2.0]", false)};
}

std::vector<Case> length_cases() {
  const std::string brotli("\x0b\x02\x80hello\x03", 9);
  const std::string flat = raw_deflated(text(110)), zipped = gzipped(text(110));
  const auto size = [](const std::string& body) { return static_cast<double>(body.size()); };
  return {
      {"HTTP_017",
       "",
       reply(200, text(110), "Content-Encoding: identity\r\n"),
       "up",
       {{kContentLength, 110}, {kBodyLength, 110}}},
      {"HTTP_018", "", reply(200, text(110)), "up", {{kContentLength, 110}, {kBodyLength, 110}}},
      {"HTTP_019",
       "",
       reply(200, text(110), "Content-Encoding: xxx\r\n"),
       "up",
       {{kContentLength, 110}, {kBodyLength, 110}}},
      {"HTTP_020", "", reply(404, "Not Found"), "response/status", {{kContentLength, 9}, {kBodyLength, 9}}},
      {"HTTP_021",
       "",
       reply(200, brotli, "Content-Encoding: br\r\n"),
       "up",
       {{kContentLength, 9}, {kBodyLength, 9}}},
      {"HTTP_022",
       "",
       reply(200, flat, "Content-Encoding: deflate\r\n"),
       "up",
       {{kContentLength, size(flat)}, {kBodyLength, size(flat)}}},
      {"HTTP_023",
       "",
       reply(200, zipped, "Content-Encoding: gzip\r\n"),
       "up",
       {{kContentLength, size(zipped)}, {kBodyLength, size(zipped)}}},
  };
}

std::vector<Case> compression_cases() {
  const std::string brotli = "\x8b\x36\x80" + text(110) + "\x03";  // stored
  const std::string flat = raw_deflated(text(110)), framed = zlib_deflated(text(110)),
                    zipped = gzipped(text(110));
  const std::string gzip_answer = reply(200, zipped, "Content-Encoding: gzip\r\n");
  const double wire = static_cast<double>(zipped.size());
  const std::vector<std::pair<std::string, double>> unzipped{{kContentLength, wire}, {kBodyLength, 110}};
  return {
      {"HTTP_024", "compression: gzip", gzip_answer, "up", unzipped},
      {"HTTP_025",
       "compression: br",
       reply(200, brotli, "Content-Encoding: br\r\n"),
       "up",
       {{kContentLength, 114}, {kBodyLength, 110}}},
      {"HTTP_026",
       "compression: deflate",
       reply(200, flat, "Content-Encoding: deflate\r\n"),
       "up",
       {{kBodyLength, 110}}},
      {"HTTP_026_zlib",
       "compression: deflate",
       reply(200, framed, "Content-Encoding: deflate\r\n"),
       "up",
       {{kBodyLength, 110}}},
      {"HTTP_027",
       "compression: identity",
       reply(200, text(110), "Content-Encoding: identity\r\n"),
       "up",
       {{kBodyLength, 110}}},
      {"HTTP_028",
       "compression: deflate",
       gzip_answer,
       "response/protocol",
       {{kContentLength, wire}, {kBodyLength, 0}}},
      {"HTTP_029", "{compression: gzip, headers: {Accept-Encoding: gzip}}", gzip_answer, "up", unzipped},
      {"HTTP_030", "{compression: gzip, headers: {Accept-Encoding: 'br, gzip'}}", gzip_answer, "up",
       unzipped},
      {"HTTP_031", "{compression: gzip, headers: {Accept-Encoding: '*'}}", gzip_answer, "up", unzipped},
      {"HTTP_032", "", gzip_answer, "up", {{kContentLength, wire}, {kBodyLength, wire}}},
      {"upper_case", "compression: GZIP", gzip_answer, "up", unzipped},
      {"not_compressed", "compression: gzip", reply(200, text(110)), "response/protocol", {{kBodyLength, 0}}},
      {"damaged",
       "compression: gzip",
       reply(200, text(110), "Content-Encoding: gzip\r\n"),
       "response/protocol",
       {{kBodyLength, 0}}},
      {"without_encoding", "compression: gzip", reply(200, zipped), "up", unzipped},
      {"said_otherwise", "compression: gzip", reply(200, zipped, "Content-Encoding: br\r\n"), "up", unzipped},
      {"two_members", "compression: gzip", reply(200, zipped + zipped), "up", {{kBodyLength, 220}}},
      {"cut", "compression: gzip", reply(200, zipped.substr(0, zipped.size() - 1)), "response/protocol"},
      {"cut_brotli", "compression: br", reply(200, brotli.substr(0, 50)), "response/protocol"},
      {"empty", "compression: gzip", reply(200), "response/protocol", {{kBodyLength, 0}}},
      {"cut_and_checked",
       "{compression: gzip, fail_if_body_matches_regexp: [no such text]}",
       reply(200, zipped.substr(0, zipped.size() - 1)),
       "response/protocol",
       {{kRegex, 1}}},
      {"OBS_023", "compression: zstd", reply(200, text(110)), "response/protocol", {{kBodyLength, 110}}},
  };
}

std::vector<Case> limit_cases() {
  const std::string fits = gzipped(text(127)), exceeds = gzipped(text(129));
  const std::string yaml = "body_size_limit: 128B", unzip = "{body_size_limit: 128B, compression: gzip}";
  const auto size = [](const std::string& body) { return static_cast<double>(body.size()); };
  return {
      {"HTTP_033", yaml, reply(200, text(127)), "up", {{kContentLength, 127}, {kBodyLength, 127}}},
      {"exactly", yaml, reply(200, text(128)), "up", {{kContentLength, 128}, {kBodyLength, 128}}},
      {"HTTP_034",
       yaml,
       reply(200, text(129)),
       "response/limit",
       {{kContentLength, 129}, {kBodyLength, 128}}},
      {"HTTP_035",
       unzip,
       reply(200, fits, "Content-Encoding: gzip\r\n"),
       "up",
       {{kContentLength, size(fits)}, {kBodyLength, 127}}},
      {"HTTP_036",
       unzip,
       reply(200, exceeds, "Content-Encoding: gzip\r\n"),
       "response/limit",
       {{kContentLength, size(exceeds)}, {kBodyLength, 128}}},
      {"OBS_022",
       "{body_size_limit: 128B, fail_if_body_matches_regexp: [no such text]}",
       reply(200, text(129)),
       "response/limit",
       {{kRegex, 1}}},
  };
}

std::vector<Case> body_pattern_cases() {
  const auto row = [](const char* id, const char* key, const char* patterns, const char* body, bool well) {
    return Case{id,
                fmt::format("{}: {}", key, patterns),
                reply(200, body),
                well ? "up" : "match/mismatch",
                {{kRegex, well ? 0 : 1}, {kBodyLength, static_cast<double>(std::string_view(body).size())}}};
  };
  const char* bad = "Could not connect to database";
  const char* good = "Download the latest version here";
  const char* matches = "fail_if_body_matches_regexp";
  const char* lacks = "fail_if_body_not_matches_regexp";
  return {row("HTTP_071", matches, "[could not connect, '[Cc]ould not connect']", bad, false),
          row("HTTP_072", matches, "['[Cc]ould not connect']", good, true),
          row("HTTP_073", matches, "[Fatal Error, '[Cc]ould not connect']",
              "internal error. could not connect", false),
          row("HTTP_074", matches, "[Fatal Error, '[Cc]ould not connect']", "hello world", true),
          row("HTTP_075", lacks, "[Download the latest version here]", bad, false),
          row("HTTP_076", lacks, "[Download the latest version here]", good, true),
          row("HTTP_077", lacks, "[Download the latest version here, Copyright 2015]", good, false),
          row("HTTP_078", lacks, "[Download the latest version here, Copyright 2015]",
              "Download the latest version here. Copyright 2015 Test Inc.", true)};
}

std::vector<Case> header_pattern_cases() {
  const auto row = [](const char* id, const char* key, const char* rule, const char* headers, bool well) {
    return Case{id,
                fmt::format("{}: [{}]", key, rule),
                reply(200, "", headers),
                well ? "up" : "match/mismatch",
                {{kRegex, well ? 0 : 1}}};
  };
  const char* matches = "fail_if_header_matches";
  const char* lacks = "fail_if_header_not_matches";
  const char* domain = "{header: Set-Cookie, regexp: '.*Domain=\\.example\\.com.*'}";
  const char* javascript = "{header: Content-Type, regexp: text/javascript}";
  const char* cookies =
      "Set-Cookie: zz4=4; expires=Mon, 01-Jan-1990 00:00:00 GMT; Domain=www.example.com\r\n"
      "Set-Cookie: zz5=5; expires=Mon, 01-Jan-1990 00:00:00 GMT; Domain=.example.com\r\n";
  return {row("HTTP_079", matches, javascript, "Content-Type: text/javascript\r\n", false),
          row("HTTP_080", matches, javascript, "Content-Type: application/octet-stream\r\n", true),
          row("HTTP_081", matches, "{header: content-type, regexp: text/javascript}",
              "Content-Type: application/octet-stream\r\n", true),
          row("HTTP_082", matches, "{header: Content-Type, regexp: '.*'}", "Content-Type:\r\n", false),
          row("HTTP_083", matches, "{header: Content-Type, regexp: '.*'}", "", false),
          row("HTTP_084", matches, "{header: Content-Type, regexp: '.*', allow_missing: true}",
              "Content-Type:\r\n", false),
          row("HTTP_085", matches, "{header: Content-Type, regexp: '.*', allow_missing: true}", "", true),
          row("HTTP_086", matches, domain, "Set-Cookie: a=1; Domain=.example.com\r\n", false),
          row("HTTP_087", matches, domain, cookies, false),
          row("HTTP_088", lacks, javascript, "Content-Type: text/javascript\r\n", true),
          row("HTTP_089", lacks, "{header: content-type, regexp: text/javascript}",
              "Content-Type: text/javascript\r\n", true),
          row("HTTP_090", lacks, javascript, "Content-Type: application/octet-stream\r\n", false),
          row("HTTP_091", lacks, "{header: Content-Type, regexp: '.*'}", "Content-Type:\r\n", true),
          row("HTTP_092", lacks, "{header: Content-Type, regexp: '.*'}", "", false),
          row("HTTP_093", lacks, "{header: Content-Type, regexp: '.*', allow_missing: true}", "", true),
          row("HTTP_094", lacks, domain, "Set-Cookie: a=1; Domain=www.example.com\r\n", false),
          row("HTTP_095", lacks, domain, cookies, true)};
}

std::vector<Case> other_cases() {
  return {
      {"HTTP_038",
       "{follow_redirects: false, valid_status_codes: [302]}",
       reply(302, "", "Location: /noredirect\r\n"),
       "up",
       {{"probe_http_redirects", 1}}},
      {"HTTP_043",
       "fail_if_not_ssl: true",
       reply(200),
       "match/mismatch",
       {{"probe_http_ssl", 0}, {kRegex, 0}}},
      {"HTTP_044", "{fail_if_not_ssl: true, method: GET}", reply(200, "x"), "match/mismatch"},
      {"HTTP_045", "fail_if_not_ssl: false", reply(200), "up"},
      {"HTTP_046", "fail_if_not_ssl: true", "", "request/closed", {{"probe_http_ssl", 0}}},
      {"OBS_013",
       "",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
       "up",
       {{kContentLength, -1}, {kBodyLength, 5}}},
      {"OBS_014",
       "",
       "HTTP/1.0 200 OK\r\n\r\nhello",
       "up",
       {{"probe_http_version", 1}, {kContentLength, -1}, {kBodyLength, 5}}},
      {"OBS_015",
       "method: HEAD",
       "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n",
       "up",
       {{kContentLength, 50}, {kBodyLength, 0}}},
      {"OBS_017",
       "",
       reply(302, "nowhere"),
       "response/status",
       {{"probe_http_redirects", 0}, {kBodyLength, 7}, {"probe_http_status_code", 302}}},
      {"OBS_018",
       "",
       reply(302, "", "Location: http://[bad\r\n"),
       "response/protocol",
       {{"probe_http_redirects", 0}, {"probe_http_status_code", 0}}},
      {"OBS_020",
       "{follow_redirects: false, valid_status_codes: [302], fail_if_body_matches_regexp: [xyz]}",
       reply(302, "body", "Location: /x\r\n"),
       "match/mismatch",
       {{kRegex, 1}, {kBodyLength, 0}}},
      {"switching_protocols",
       "{valid_status_codes: [101], headers: {Connection: Upgrade, Upgrade: websocket}}",
       "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05hello",
       "up",
       {{"probe_http_status_code", 101}, {kContentLength, 0}, {kBodyLength, 0}}},
      {"switching_protocols_unasked",
       "",
       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
       "response/status",
       {{"probe_http_status_code", 101}}},
      {"no_content", "", "HTTP/1.1 204 No Content\r\n\r\n", "up", {{kContentLength, 0}}},
      {"interim",
       "",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" + reply(200, "hello"),
       "up",
       {{"probe_http_status_code", 200}, {kBodyLength, 5}}},
      {"last_modified",
       "",
       reply(200, "", "Last-Modified: Wed, 15 Nov 1995 04:58:08 GMT\r\n"),
       "up",
       {{"probe_http_last_modified_timestamp_seconds", 816411488}}},
  };
}

INSTANTIATE_TEST_SUITE_P(status, HttpConformance, testing::ValuesIn(status_cases()));
INSTANTIATE_TEST_SUITE_P(version, HttpConformance, testing::ValuesIn(version_cases()));
INSTANTIATE_TEST_SUITE_P(length, HttpConformance, testing::ValuesIn(length_cases()));
INSTANTIATE_TEST_SUITE_P(compression, HttpConformance, testing::ValuesIn(compression_cases()));
INSTANTIATE_TEST_SUITE_P(limit, HttpConformance, testing::ValuesIn(limit_cases()));
INSTANTIATE_TEST_SUITE_P(body_pattern, HttpConformance, testing::ValuesIn(body_pattern_cases()));
INSTANTIATE_TEST_SUITE_P(header_pattern, HttpConformance, testing::ValuesIn(header_pattern_cases()));
INSTANTIATE_TEST_SUITE_P(other, HttpConformance, testing::ValuesIn(other_cases()));

}  // namespace
}  // namespace lookout::test
