// What `labels` take out of a response.
#include "tests/net/http/http_fixture.h"

namespace lookout::test {
namespace {

std::string labels_of(const std::string& yaml, const std::string& answer) {
  ScriptedServer server(answering(answer));
  const Conversed result = probe_http_once(yaml, server.address());
  const Fact* fact = fact_of(result.facts, "probe_expect_info");
  return fact == nullptr ? "none" : fact->labels;
}

TEST(HttpLabels, come_from_body_and_headers) {
  EXPECT_EQ(labels_of("labels: [{name: version, body_regexp: 'version=([0-9.]+)'}, "
                      "{name: server, header: server, regexp: '^(?P<name>\\w+)', value: 'is ${name}'}]",
                      reply(200, "a version=1.2.3 b", "Server: nginx/1.22\r\n")),
            R"(server="is nginx",version="1.2.3")");
}

TEST(HttpLabels, are_empty_where_nothing_matches) {
  EXPECT_EQ(labels_of("labels: [{name: a, body_regexp: '(x)'}, {name: b, header: X, regexp: '(.)'}]",
                      reply(200, "y")),
            R"(a="",b="")");
}

TEST(HttpLabels, are_told_of_a_response_that_is_unwell) {
  EXPECT_EQ(labels_of("labels: [{name: why, body_regexp: '(.*)'}]", reply(503, "overload")),
            R"(why="overload")");
}

TEST(HttpLabels, the_first_value_that_matches_counts) {
  EXPECT_EQ(labels_of("labels: [{name: node, header: Via, regexp: 'node-(.)'}]",
                      reply(200, "", "Via: proxy\r\nVia: node-b\r\nVia: node-c\r\n")),
            R"(node="b")");
}

TEST(HttpLabels, are_one_line_of_text) {
  EXPECT_EQ(labels_of("labels: [{name: a, body_regexp: '(?s)(.*)'}]", reply(200, "x\xff\ny")),
            "a=\"x\xef\xbf\xbd y\"");
  const std::string longest =
      labels_of("labels: [{name: a, body_regexp: '(?s)(.*)'}]", reply(200, std::string(5000, 'x')));
  EXPECT_LT(longest.size(), 1100u);
}

TEST(HttpLabels, are_none_without_an_answer) {
  EXPECT_EQ(labels_of("labels: [{name: a, body_regexp: '(.*)'}]", "no HTTP"), "none");
}

}  // namespace
}  // namespace lookout::test
