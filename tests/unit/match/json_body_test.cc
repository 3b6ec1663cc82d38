#include "probes/match/json_body.h"

#include <gtest/gtest.h>

namespace lookout {
namespace {

std::string mistake(std::string_view text) {
  const cel::Result<cel::Value> value = parse_json(text);
  return value ? "none" : (value.error().limit ? "limit: " : "") + value.error().message;
}

bool same(std::string_view left, std::string_view right) {
  cel::Budget budget(1000);
  return cel::equal(*parse_json(left), *parse_json(right), budget);
}

TEST(JsonBody, ReadsWhatGoReads) {
  for (std::string_view text :
       {"null", "true", " 1 ", "\"x\"", "[]", "{}", "[1, [2, {\"a\": []}], \"\"]", "\n{\"a\":1}\n", "-0",
        "1e-999", "\"\xF0\x9F\x98\x80\"", "\"\\ud83d\\ude00\"", "1.7976931348623157e308", "0.1e1"}) {
    EXPECT_EQ(mistake(text), "none") << text;
  }
  EXPECT_TRUE(same("{\"a\": 1, \"b\": 2}", "{\"b\": 2.0, \"a\": 1}"));
  EXPECT_TRUE(same("{\"a\": 1, \"a\": 2}", "{\"a\": 2}"));
  EXPECT_FALSE(same("[1, 2]", "[2, 1]"));
  EXPECT_EQ(parse_json("0.1")->as<double>(), 0.1);
  EXPECT_EQ(parse_json("123456789012345678901234567890")->as<double>(), 123456789012345678901234567890.0);
  EXPECT_EQ(parse_json("\"a\xFF"
                       "b\"")
                ->text(),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(JsonBody, SaysWhatIsNoJson) {
  EXPECT_EQ(mistake(""), "the body is no JSON: it is empty or begins as none");
  EXPECT_EQ(mistake("<html>"), "the body is no JSON: it is empty or begins as none");
  EXPECT_EQ(mistake("\xF0\x9F\x98\x80"), "the body is no JSON: it is empty or begins as none");
  EXPECT_EQ(mistake("{\"a\": nope}"), "the body is no JSON, at byte 7");
  EXPECT_EQ(mistake("{\"a\": 1"), "the body is no JSON, at byte 8");
  EXPECT_EQ(mistake("[1,]"), "the body is no JSON, at byte 4");
  EXPECT_EQ(mistake("[1] // comment"), "the body is JSON followed by something else, at byte 5");
  EXPECT_EQ(mistake("{} {}"), "the body is JSON followed by something else, at byte 4");
  EXPECT_EQ(mistake("1e999"), "the body is no usable JSON: a number in it is beyond what a double holds");
}

TEST(JsonBody, HasLimits) {
  EXPECT_EQ(mistake(std::string(400, '[') + std::string(400, ']')), "none");
  EXPECT_EQ(mistake(std::string(100'000, '[')), "limit: the body is JSON of more than 500 levels");
  std::string many = "[1";
  for (int i = 0; i < 2'000'000; ++i) many += ",1";
  EXPECT_EQ(mistake(many + "]"), "limit: the body is no usable JSON: its values take more than 32 MiB");
  EXPECT_EQ(mistake(std::string(5'000, '1')),
            "limit: the body is no usable JSON: a number in it is too long");
}

TEST(JsonBody, SlicesMayCutAnywhere) {
  const std::string text =
      R"({"key": ["text \u00fc \ud83d\ude00", 123.456e2, true, null], "other": {"a": -17}})";
  for (std::size_t size = 1; size < text.size(); ++size) {
    JsonBody body;
    for (std::size_t at = 0; at < text.size(); at += size)
      ASSERT_TRUE(body.feed(std::string_view(text).substr(at, size)));
    const cel::Result<cel::Value> value = body.finish();
    cel::Budget budget(1000);
    ASSERT_TRUE(value && cel::equal(*value, *parse_json(text), budget)) << size;
  }
}

}  // namespace
}  // namespace lookout
