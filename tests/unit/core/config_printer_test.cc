#include <gtest/gtest.h>

#include "probes/core/config_visitor.h"

namespace lookout {

struct Login {
  std::string user;
  Secret password;
  bool operator==(const Login&) const = default;
};
template <class Visitor>
void describe(Visitor& v, Login& login) {
  v.field("user", login.user, "User");
  v.field("password", login.password, "Password");
}

struct Sheet {
  bool follow = true;
  std::string kind = "ANY";
  Duration wait{};
  ByteSize size;
  double ratio = 0;
  std::optional<Login> login;
  std::optional<std::vector<std::string>> codes;
  std::vector<Login> logins;
  std::map<std::string, std::string> headers;
  std::map<std::string, std::vector<Secret>> secrets;
  Login plain;
  std::string proxy_url;
  bool operator==(const Sheet&) const = default;
};
template <class Visitor>
void describe(Visitor& v, Sheet& sheet) {
  v.field("follow", sheet.follow);
  v.field("kind", sheet.kind);
  v.field("wait", sheet.wait);
  v.field("size", sheet.size);
  v.field("ratio", sheet.ratio);
  v.field("login", sheet.login);
  v.field("codes", sheet.codes);
  v.field("logins", sheet.logins);
  v.field("headers", sheet.headers);
  v.field("secrets", sheet.secrets);
  v.field("plain", sheet.plain);
  v.field("proxy_url", sheet.proxy_url);
  v.not_built("later");
}

namespace {

std::string print(const Sheet& sheet) {
  std::string out;
  ConfigPrinter(out).fields(sheet);
  return out;
}

Sheet load(const std::string& text) {
  Problems problems("f");
  Sheet sheet;
  const std::optional<YamlNode> node = parse_yaml(text, problems);
  if (node && node->kind() != YamlNode::Kind::null) read_value(*node, sheet, problems);
  for (const Problem& problem : problems.sorted()) ADD_FAILURE() << describe(problem);
  return sheet;
}

TEST(ConfigPrinter, DefaultsAreLeftOut) { EXPECT_EQ(print(Sheet()), ""); }

TEST(ConfigPrinter, SecretsAreMasked) {
  Sheet sheet;
  sheet.login = Login{"me", {"hush"}};
  sheet.secrets["X"] = {{"hush"}, {"hush"}};
  sheet.headers = {{"authorization", "Bearer hush"}, {"COOKIE", "hush"}, {"Accept", "text/plain"}};
  sheet.proxy_url = "http://me:hush@proxy:3128";
  const std::string text = print(sheet);
  EXPECT_EQ(text.find("hush"), std::string::npos) << text;
  EXPECT_EQ(text,
            "login:\n"
            "  user: me\n"
            "  password: <secret>\n"
            "headers:\n"
            "  Accept: text/plain\n"
            "  COOKIE: <secret>\n"
            "  authorization: <secret>\n"
            "secrets:\n"
            "  X:\n"
            "    - <secret>\n"
            "    - <secret>\n"
            "proxy_url: \"http://me:xxxxx@proxy:3128\"\n");
}

TEST(ConfigPrinter, WhatIsPrintedLoadsAgain) {
  Sheet sheet;
  sheet.follow = false;
  sheet.kind = "";
  sheet.wait = std::chrono::milliseconds(1500);
  sheet.size = {1536};
  sheet.ratio = 0.25;
  sheet.login = Login{};
  sheet.codes.emplace();
  sheet.logins = {{"a: b", {}}, {"#no", {}}, {"", {}}};
  sheet.headers = {{"yes", "no"},          {"a b", " x "},     {"multi", "one\ntwo\t\"3\" \\"},
                   {"bytes", "\xFF\x01z"}, {"", "null"},       {"number", "012"},
                   {"one", "\xFF"},        {"two", "\xFF\xFE"}};
  sheet.plain.user = "\xE2\x82\xAC \x7F";
  const std::string text = print(sheet);
  EXPECT_EQ(load(text), sheet) << text;
}

TEST(ConfigPrinter, AFieldAloneIsLeftOutWhenEmpty) {
  std::string out;
  ConfigPrinter printer(out, 1);
  std::string empty, word = "x";
  std::vector<std::string> none;
  printer.field("empty", empty);
  printer.field("none", none);
  printer.field("word", word);
  printer.block("block", [](ConfigPrinter&) {});
  printer.block("full", [&](ConfigPrinter& inner) { inner.field("word", word); });
  EXPECT_EQ(out, "  word: x\n  full:\n    word: x\n");
}

}  // namespace
}  // namespace lookout
