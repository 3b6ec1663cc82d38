#include "probes/core/yaml.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace lookout {
namespace {

// The document on one line: "" for quoted scalars, ~ for null.
std::string shape(const YamlNode& node) {
  std::string text;
  switch (node.kind()) {
    case YamlNode::Kind::null:
      return "~";
    case YamlNode::Kind::scalar:
      return node.quoted() ? '"' + node.scalar() + '"' : node.scalar();
    case YamlNode::Kind::sequence:
      for (const YamlNode& item : node.items()) text += (text.empty() ? "" : " ") + shape(item);
      return "[" + text + "]";
    case YamlNode::Kind::mapping:
      for (const auto& [key, value] : node.entries())
        text += (text.empty() ? "" : " ") + shape(key) + ":" + shape(value);
      return "{" + text + "}";
  }
  return "?";
}

struct Parsed {
  std::string shape;  // "none" if the text is no YAML
  std::string problems;
};

Parsed parse(std::string_view text) {
  Problems problems("f");
  const std::optional<YamlNode> node = parse_yaml(text, problems);
  Parsed parsed{node ? shape(*node) : "none", {}};
  for (const Problem& problem : problems.sorted()) parsed.problems += describe(problem) + "\n";
  return parsed;
}

TEST(Yaml, GoodDocuments) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"", "~"},
      {"# only this\n", "~"},
      {"a: 1\nb: [x, 'y', \"z\"]\n", "{a:1 b:[x \"y\" \"z\"]}"},
      {"a:\nb: ~\nc: null\nd: ''\n", "{a:~ b:~ c:~ d:\"\"}"},
      {"a: 1\n---\nb: 2\n", "{a:1}"},
      {"%YAML 1.1\n---\na: 1\n...\n---\n[\n", "{a:1}"},
      {"a: 1\n...\n", "{a:1}"},
      {"a: |\n  two\n  lines\n", "{a:\"two\nlines\n\"}"},
      {"x: &x {k: 1}\ny: *x\n", "{x:{k:1} y:{k:1}}"},
      {"x: &x {k: 1, l: 2}\ny: {<<: *x, l: 3}\n", "{x:{k:1 l:2} y:{l:3 k:1}}"},
      {"a: &a {k: 1}\nb: &b {k: 2, m: 3}\ny: {<<: [*a, *b]}\n", "{a:{k:1} b:{k:2 m:3} y:{k:1 m:3}}"},
      {"a: &a {k: 1}\nb: &b {<<: *a}\nc: {<<: *b}\n", "{a:{k:1} b:{k:1} c:{k:1}}"},
      {"'<<': 1\n", "{\"<<\":1}"},
      {"a: !!binary aGkK\n", "{a:\"hi\n\"}"},
      {"a: !!str 5\nb: !!int 5\nc: !!null x\n", "{a:\"5\" b:5 c:~}"},
      {"{\"a\":1,\"b\":[true,null]}", "{\"a\":1 \"b\":[true ~]}"},
      {"\xEF\xBB\xBF"
       "a: 1\n",
       "{a:1}"},
      {"a: 1\r\nb: 2\r\n", "{a:1 b:2}"},
  };
  for (const auto& [text, expected] : cases) {
    const Parsed parsed = parse(text);
    EXPECT_EQ(parsed.shape, expected) << text;
    EXPECT_EQ(parsed.problems, "") << text;
  }
}

TEST(Yaml, BadDocumentsSayWhere) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"a: 1\nb: 2\na: 3\n", "f:3:1: key \"a\" stands here a second time, after line 1; keep one of them\n"},
      {"x:\n  k: 1\n  'k': 2\n",
       "f:3:3: key \"k\" stands here a second time, after line 2; keep one of them\n"},
      {"? [a]\n: 1\n", "f:1:3: a list or mapping cannot be a key; write a plain word\n"},
      {": 1\n", "f:1:1: a key is missing before the colon\n"},
      {"x: {<<: 5}\n",
       "f:1:5: << merges mappings only; write an alias of a mapping, or a list of such aliases\n"},
      {"a: !vault x\n", "f:1:4: tag \"!vault\" has no meaning here; remove it\n"},
      {"a: *nobody\n",
       "f:1:4: no valid YAML: the referenced anchor is not defined; check colons, quotes, brackets and "
       "indentation up to here\n"},
      {"a: &a [*a]\n", "f:1:8: an alias within the very value that it stands for; write the value out\n"},
      {"a: \xFF\n", "f:1:4: byte 0xff is no UTF-8; save the file as UTF-8\n"},
      {"ok: 1\na: \x04z\n",
       "f:2:4: control character 0x04; remove it, or write it as \"\\x04\" in double quotes\n"},
      {"a: {}\n}\nb: 1\n",
       "f:2:1: no valid YAML: illegal flow end; check colons, quotes, brackets and indentation up to here\n"},
      {"a: [1] 2\n",
       "f:1:8: no valid YAML: end of map not found; check colons, quotes, brackets and indentation up to "
       "here\n"},
      {"a\nb: 1\n",
       "f:2:2: no valid YAML: illegal map value; check colons, quotes, brackets and indentation up to "
       "here\n"},
      {"[a]\nb: 1\n",
       "f:2:1: does not belong to what stands before; check the indentation and the brackets\n"},
      {"- a\nb: 1\n",
       "f:2:1: does not belong to what stands before; check the indentation and the brackets\n"},
      {"a: 1\n  b: 1\n",
       "f:2:4: no valid YAML: illegal map value; check colons, quotes, brackets and indentation up to "
       "here\n"},
      {"  a: 1\nb: 1\n",
       "f:2:1: does not belong to what stands before; check the indentation and the brackets\n"},
      {"'a' 'b'\n", "f:1:5: does not belong to what stands before; check the indentation and the brackets\n"},
      {"a: 'b' c: d\n",
       "f:1:8: no valid YAML: end of map not found; check colons, quotes, brackets and indentation up to "
       "here\n"},
      {"a: [1, 2\n",
       "f:2:1: no valid YAML: end of sequence flow not found; check colons, quotes, brackets and indentation "
       "up to here\n"},
      {"a:\n\t- x\n", "f:2:2: a tab stands in the indentation; write blanks instead\n"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(parse(text).problems, expected) << text;
}

TEST(Yaml, PositionsAreThoseOfKeysAndValues) {
  Problems problems("f");
  const YamlNode root = *parse_yaml("a:\n  bb:   5\n  cc:\nd: [x,\n  y]\n", problems);
  const auto position = [](const YamlNode& node) { return std::pair(node.mark().line, node.mark().column); };
  const YamlNode a = root.entries()[0].second;
  EXPECT_EQ(position(root), std::pair(1, 1));
  EXPECT_EQ(position(a), std::pair(2, 3));
  EXPECT_EQ(position(a.entries()[0].first), std::pair(2, 3));
  EXPECT_EQ(position(a.entries()[0].second), std::pair(2, 9));
  EXPECT_EQ(position(a.entries()[1].second), std::pair(3, 3)) << "of the key: there is no value";
  EXPECT_EQ(position(root.entries()[1].second.items()[1]), std::pair(5, 3));
}

std::string repeated(std::string_view text, int count) {
  std::string result;
  for (int index = 0; index < count; ++index) result += text;
  return result;
}

TEST(Yaml, NestingIsBounded) {
  EXPECT_EQ(parse(repeated("[", 100) + repeated("]", 100)).problems, "");
  EXPECT_EQ(parse(repeated("[", 101) + repeated("]", 101)).problems,
            "f:1:101: nested deeper than 100 levels\n");
  for (std::string_view opening : {"[", "{a: ", "[[", "{"}) {
    EXPECT_NE(parse(repeated(opening, 100'000)).problems.find("nested deeper than 100 levels"),
              std::string::npos)
        << opening;
  }
  EXPECT_NE(parse(repeated("- ", 100'000)).problems, "");
}

TEST(Yaml, NestingByAliasesIsBounded) {
  std::string text = "a0: &a0 [x]\n";
  for (int index = 1; index < 200; ++index) {
    const std::string name = "a" + std::to_string(index);
    text += name + ": &" + name + " [*a" + std::to_string(index - 1) + "]\n";
  }
  EXPECT_EQ(parse(text).problems, "f:1:1: nested deeper than 100 levels\n");
}

TEST(Yaml, AliasesAreNotWrittenOutWithoutBound) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int index = 1; index < 20; ++index) {
    const std::string name = "a" + std::to_string(index);
    const std::string before = "*a" + std::to_string(index - 1);
    text += name + ": &" + name + " [" + before + repeated(", " + before, 8) + "]\n";
  }
  EXPECT_NE(parse(text).problems.find("more than 2000000 values, aliases written out"), std::string::npos);
}

TEST(Yaml, MergesAreNotWrittenOutWithoutBound) {
  std::string text = "m0: &m0 {k: 1}\n";
  for (int index = 1; index < 60; ++index) {
    const std::string name = "m" + std::to_string(index);
    const std::string before = "*m" + std::to_string(index - 1);
    text += name + ": &" + name + " {<<: [" + before + ", " + before + "]}\n";
  }
  EXPECT_NE(parse(text).problems.find("more than 2000000 values, aliases written out"), std::string::npos);
}

TEST(Yaml, SizeIsBounded) {
  EXPECT_EQ(parse(std::string(17 << 20, ' ')).problems,
            "f: larger than 16 MiB; spread the targets over several target_files\n");
}

TEST(Yaml, RandomBytesNeitherCrashNorHang) {
  std::mt19937 random(20);
  constexpr std::string_view kAlphabet = " \n\n:-[]{}#&*!|>'\"%@`,?~<ab1.\t\\x00\xC3\xA9";
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 60, ' ');
    for (char& character : text) {
      character = round % 4 == 0 ? static_cast<char>(random()) : kAlphabet[random() % kAlphabet.size()];
    }
    const Parsed parsed = parse(text);
    EXPECT_TRUE(parsed.shape != "none" || !parsed.problems.empty()) << testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace lookout
