// What the tests of CEL share: an expression's outcome as a text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "probes/match/cel.h"
#include "probes/match/json_body.h"

namespace lookout::test {

inline constexpr std::string_view kBody = R"({
  "a": 1, "pi": 3.5, "s": "gr\u00fc\u00df", "n": null, "yes": true, "list": [1, 2, 3], "names": ["x", "y"],
  "deep": {"er": {"est": "treasure"}}, "package": "p", "odd-key": 7, "empty": [], "nothing": {},
  "when": "2026-02-03T04:05:06.5Z", "how_long": "90m", "pattern": "^gr.*", "mixed": [1, "one", null],
  "services": [{"name": "db", "up": true}, {"name": "web", "up": false}, {"name": "cache"}]
})";

// "true", "false", "a value of double", or "error: ...".
inline std::string outcome(const std::string& expression, std::string_view body = kBody) {
  std::string error;
  const std::optional<Cel> cel = Cel::compile(expression, error);
  if (!cel) return "rejected " + error;
  const cel::Result<cel::Value> document = parse_json(body);
  if (!document) return "no JSON: " + document.error().message;
  const cel::Result<cel::Value> value = cel->evaluate(*document);
  if (!value) return (value.error().limit ? "limit: " : "error: ") + value.error().message;
  if (value->kind() != cel::Kind::boolean) return fmt::format("a value of {}", cel::kind_name(value->kind()));
  return value->as<bool>() ? "true" : "false";
}

inline void expect_true(const std::vector<std::string>& expressions) {
  for (const std::string& expression : expressions) EXPECT_EQ(outcome(expression), "true") << expression;
}

inline void expect_outcomes(const std::vector<std::pair<std::string, std::string>>& rows) {
  for (const auto& [expression, expected] : rows) EXPECT_EQ(outcome(expression), expected) << expression;
}

}  // namespace lookout::test
