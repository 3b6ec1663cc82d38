// What is rejected at load, and what ends an evaluation.
#include <chrono>

#include "tests/unit/match/cel_outcome.h"

namespace lookout::test {
namespace {

TEST(Cel, CEL_001_AFieldAgainstAText) { EXPECT_EQ(outcome("body.foo == 'bar'", R"({"foo":"bar"})"), "true"); }

TEST(Cel, CEL_002_AnUnknownNameIsRejected) {
  EXPECT_EQ(outcome("foo.bar"),
            "rejected at column 1: there is no \"foo\"; the response is \"body\", so write body.foo, or "
            "quote a text");
}

TEST(Cel, CEL_003_AnEmptyExpressionIsRejected) {
  EXPECT_EQ(outcome(""),
            "rejected at column 1: the expression is empty; write one, e.g. body.status == \"up\"");
  EXPECT_EQ(outcome(" // nothing"), outcome(""));
}

TEST(Cel, MistakesAreFoundAtLoadAndSayWhere) {
  expect_outcomes({
      {"body.a = 1", "rejected at column 8: \"=\" means nothing here; compare with =="},
      {"body.a == ", "rejected at column 11: the expression ends where a value is expected"},
      {"body.a ==\n  1 +", "rejected at line 2, column 6: the expression ends where a value is expected"},
      {"(body.a == 1", "rejected at column 13: the expression ends where \")\" is expected"},
      {"body.a == 1)", "rejected at column 12: \")\" stands where the expression could end"},
      {"body.a == 'x", "rejected at column 11: a text is not closed; end it with '"},
      {"'\\q'",
       "rejected at column 2: there is no such escape; write \\\\ for a backslash, or a raw text r\"...\""},
      {"'\\ud800'",
       "rejected at column 3: an escape names no character; write \\ooo, \\xhh, \\uhhhh or \\Uhhhhhhhh"},
      {"body.x & true", "rejected at column 8: \"&\" means nothing here; write &&"},
      {"9223372036854775808 > 0", "rejected at column 1: the number \"9223372036854775808\" is out of range"},
      {"1e999 > 0.0", "rejected at column 1: the number \"1e999\" is out of range"},
      {"bodi.a == 1", "rejected at column 1: there is no \"bodi\"; did you mean \"body\"?"},
      {"body.s.startswith('a')",
       "rejected at column 8: there is no function \"startswith\"; did you mean \"startsWith\"?"},
      {"frobnicate(body)", "rejected at column 1: there is no function \"frobnicate\""},
      {"body.s.contains()",
       "rejected at column 8: contains is written x.contains(...), with 1 in the parentheses"},
      {"contains(body.s, 'a')",
       "rejected at column 1: contains is written x.contains(...), with 1 in the parentheses"},
      {"size()", "rejected at column 1: size is written size(...), with 1 in the parentheses"},
      {"body.all(x)", "rejected at column 6: there is no function \"all\""},
      {"body.all(x.y, true)",
       "rejected at column 12: the macro's first argument is to be a plain name, the variable's"},
      {"body.list.all(x, x > 1) && x > 1",
       "rejected at column 28: there is no \"x\"; the response is \"body\", so write body.x, or quote a "
       "text"},
      {"has(body)", "rejected at column 5: has() asks for a field; write has(body.field)"},
      {"has()", "rejected at column 1: there is no function \"has\""},
      {"1 + 'a' == 2",
       "rejected at column 3: + does not take int and string; convert one, e.g. with string(...) or "
       "double(...)"},
      {"1 == 'a'",
       "rejected at column 3: == does not take int and string; convert one, e.g. with string(...) or "
       "double(...)"},
      {"1 == 1.0",
       "rejected at column 3: == does not take int and double; convert one, e.g. with string(...) or "
       "double(...)"},
      {"1 < 1.5",
       "rejected at column 3: < does not take int and double; convert one, e.g. with string(...) or "
       "double(...)"},
      {"size(body) > 1.5",
       "rejected at column 12: > does not take int and double; convert one, e.g. with string(...) or "
       "double(...)"},
      {"'a' in [1]",
       "rejected at column 5: in does not take string and list(int); convert one, e.g. with string(...) or "
       "double(...)"},
      {"[1] == ['a']",
       "rejected at column 5: == does not take list(int) and list(string); convert one, e.g. with "
       "string(...) or double(...)"},
      {"true && 1",
       "rejected at column 9: a side of && is int, and must be true or false; compare it with something"},
      {"body.list.all(x, 'a')",
       "rejected at column 18: the condition of a macro is string, and must be true or false; compare it "
       "with something"},
      {"1 ? true : false",
       "rejected at column 1: what stands before ? is int, and must be true or false; compare it with "
       "something"},
      {"true ? 1 : 'a'", "rejected at column 6: both sides of : must be of one type, not int and string"},
      {"'abc'.foo", "rejected at column 7: string has no fields, so not \"foo\""},
      {"'abc'.all(c, true)",
       "rejected at column 1: a macro goes through a list or a map, which string is not"},
      {"body.s.matches('(')", "rejected at column 16: \"(\" is no regular expression: missing ): ("},
      {"{1.5: 2} == {}", "rejected at column 2: double is no key; write a text or a whole number"},
      {"-'a' == 'b'",
       "rejected at column 1: - does not take string; convert one, e.g. with string(...) or double(...)"},
      {"!1", "rejected at column 1: ! does not take int; convert one, e.g. with string(...) or double(...)"},
      {"body.in == 1",
       "rejected at column 6: a field's name is expected after the point; write others as [\"name\"]"},
      {"if == 1", "rejected at column 1: \"if\" is a reserved word"},
      {"Message{a: 1}", "rejected at column 8: messages cannot be built here; write a map {\"key\": value}"},
      {"body.a body.b", "rejected at column 8: \"body\" stands where the expression could end"},
      {"rb'a' == b'a'", "rejected at column 3: \"'a'\" stands where the expression could end"},
      {"'a' + \xFF", "rejected at column 1: the expression is not UTF-8"},
      {"[1, 2", "rejected at column 6: the expression ends where \"]\" is expected"},
      {"a ? b", "rejected at column 6: the expression ends where \":\" is expected"},
      {"size(,)", "rejected at column 6: \",\" stands where a value is expected"},
  });
}

TEST(Cel, NoExpressionIsTooDeepForTheStack) {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '(') + "true" + std::string(levels, ')');
  };
  EXPECT_EQ(outcome(nested(200)), "true");
  EXPECT_EQ(outcome(nested(300)), "rejected at column 251: more than 250 levels; write a simpler expression");
  EXPECT_EQ(outcome(nested(40'000)), outcome(nested(300)));
  std::string sum = "1", fields = "body", signs(50'001, '-'), chain = "true";
  for (int i = 0; i < 2'000; ++i) {
    sum += " + 1";
    fields += ".a";
    chain += " && true";
  }
  EXPECT_NE(outcome(sum + " > 0").find("more than 250 levels"), std::string::npos);
  EXPECT_NE(outcome(fields + " == 0").find("more than 250 levels"), std::string::npos);
  EXPECT_EQ(outcome(signs + "1 < 0"), "true");
  EXPECT_EQ(outcome(chain), "true");
  EXPECT_NE(outcome(std::string(200'000, ' ')).find("longer than 100000 bytes"), std::string::npos);
}

TEST(Cel, EvaluationEndsAfterABoundedNumberOfSteps) {
  std::string numbers = "[0";
  for (int i = 1; i < 2'000; ++i) numbers += fmt::format(",{}", i);
  numbers += "]";
  const std::string text = "{\"s\": \"" + std::string(4'000'000, 'a') + "\"}";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome("body.all(x, body.all(y, body.all(z, x + y + z >= 0.0)))", numbers),
            "limit: the expression takes too many steps for this body");
  EXPECT_EQ(outcome("body.map(x, body.map(y, x)) == []", numbers),
            "limit: the expression takes too many steps for this body");
  EXPECT_EQ(outcome("body.exists(x, body + body + body == [])", numbers),
            "limit: the expression takes too many steps for this body");
  EXPECT_EQ(outcome("body.exists(x, string(x).matches('a' + string(x)))", numbers),
            "limit: the expression takes too many steps for this body");
  EXPECT_EQ(outcome("body.exists(x, x.y == 1) || body.exists(x, body.exists(y, x.y == 1))", numbers),
            "limit: the expression takes too many steps for this body");
  EXPECT_EQ(outcome("body.s + body.s + body.s == ''", text),
            "limit: the expression takes too many steps for this body");
  EXPECT_EQ(outcome("body.s.contains('b')", text), "false");
  EXPECT_EQ(outcome("true || body.all(x, body.all(y, body.all(z, true)))", numbers), "true");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace lookout::test
