// Query strings and escapes, by Go's rules.
#include <gtest/gtest.h>

#include "exporter/serve/query.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

TEST(ServeQuery, FindsTheFirstValue) {
  struct Case {
    std::string_view query, name;
    std::optional<std::string> value;
  };
  const Case cases[]{
      {"target=a&module=b", "module", "b"},
      {"target=a&target=b", "target", "a"},
      {"target=a+b%2Bc", "target", "a b+c"},
      {"target=a=b", "target", "a=b"},
      {"target", "target", ""},
      {"target=", "target", ""},
      {"", "target", std::nullopt},
      {"&&target=x&", "target", "x"},
      {"Target=x", "target", std::nullopt},
      {"t%61rget=x", "target", "x"},
      {"target=a;b&target=c", "target", "c"},
      {"target=%zz&target=c", "target", "c"},
      {"target=%4&target=c", "target", "c"},
      {"target=%&module=x", "target", std::nullopt},
      {"targ%et=x", "target", std::nullopt},
      {"target=a%00b", "target", std::string("a\0b", 3)},
  };
  for (const Case& c : cases) EXPECT_EQ(query_value(c.query, c.name), c.value) << c.query;
}

TEST(ServeQuery, DecodesPathsWithoutTouchingPlus) {
  EXPECT_EQ(decode_path_text("a+b%20c"), "a+b c");
  EXPECT_EQ(decode_path_text("%e4%B8%ad"), "\xE4\xB8\xAD");
  EXPECT_EQ(decode_path_text("a%2"), std::nullopt);
}

TEST(ServeQuery, EncodesWhatItCanDecode) {
  const std::string hostile = "a b/<c>?d&e=\"'%+\n\xE4";
  EXPECT_EQ(decode_path_text(percent_encoded(hostile)), hostile);
  EXPECT_EQ(percent_encoded("web-1.example_x~"), "web-1.example_x~");
  EXPECT_EQ(percent_encoded("a/b"), "a%2Fb");
}

struct TargetCase {
  const char* name;
  const char* once;
  const char* expected;
};

class UsableTarget : public ::testing::TestWithParam<TargetCase> {};

// A second decoding must not damage what needs none.
TEST_P(UsableTarget, IsDecodedAgainOnlyWhenItIsOfNoUse) {
  EXPECT_EQ(usable_target(GetParam().once), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    ServeQuery, UsableTarget,
    ::testing::Values(
        TargetCase{"HDL_021", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/"},
        TargetCase{"HDL_022", "http://127.0.0.1%3A8080", "http://127.0.0.1:8080"},
        TargetCase{"HDL_023", "http://127.0.0.1:8080/a%3Ab", "http://127.0.0.1:8080/a%3Ab"},
        TargetCase{"HDL_024", "http%3A%2F%2F127.0.0.1%3A8080%2Fx%3Fa%3Db", "http://127.0.0.1:8080/x?a=b"},
        TargetCase{"PlusInQuery", "http://h/?q=a%2Fb+c", "http://h/?q=a%2Fb+c"},
        TargetCase{"EscapeInQuery", "http://h?q=%41", "http://h?q=%41"},
        TargetCase{"EscapeInPassword", "http://user:p%40ss@h:80/", "http://user:p%40ss@h:80/"},
        TargetCase{"ZoneInBrackets", "http://[fe80::1%25eth0]:80/", "http://[fe80::1%25eth0]:80/"},
        TargetCase{"Zone", "fe80::1%de0", "fe80::1%de0"}, TargetCase{"Port", "host%3A25", "host:25"},
        TargetCase{"Percent", "100%", "100%"}, TargetCase{"BrokenEscape", "host%3A25%zz", "host%3A25%zz"},
        TargetCase{"HostAndPort", "host:25", "host:25"}, TargetCase{"Plus", "a+b", "a+b"},
        TargetCase{"Nothing", "", ""}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ServeQuery, QuotesAsGoDoes) {
  EXPECT_EQ(go_quoted("plain"), "\"plain\"");
  EXPECT_EQ(go_quoted("a\"b\\c\n\t\r"), "\"a\\\"b\\\\c\\n\\t\\r\"");
  EXPECT_EQ(go_quoted("\x01\x7f\xff\xE4\xB8\xAD"), "\"\\x01\\x7f\\xff\xE4\xB8\xAD\"");
}

TEST(ServeQuery, EscapesHtml) {
  EXPECT_EQ(html_escaped("<a href='x' title=\"y\">&"), "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;");
  EXPECT_EQ(html_escaped("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(html_escaped(std::string_view("a\0z", 3)), "a\xEF\xBF\xBDz");
  EXPECT_EQ(html_escaped("\xE4\xB8\xAD"), "\xE4\xB8\xAD");
}

}  // namespace
}  // namespace lookout
