#include "probes/match/cel.h"

#include <chrono>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "probes/match/json_body.h"

namespace lookout {
namespace {

constexpr std::string_view kBody = R"({
  "a": 1, "pi": 3.5, "s": "gr\u00fc\u00df", "n": null, "yes": true, "list": [1, 2, 3], "names": ["x", "y"],
  "deep": {"er": {"est": "treasure"}}, "package": "p", "odd-key": 7, "empty": [], "nothing": {},
  "when": "2026-02-03T04:05:06.5Z", "how_long": "90m", "pattern": "^gr.*", "mixed": [1, "one", null],
  "services": [{"name": "db", "up": true}, {"name": "web", "up": false}, {"name": "cache"}]
})";

// "true", "false", "a value of double", or "error: ...".
std::string outcome(const std::string& expression, std::string_view body = kBody) {
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

void expect_true(const std::vector<std::string>& expressions) {
  for (const std::string& expression : expressions) EXPECT_EQ(outcome(expression), "true") << expression;
}

void expect_outcomes(const std::vector<std::pair<std::string, std::string>>& rows) {
  for (const auto& [expression, expected] : rows) EXPECT_EQ(outcome(expression), expected) << expression;
}

TEST(Cel, Precedence) {
  expect_true({"1 + 2 * 3 == 7",
               "(1 + 2) * 3 == 9",
               "10 - 4 - 3 == 3",
               "24 / 4 / 2 == 3",
               "7 % 4 * 2 == 6",
               "-2 * -3 == 6",
               "!false && true",
               "true || false && false",
               "false == false || false",
               "1 + 1 == 2 && 2 + 2 == 4",
               "1 in [1, 2] == true",
               "true ? true : false ? false : false",
               "(false ? 1 : 2) == 2",
               "false ? 1 == 2 : true",
               "!!true",
               "--1 == 1",
               "- 1 == -1",
               "1 - -1 == 2",
               "!(1 > 2)",
               "[1, 2][1] + 1 == 3",
               "1 < 2 == true",
               "{'a': 1}.a == 1",
               "{'a': [{'b': 2}]}.a[0].b == 2",
               "-[3][0] == -3",
               "5 - 2 > 2 - 5"});
}

TEST(Cel, Literals) {
  expect_true({"0x1F == 31",
               "0xffu == 255u",
               "12u + 1u == 13u",
               "-9223372036854775808 < 0",
               "1e3 == 1000.0",
               ".5 == 0.5",
               "1.5E-1 == 0.15",
               "1e2 == 100.0",
               "18446744073709551615u > 0u",
               "'a' == \"a\"",
               "'''a'b''' == \"a'b\"",
               "\"\"\"a\"b\nc\"\"\" == 'a\"b\\nc'",
               "r'\\d' == '\\\\d'",
               "R\"a\\\"b\" == 'a\\\\\"b'",
               "'\\x41\\102\\u0043' == 'ABC'",
               "'\\U0001F600' == '\xF0\x9F\x98\x80'",
               "'\\u00fc' == '\\xfc'",
               "b'\\xff'.size() == 1",
               "b'\xC3\xBC' == b'\\xc3\\xbc'",
               "'\xC3\xBC'.size() == 1",
               "br'\\n'.size() == 2",
               "'\\a\\b\\f\\v\\?\\`' != ''",
               "null == null",
               "[1, 2,] == [1, 2]",
               "{'a': 1,} == {'a': 1}",
               "[] == []",
               "{} == {}",
               "{1: 'i', true: 'b', 2u: 'u'}[1] == 'i'",
               "true // with a comment",
               "\n\t true\f",
               "'''a\r\nb''' == 'a\\nb'"});
}

TEST(Cel, NumbersOfABodyAreDoublesThatEqualAllNumbers) {
  expect_true({"body.a == 1",
               "body.a == 1u",
               "body.a == 1.0",
               "1 == body.a",
               "body.a != 2",
               "body.a + 1.0 == 2.0",
               "body.a < 2",
               "body.a <= 1u",
               "body.pi > 3",
               "body.pi >= 3.5",
               "2 > body.a",
               "type(body.a) == double",
               "body.a in [1, 2]",
               "2 in body.list",
               "2u in body.list",
               "!(4 in body.list)",
               "int(body.pi) == 3",
               "body.list[1] == 2",
               "body.list[body.a] == 2",
               "dyn(1) == dyn(1.0)",
               "dyn(1) < dyn(1.5)",
               "dyn(9007199254740993) != dyn(9007199254740992.0)",
               "dyn(18446744073709551615u) > dyn(-1)",
               "dyn(-1) < dyn(0u)",
               "{1: 2}[dyn(1.0)] == 2",
               "{1: 2}[dyn(1u)] == 2"});
  EXPECT_EQ(outcome("body.x == 1.1 && body.y == 0.1 && body.z == 123456789.123456789",
                    R"({"x":1.1,"y":0.1,"z":123456789.123456789})"),
            "true");
  EXPECT_EQ(outcome("body == 9007199254740993", "9007199254740993"), "false");
  expect_outcomes(
      {{"body.a + 1 == 2",
        "error: + does not take double and int; JSON's numbers are doubles, so write 1.0 for 1, or int(...)"},
       {"body.a % 2 == 0",
        "error: % does not take double and int; JSON's numbers are doubles, so write 1.0 for 1, or "
        "int(...)"}});
}

TEST(Cel, FieldsItemsAndPresence) {
  expect_true({"body.deep.er.est == 'treasure'",
               "body['deep']['er'].est == 'treasure'",
               "body[\"odd-key\"] == 7",
               ".body.a == 1",
               "has(body.a)",
               "has(body.n)",
               "!has(body.z)",
               "!has(body.a.b)",
               "!has(body.list.b)",
               "has(body.deep.er)",
               "body.n == null",
               "body.package == 'p'",
               "'a' in body",
               "!('z' in body)",
               "!(1 in body)",
               "'x' in body.names",
               "'k' in {'k': 1}",
               "size(body.list) == 3",
               "body.s.size() == 4",
               "body.deep.size() == 1",
               "body.list == [1, 2, 3]",
               "body.list != [1, 2]",
               "body.nothing == {}",
               "body.deep == {'er': {'est': 'treasure'}}",
               "body.mixed[2] == null",
               "body.list + [4] == [1, 2, 3, 4]",
               "body.s == 'gr\xC3\xBC\xC3\x9F'",
               "body.s != 1",
               "body.s != null",
               "body.mixed[1] == 'one'"});
  expect_outcomes({{"body.z == 1", "error: there is no key \"z\""},
                   {"body.a.b == 1", "error: double has no field \"b\""},
                   {"has(body.z.y)", "error: there is no key \"z\""},
                   {"body.list[3] == 1", "error: a list of 3 has no item 3"},
                   {"body.list[-1] == 1", "error: a list of 3 has no item -1"},
                   {"body.list[0.5] == 1", "error: a list has no item 0.5; write a whole number"},
                   {"body[1] == 1", "error: there is no key 1"},
                   {"1 in body.s", "error: in does not take int and string"},
                   {"body.yes.x", "error: bool has no field \"x\""},
                   {"body.a", "a value of double"},
                   {"body.names", "a value of list"}});
}

TEST(Cel, ErrorsAreAbsorbedByADecisiveSide) {
  expect_true({"body.z == 1 || true", "true || body.z == 1", "!(body.z == 1 && false)",
               "!(false && body.z == 1)", "body.a || true", "true || body.a", "!(body.s && false)",
               "true ? true : body.z", "!has(body.z) || body.z > 1", "1 / 0 == 1 || body.yes || body.z",
               "[1, 0].exists(x, 1 / x == 1)", "![0, 1].all(x, 1 / x == 2)"});
  expect_outcomes({{"body.z == 1 || false", "error: there is no key \"z\""},
                   {"false || body.z == 1", "error: there is no key \"z\""},
                   {"true && body.z == 1", "error: there is no key \"z\""},
                   {"body.a && true", "error: a condition is double and not true or false"},
                   {"[1, 0].all(x, 1 / x == 1)", "error: division by zero"},
                   {"[0, 2].exists(x, 1 / x == 1)", "error: division by zero"},
                   {"body.a ? true : false", "error: a condition is double and not true or false"}});
}

TEST(Cel, Macros) {
  expect_true({"body.list.all(x, x > 0)",
               "!body.list.all(x, x > 1)",
               "body.list.exists(x, x == 2)",
               "!body.list.exists(x, x == 5)",
               "body.list.exists_one(x, x == 2)",
               "body.list.existsOne(x, x > 2)",
               "!body.list.exists_one(x, x > 1)",
               "body.list.map(x, x * 2.0) == [2.0, 4.0, 6.0]",
               "body.list.map(x, x > 1, x + 1.0) == [3.0, 4.0]",
               "body.list.filter(x, x > 1) == [2, 3]",
               "body.empty.all(x, false)",
               "!body.empty.exists(x, true)",
               "body.deep.all(k, k == 'er')",
               "{'a': 1, 'b': 2}.exists(k, k == 'b')",
               "body.services.filter(s, has(s.up) && s.up).map(s, s.name) == ['db']",
               "body.services.exists(s, s.name == 'web' && !s.up)",
               "[[1, 2], [3]].all(row, row.all(x, x > 0))",
               "[1, 2].map(x, [3, 4].map(y, x * y)) == [[3, 4], [6, 8]]",
               "[1].all(body, body == 1)",
               "[1, 2].map(x, x).size() == 2"});
  expect_outcomes(
      {{"body.a.all(x, true)", "error: a macro goes through a list or a map, and not double"},
       {"body.list.exists_one(x, x.y == 1)", "error: double has no field \"y\""},
       {"body.list.filter(x, body.a) == []", "error: a condition is double and not true or false"}});
}

TEST(Cel, Texts) {
  expect_true({"body.s.contains('r')", "body.s.startsWith('gr')", "body.s.endsWith('\xC3\x9F')",
               "!body.s.contains('q')", "body.s.matches('^g.*\xC3\x9F$')", "matches(body.s, 'r')",
               "!body.s.matches('^r')", "body.s.matches(body.pattern)", "'a' + 'b' == 'ab'",
               "b'a' + b'b' == b'ab'", "'a' < 'b'", "'B' < 'a'", "b'a' < b'b'", "'' in ['']", "false < true",
               "size('') == 0"});
  expect_outcomes({{"body.a.contains('1')", "error: contains does not take double and string"},
                   {"body.s.matches(body.s + '(')",
                    "error: a pattern is no regular expression: missing ): gr\xC3\xBC\xC3\x9F("}});
}

TEST(Cel, ConversionsAndTypes) {
  expect_true({"int('5') == 5",
               "int('-5') == -5",
               "int(5u) == 5",
               "int(-5.9) == -5",
               "uint('7') == 7u",
               "uint(7.9) == 7u",
               "double('1.5') == 1.5",
               "double(3) == 3.0",
               "string(1) == '1'",
               "string(1.5) == '1.5'",
               "string(1000000.0) == '1e+06'",
               "string(true) == 'true'",
               "string(2u) == '2'",
               "string(b'abc') == 'abc'",
               "bytes('abc') == b'abc'",
               "bool('true')",
               "!bool('0')",
               "string('x') == 'x'",
               "type(1) == int",
               "type('') == string",
               "type(null) == null_type",
               "type([]) == list",
               "type({}) == map",
               "type(1u) == uint",
               "type(true) == bool",
               "type(b'') == bytes",
               "type(type(1)) == type",
               "type(timestamp(0)) == google.protobuf.Timestamp",
               "type(duration('1s')) == google.protobuf.Duration",
               "type(body.s) == string",
               "dyn('a') != dyn(1)",
               "string(int(body.a)) == '1'"});
  expect_outcomes({{"int('x') == 1", "error: \"x\" is no int"},
                   {"int('1.5') == 1", "error: \"1.5\" is no int"},
                   {"uint(-1) == 1u", "error: a number is beyond what uint holds"},
                   {"int(1e30) == 1", "error: a number is beyond what int holds"},
                   {"int(18446744073709551615u) == 1", "error: a number is beyond what int holds"},
                   {"bool('yes')", "error: \"yes\" is no bool"},
                   {"string(b'\\xff') == ''", "error: bytes that are no UTF-8 are no string"},
                   {"string(body.n) == ''", "error: string does not take null_type"}});
}

TEST(Cel, ArithmeticNeverOverflowsUnnoticed) {
  expect_outcomes({{"9223372036854775807 + 1 > 0", "error: a result is beyond what int holds"},
                   {"-9223372036854775808 - 1 > 0", "error: a result is beyond what int holds"},
                   {"9223372036854775807 * 2 > 0", "error: a result is beyond what int holds"},
                   {"-9223372036854775808 / -1 > 0", "error: a result is beyond what int holds"},
                   {"-9223372036854775808 % -1 == 0", "error: a result is beyond what int holds"},
                   {"-(-9223372036854775808) > 0", "error: a result is beyond what int holds"},
                   {"0u - 1u > 0u", "error: a result is beyond what uint holds"},
                   {"18446744073709551615u + 1u > 0u", "error: a result is beyond what uint holds"},
                   {"18446744073709551615u * 2u > 0u", "error: a result is beyond what uint holds"},
                   {"1 / 0 == 1", "error: division by zero"},
                   {"1u / 0u == 1u", "error: division by zero"},
                   {"1 % 0 == 1", "error: remainder of a division by zero"},
                   {"1.0 / 0.0 > 1e308", "true"},
                   {"0.0 / 0.0 == 0.0 / 0.0", "false"},
                   {"0.0 / 0.0 < 1.0", "error: double and double have no order"},
                   {"-7 / 2 == -3", "true"},
                   {"-7 % 2 == -1", "true"}});
}

TEST(Cel, Times) {
  expect_true({"timestamp(body.when) > timestamp('2026-02-03T04:05:06Z')",
               "timestamp(body.when) - timestamp('2026-02-03T04:05:06Z') == duration('500ms')",
               "timestamp('2026-02-03T04:05:06+02:00') == timestamp('2026-02-03T02:05:06Z')",
               "duration(body.how_long) == duration('1h30m')",
               "timestamp(0) + duration('24h') == timestamp('1970-01-02T00:00:00Z')",
               "duration('1h') + timestamp(0) == timestamp(3600)",
               "timestamp(3600) - duration('1h') == timestamp(0)",
               "duration('1m') - duration('1s') == duration('59s')",
               "timestamp(body.when).getFullYear() == 2026",
               "timestamp(body.when).getMonth() == 1",
               "timestamp(body.when).getDayOfMonth() == 2",
               "timestamp(body.when).getDate() == 3",
               "timestamp(body.when).getDayOfWeek() == 2",
               "timestamp(body.when).getDayOfYear() == 33",
               "timestamp(body.when).getHours() == 4",
               "timestamp(body.when).getMinutes() == 5",
               "timestamp(body.when).getSeconds() == 6",
               "timestamp(body.when).getMilliseconds() == 500",
               "timestamp(body.when).getHours('+02:30') == 6",
               "timestamp(body.when).getDate('-05:00') == 2",
               "timestamp(body.when).getHours('UTC') == 4",
               "duration('90m').getHours() == 1",
               "duration('90m').getMinutes() == 90",
               "duration('1.5s').getMilliseconds() == 1500",
               "duration('90s').getSeconds() == 90",
               "string(duration('90m')) == '5400s'",
               "string(duration('-1.5s')) == '-1.5s'",
               "string(timestamp(body.when)) == body.when",
               "int(timestamp('1970-01-01T00:01:00Z')) == 60",
               "duration('1h') < duration('2h')",
               "timestamp(1) != timestamp(2)",
               "timestamp('0001-01-01T00:00:00Z') < timestamp(0)",
               "timestamp('9999-12-31T23:59:59.999999999Z') > timestamp(0)",
               "timestamp('2024-02-29T00:00:00Z').getDayOfYear() == 59",
               "timestamp('1969-12-31T23:59:59.5Z') < timestamp(0)"});
  expect_outcomes(
      {{"timestamp('yesterday') > timestamp(0)", "error: \"yesterday\" is no timestamp"},
       {"timestamp('2026-02-30T00:00:00Z') > timestamp(0)",
        "error: \"2026-02-30T00:00:00Z\" is no timestamp"},
       {"timestamp('2026-02-03T04:05:06') > timestamp(0)", "error: \"2026-02-03T04:05:06\" is no timestamp"},
       {"duration('5') > duration('1s')", "error: \"5\" is no duration"},
       {"timestamp('9999-12-31T23:59:59Z') + duration('1s') > timestamp(0)",
        "error: a result is beyond what a timestamp holds"},
       {"timestamp(0).getHours('Mars') == 1",
        "error: \"Mars\" is no time zone; write UTC or an offset like +02:00"},
       {"timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z') > duration('1s')",
        "error: a result is beyond what a duration holds"}});
}

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
}  // namespace lookout
