#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "probes/core/config_visitor.h"

namespace lookout {

enum class Colour { unset, red, green };
std::span<const std::string_view> config_names(Colour) {
  static constexpr std::array<std::string_view, 3> kNames{"", "red", "green"};
  return kNames;
}

struct Inner {
  std::string word = "default";
  int number = 1;
  bool operator==(const Inner&) const = default;
};
template <class Visitor>
void describe(Visitor& v, Inner& inner) {
  v.field("word", inner.word, "A word");
  v.field("number", inner.number, "A number");
}
void validate(const Inner& inner, ConfigReader& reader) {
  if (inner.number > 100) reader.problem("number", "number is above 100; write less");
  if (inner.word.empty()) reader.problem("word", "word must not be empty");
}

struct Outer {
  bool flag = true;
  std::int64_t large = 0;
  std::uint16_t port = 0;
  double ratio = 0;
  std::string text = "kept";
  Duration wait = std::chrono::seconds(1);
  Secret secret;
  ByteSize size;
  Colour colour{};
  Inner inner;
  std::optional<Inner> maybe;
  std::vector<int> numbers;
  std::vector<Inner> inners;
  std::map<std::string, std::string> headers;
};
template <class Visitor>
void describe(Visitor& v, Outer& outer) {
  v.field("flag", outer.flag);
  v.field("large", outer.large);
  v.field("port", outer.port);
  v.field("ratio", outer.ratio);
  v.field("text", outer.text);
  v.field("wait", outer.wait);
  v.field("secret", outer.secret);
  v.field("size", outer.size);
  v.field("colour", outer.colour);
  v.field("inner", outer.inner);
  v.field("maybe", outer.maybe);
  v.field("numbers", outer.numbers);
  v.field("inners", outer.inners);
  v.field("headers", outer.headers);
  v.not_built("later");
}

namespace {

struct Read {
  Outer value;
  std::string problems;
};

Read read(std::string_view text) {
  Problems problems("f");
  Read result;
  const std::optional<YamlNode> node = parse_yaml(text, problems);
  if (node) read_value(*node, result.value, problems);
  for (const Problem& problem : problems.sorted()) result.problems += describe(problem) + "\n";
  return result;
}

TEST(ConfigReader, TakesEveryFormOfAValue) {
  const Read result = read(R"(
flag: Off
large: 0x1F
port: 200.0
ratio: 1
text: 12
wait: "1m30s"
secret: hush
size: 1KB
colour: green
inner: {number: "7" , word: x}
)");
  EXPECT_EQ(result.problems, "f:11:17: number: \"7\" is no integer in quotes; write 7 without them\n");
  EXPECT_FALSE(result.value.flag);
  EXPECT_EQ(result.value.large, 31);
  EXPECT_EQ(result.value.port, 200);
  EXPECT_EQ(result.value.ratio, 1);
  EXPECT_EQ(result.value.text, "12");
  EXPECT_EQ(result.value.wait, std::chrono::seconds(90));
  EXPECT_EQ(result.value.secret.value, "hush");
  EXPECT_EQ(result.value.size.bytes, 1024);
  EXPECT_EQ(result.value.colour, Colour::green);
}

TEST(ConfigReader, IntegersComeInYamlsForms) {
  const std::vector<std::pair<std::string_view, std::int64_t>> cases{
      {"10", 10},   {"-3", -3},      {"+3", 3}, {"0x10", 16}, {"0o17", 15}, {"017", 15},
      {"0b101", 5}, {"1_000", 1000}, {"0", 0},  {"2.9", 2},   {"1e3", 1000}};
  for (const auto& [text, number] : cases) {
    const Read result = read("large: " + std::string(text));
    EXPECT_EQ(result.problems, "") << text;
    EXPECT_EQ(result.value.large, number) << text;
  }
}

TEST(ConfigReader, BooleansAreThoseOfYaml11) {
  for (std::string_view text : {"true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"}) {
    EXPECT_TRUE(read("flag: " + std::string(text)).value.flag);
  }
  for (std::string_view text : {"false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF"}) {
    EXPECT_FALSE(read("flag: " + std::string(text)).value.flag);
  }
  EXPECT_TRUE(read("flag: 'yes'").value.flag);
  EXPECT_TRUE(read("flag: !!str On").value.flag);
}

TEST(ConfigReader, NullMeansAbsent) {
  const Read result = read("text:\ninner: ~\nmaybe: null\nnumbers:\nlater:\n");
  EXPECT_EQ(result.problems, "");
  EXPECT_EQ(result.value.text, "kept");
  EXPECT_FALSE(result.value.maybe);
}

TEST(ConfigReader, ListsAndMappings) {
  const Read result = read(
      "numbers: [1, ~, 3]\ninners: [{word: a}, {number: 2}]\nheaders: {a: 1, b: , c: \"\"}\nmaybe: {}\n");
  EXPECT_EQ(result.problems, "");
  EXPECT_EQ(result.value.numbers, (std::vector<int>{1, 3}));
  EXPECT_EQ(result.value.inners, (std::vector<Inner>{{"a", 1}, {"default", 2}}));
  EXPECT_EQ(result.value.headers, (std::map<std::string, std::string>{{"a", "1"}, {"b", ""}, {"c", ""}}));
  EXPECT_EQ(result.value.maybe, Inner());
}

TEST(ConfigReader, EveryMistakeIsNamedWithItsRemedy) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"flag: \"true\"", "f:1:7: flag: \"true\" is no boolean in quotes; write true without them\n"},
      {"flag: 1", "f:1:7: flag: \"1\" is no boolean; write true or false\n"},
      {"flag: [true]", "f:1:7: flag: a list stands where a single value is expected; write one value\n"},
      {"large: many", "f:1:8: large: \"many\" is no integer; write a whole number, e.g. 3\n"},
      {"large: 1e30", "f:1:8: large: \"1e30\" is no integer within range; write a smaller number\n"},
      {"large: .inf", "f:1:8: large: \".inf\" is no integer; write a whole number, e.g. 3\n"},
      {"port: 65536", "f:1:7: port: \"65536\" is no number within range; write one from 0 to 65535\n"},
      {"port: -1", "f:1:7: port: \"-1\" is no number within range; write one from 0 to 65535\n"},
      {"ratio: half", "f:1:8: ratio: \"half\" is no number; write one like 0.5\n"},
      {"ratio: '0.5'", "f:1:8: ratio: \"0.5\" is no number in quotes; write 0.5 without them\n"},
      {"wait: 5", "f:1:7: wait: \"5\" is no duration; write a number with its unit, e.g. 5s or 300ms\n"},
      {"wait: 0", "f:1:7: wait: \"0\" is no duration; write a number with its unit, e.g. 5s or 300ms\n"},
      {"wait: 1d", "f:1:7: wait: \"1d\" is no duration; days and weeks are written in hours: 24h\n"},
      {"wait: 2w", "f:1:7: wait: \"2w\" is no duration; days and weeks are written in hours: 336h\n"},
      {"size: 12",
       "f:1:7: size: \"12\" is no size; write a number with its unit, one of B KB MB GB TB (powers of 1024), "
       "e.g. 512KB\n"},
      {"colour: blue", "f:1:9: colour: \"blue\" is none of red, green\n"},
      {"colour: gren", "f:1:9: colour: \"gren\" is none of red, green; did you mean \"green\"?\n"},
      {"secret: {a: b}",
       "f:1:9: secret: a mapping stands where a single value is expected; write one value\n"},
      {"numbers: 5",
       "f:1:10: numbers: a single value stands where a list is expected; write a list: items that begin with "
       "\"- \", "
       "or [one, two]\n"},
      {"numbers: [1, x]", "f:1:14: numbers: \"x\" is no integer; write a whole number, e.g. 3\n"},
      {"headers: [a]",
       "f:1:10: headers: a list stands where a mapping is expected; write keys with values on indented lines "
       "below\n"},
      {"inner: {nmuber: 1}", "f:1:9: unknown key \"nmuber\"; did you mean \"number\"?\n"},
      {"zebra: 1", "f:1:1: unknown key \"zebra\"\n"},
      {"later: {a: b}", "f:1:1: \"later\" is not built yet in this version of Lookout; remove it\n"},
      {"inner: {number: 101}", "f:1:17: number is above 100; write less\n"},
      {"inner: {number: x, word: ''}",
       "f:1:17: number: \"x\" is no integer; write a whole number, e.g. 3\nf:1:26: word must not be empty\n"},
      {"inner: {word: [], number: 1}",
       "f:1:15: word: a list stands where a single value is expected; write one value\n"},
      {"[]",
       "f:1:1: a list stands where a mapping is expected; write keys with values on indented lines below\n"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(read(text).problems, expected) << text;
}

TEST(ConfigReader, AMisreadValueLeavesTheDefault) {
  const Read result = read("wait: soon\nnumbers: [1, x]\nflag: maybe\n");
  EXPECT_EQ(result.value.wait, std::chrono::seconds(1));
  EXPECT_TRUE(result.value.numbers.empty());
  EXPECT_TRUE(result.value.flag);
}

TEST(ConfigReader, ASecretIsNeverQuotedInAProblem) {
  EXPECT_EQ(read("inner: hush\nheaders: hush\nnumbers: hush\n").problems.find("hush"), std::string::npos);
  EXPECT_EQ(read("secret: [hush]").problems.find("hush"), std::string::npos);
}

}  // namespace
}  // namespace lookout
