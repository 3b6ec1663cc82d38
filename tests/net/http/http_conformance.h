// One case of the conformance suite for http: a module, an answer, and what comes of it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tests/net/http/http_fixture.h"

namespace lookout::test {

struct HttpCase {
  const char* id;
  std::string yaml;
  std::string answer;
  const char* expected;  // stage/cause, or up
  std::vector<std::pair<std::string, double>> facts = {};
};

inline void PrintTo(const HttpCase& row, std::ostream* out) { *out << row.id; }

class HttpConformance : public testing::TestWithParam<HttpCase> {};

inline void expect_case(const HttpCase& row) {
  ScriptedServer server(answering(row.answer));
  const Conversed result = probe_http_once(row.yaml, "http://" + server.address());
  EXPECT_EQ(key_of(result.failure), row.expected) << (result.failure ? result.failure->detail : "");
  for (const auto& [metric, value] : row.facts) EXPECT_EQ(value_of(result.facts, metric), value) << metric;
}

inline constexpr auto kContentLength = "probe_http_content_length";
inline constexpr auto kBodyLength = "probe_http_uncompressed_body_length";
inline constexpr auto kRegex = "probe_failed_due_to_regex";

inline constexpr auto kCel = "probe_failed_due_to_cel";

}  // namespace lookout::test
