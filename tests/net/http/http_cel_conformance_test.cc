// blackbox_exporter's cases of CEL over JSON bodies, by their numbers in the behaviour specification (section
// 8.6), and CEL beside the other checks.
#include "tests/net/http/http_conformance.h"

namespace lookout::test {
namespace {

using Case = HttpCase;
class HttpCelConformance : public HttpConformance {};

TEST_P(HttpCelConformance, holds) { expect_case(GetParam()); }

std::vector<Case> cel_cases() {
  const char* matches = "fail_if_body_json_matches_cel";
  const char* lacks = "fail_if_body_json_not_matches_cel";
  const auto row = [](const char* id, const char* key, const char* expression, const char* body, bool well) {
    const auto size = static_cast<double>(std::string_view(body).size());
    return Case{id,
                fmt::format("{}: \"{}\"", key, expression),
                reply(200, body, "Content-Type: application/json\r\n"),
                well ? "up" : "match/mismatch",
                {{kCel, well ? 0 : 1}, {kRegex, 0}, {kBodyLength, size}, {kContentLength, size}}};
  };
  const char* nested = R"({"foo": {"bar": "baz"}})";
  const char* field = "body.foo.bar == 'baz'";
  return {row("HTTP_047", matches, field, nested, false),
          row("HTTP_048", matches, "body.foo.bar == 'qux'", nested, true),
          row("HTTP_049", matches, field, "{}", false),
          row("HTTP_050", matches, "body.foo.bar", nested, false),
          row("HTTP_051", matches, field, "hello world", false),
          row("HTTP_052", matches, field, "{}", false),
          row("HTTP_053", matches, "body == 'foo'", "\"foo\"", false),
          row("HTTP_054", matches, "body[2] == 'baz'", R"(["foo", "bar", "baz"])", false),
          row("HTTP_055", matches, "body", "true", false),
          row("HTTP_056", matches, "body.foo == 'bar'", "", false),
          row("HTTP_057", matches, "body.foo == 'bar'", "\xF0\x9F\x98\x80", false),
          row("HTTP_058", matches, "body.foo == '\xF0\x9F\x92\xA9'", "{\"foo\": \"\xF0\x9F\x98\x80\"}", true),
          row("HTTP_059", lacks, field, nested, true),
          row("HTTP_060", lacks, "body.foo.bar == 'qux'", nested, false),
          row("HTTP_061", lacks, field, "{}", false),
          row("HTTP_062", lacks, "body.foo.bar", nested, false),
          row("HTTP_063", lacks, field, "hello world", false),
          row("HTTP_064", lacks, "!has(body.foo)", "{}", true),
          row("HTTP_065", lacks, "body == 'foo'", "\"foo\"", true),
          row("HTTP_066", lacks, "body[2] == 'baz'", R"(["foo", "bar", "baz"])", true),
          row("HTTP_067", lacks, "body", "true", true),
          row("HTTP_068", lacks, "body.foo == 'bar'", "", false),
          row("HTTP_069", lacks, "body.foo == 'bar'", "\xF0\x9F\x98\x80", false),
          row("HTTP_070", lacks, "body.foo == '\xF0\x9F\x98\x80'", "{\"foo\": \"\xF0\x9F\x98\x80\"}", true)};
}

std::vector<Case> cel_beside_others() {
  const char* both =
      "{fail_if_body_not_matches_regexp: [up], fail_if_body_json_not_matches_cel: body.status == 'up'}";
  const std::string well = reply(200, R"({"status": "up"})"), ill = reply(200, R"({"status": "not up"})");
  const std::string headers_and_cel =
      "{fail_if_header_not_matches: [{header: X, regexp: y}], fail_if_body_json_matches_cel: body.a == 1}";
  const std::string large = fmt::format("{{\"a\": \"{}\", \"b\": 7}}", std::string(500'000, 'x'));
  return {{"OBS_021", both, well, "up", {{kCel, 0}, {kRegex, 0}}},
          {"regex_fails_first", both, reply(200, "{}"), "match/mismatch", {{kCel, 0}, {kRegex, 1}}},
          {"cel_fails_after_regex", both, ill, "match/mismatch", {{kCel, 1}, {kRegex, 0}}},
          {"never_evaluated",
           "fail_if_body_json_matches_cel: body.a == 1",
           reply(500, "{}"),
           "response/status",
           {{kCel, 0}}},
          {"header_fails_first",
           headers_and_cel,
           reply(200, "{\"a\": 1}"),
           "match/mismatch",
           {{kCel, 0}, {kRegex, 1}}},
          {"body_over_limit",
           "{body_size_limit: 10B, fail_if_body_json_matches_cel: body.a == 1}",
           reply(200, "{\"a\": 1}  {}"),
           "response/limit",
           {{kCel, 1}, {kRegex, 0}}},
          {"body_of_a_redirect",
           "{follow_redirects: false, valid_status_codes: [302], fail_if_body_json_matches_cel: body.a == 1}",
           reply(302, "{}", "Location: /x\r\n"),
           "match/mismatch",
           {{kCel, 1}}},
          {"in_slices",
           "fail_if_body_json_not_matches_cel: body.b == 7 && body.a.size() == 500000",
           reply(200, large),
           "up",
           {{kCel, 0}}},
          {"both_checks",
           "{fail_if_body_json_matches_cel: body.a > 1, fail_if_body_json_not_matches_cel: body.a > 0}",
           reply(200, "{\"a\": 1}"),
           "up",
           {{kCel, 0}}}};
}

INSTANTIATE_TEST_SUITE_P(cel, HttpCelConformance, testing::ValuesIn(cel_cases()));
INSTANTIATE_TEST_SUITE_P(cel_beside_others, HttpCelConformance, testing::ValuesIn(cel_beside_others()));

}  // namespace
}  // namespace lookout::test
