#include "probes/match/regex.h"

#include <vector>

#include <gtest/gtest.h>

namespace lookout {
namespace {

Regex compiled(std::string_view pattern) {
  std::string error;
  std::optional<Regex> regex = Regex::compile(std::string(pattern), error);
  EXPECT_TRUE(regex) << pattern << ": " << error;
  return regex ? *regex : Regex();
}

TEST(Regex, MatchesAsGoDoes) {
  struct Case {
    std::string_view pattern, text;
    bool matches;
  };
  const std::vector<Case> cases{
      {"", "anything", true},
      {"b", "abc", true},
      {"^b", "abc", false},
      {"^b", "a\nb", false},
      {"(?m)^b", "a\nb", true},
      {"a.b", "a\nb", false},
      {"(?s)a.b", "a\nb", true},
      {"(?i)ABC", "xabcx", true},
      {"^220.*ESMTP (.*)$", "220 mail ESMTP x", true},
      {"\\d{3}", "ab123", true},
      {"^gr\xC3\xBC.$", "gr\xC3\xBC\xC3\x9F", true},
      {"^a.b$",
       "a\xFF"
       "b",
       true},
      {"^[^x]$", "\xFF", true},
      {"^a..b$",
       "a\xFF"
       "b",
       false},
      {"(?<word>b+)", "abbb", true},
      {"(?P<word>b+)", "abbb", true},
      {"\\x00", std::string_view("a\0b", 3), true},
  };
  for (const Case& row : cases)
    EXPECT_EQ(compiled(row.pattern).matches(row.text), row.matches) << row.pattern << " " << row.text;
  EXPECT_TRUE(Regex().matches(""));
}

TEST(Regex, NamedGroupsAreLeftAloneWhereTheyAreText) {
  EXPECT_TRUE(compiled("(?<a>x)[(?<b>]\\(?<c>").matches("x?(<c>"));
  EXPECT_TRUE(compiled("(?<a>x)\\Q(?<b>\\E").matches("x(?<b>"));
}

TEST(Regex, BadPatternsSayWhy) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {":[", "missing ]: ["},
      {"(", "missing ): ("},
      {"a**", "bad repetition operator: **"},
      {"(?=x)", "invalid perl operator: (?="},
      {"(?<=x)", "invalid perl operator: (?<"},
      {"\\8", "invalid escape sequence: \\8"},
      {"a\\C", "invalid escape sequence: \\C"},
      {"\\Q\\\\E\\C", "invalid escape sequence: \\C"},
      {"a{2000}", "invalid repetition size: {2000}"}};
  for (const auto& [pattern, reason] : cases) {
    std::string error;
    EXPECT_FALSE(Regex::compile(std::string(pattern), error)) << pattern;
    EXPECT_EQ(error, reason) << pattern;
  }
}

TEST(Regex, OneByteIsLeftAloneWhereItIsText) {
  EXPECT_TRUE(compiled("\\\\C").matches("\\C"));
  EXPECT_TRUE(compiled("\\Q\\C").matches("\\C"));
}

TEST(Regex, HostilePatternsAndTextsTakeLinearTime) {
  EXPECT_FALSE(compiled("^(a+)+$").matches(std::string(100'000, 'a') + "b"));
  std::string error;
  EXPECT_FALSE(Regex::compile(std::string(100'000, '('), error));
  EXPECT_FALSE(Regex::compile("((((a{1000}){1000}){1000}){1000})", error));
}

TEST(Regex, GroupsThatTookNoPartAreEmpty) {
  const Regex regex = compiled("(a)|(b)(?P<rest>.*)");
  EXPECT_EQ(regex.groups("bcd"), (std::vector<std::string>{"bcd", "", "b", "cd"}));
  EXPECT_EQ(regex.groups("xyz"), std::nullopt);
  EXPECT_EQ(Regex().groups(""), std::vector<std::string>{""});
}

TEST(Regex, TemplatesExpandByGosRules) {
  const Regex regex = compiled("(?P<first>\\w+) (\\w+)");
  const std::vector<std::string> groups = *regex.groups("hello world");
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"$1", "hello"},
      {"${2}", "world"},
      {"$first", "hello"},
      {"${first}!", "hello!"},
      {"$0", "hello world"},
      {"$1x", ""},
      {"${1}x", "hellox"},
      {"$1_$2", "world"},
      {"$$1", "$1"},
      {"$", "$"},
      {"a$", "a$"},
      {"${", "${"},
      {"${1", "${1"},
      {"${}", "${}"},
      {"$9", ""},
      {"$01", ""},
      {"$nobody-", "-"},
      {"$-$1", "$-hello"},
      {"plain", "plain"},
      {"", ""},
      {"$99999999999", ""},
      {"${first second}", "${first second}"},
      {"$2$1", "worldhello"},
  };
  for (const auto& [replacement, expanded] : cases)
    EXPECT_EQ(regex.expand(replacement, groups), expanded) << replacement;
}

std::string problems_of(std::string_view yaml) {
  Problems problems("f");
  Regex regex;
  read_value(*parse_yaml(yaml, problems), regex, problems);
  std::string text;
  for (const Problem& problem : problems.sorted()) text += describe(problem) + "\n";
  return text;
}

TEST(Regex, ABadPatternInTheConfigurationIsLocated) {
  EXPECT_EQ(problems_of("\n  ':['"),
            "f:2:3: \":[\" is no regular expression: missing ]: [; correct it, with \\ before characters "
            "that stand for themselves\n");
  EXPECT_EQ(problems_of("a(?!b)"),
            "f:1:1: \"a(?!b)\" is no regular expression: invalid perl operator: (?!; RE2 has no look-around, "
            "write it without\n");
  EXPECT_EQ(problems_of("[a]"), "f:1:1: a list stands where a single value is expected; write one value\n");
  EXPECT_EQ(problems_of("'[a]'"), "");
}

TEST(Regex, PrintsAndComparesByItsPattern) {
  EXPECT_EQ(print_config(compiled("a|b")), "a|b");
  EXPECT_EQ(compiled("a"), compiled("a"));
  EXPECT_FALSE(compiled("a") == compiled("b"));
}

TEST(RegexSubject, IsRepairedOnceForAllPatterns) {
  const std::string text =
      "a\xff"
      "b";
  const RegexSubject subject(text);
  std::string error;
  const auto dot = Regex::compile("^a.b$", error), other = Regex::compile("^a\\x{FFFD}b$", error);
  ASSERT_TRUE(dot && other) << error;
  EXPECT_TRUE(dot->matches(subject));
  const std::string* const repaired = subject.repaired();
  ASSERT_NE(repaired, nullptr);
  EXPECT_TRUE(other->matches(subject));
  EXPECT_EQ(subject.repaired(), repaired) << "the same text, not another one";
  EXPECT_EQ(RegexSubject("plain").repaired(), nullptr);
}

}  // namespace
}  // namespace lookout
