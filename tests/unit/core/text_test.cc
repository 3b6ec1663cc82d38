#include "probes/core/text.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace lookout {
namespace {

TEST(Text, IsUtf8WhereverWhatIsNoneStands) {
  for (std::size_t size = 0; size < 40; ++size) {
    std::string text(size, 'a');
    EXPECT_TRUE(is_utf8(text)) << size;
    EXPECT_TRUE(is_utf8(text + "\u00e4" + text)) << size;
    for (std::size_t at = 0; at < size; ++at) {
      std::string bad = text;
      bad[at] = '\xff';
      EXPECT_FALSE(is_utf8(bad)) << size << ' ' << at;
    }
  }
}

TEST(Text, Utf8IsTakenOnlyInItsShortestForm) {
  const std::vector<std::pair<std::string_view, std::size_t>> cases{
      {"", 0},
      {"a", 1},
      {"\xC3\xA9", 2},
      {"\xE2\x82\xAC", 3},
      {"\xF0\x9F\x98\x80", 4},
      {"\x80", 0},
      {"\xC0\xAF", 0},
      {"\xC3", 0},
      {"\xE0\x9F\xBF", 0},
      {"\xED\xA0\x80", 0},
      {"\xE2\x82z", 0},
      {"\xF0\x8F\xBF\xBF", 0},
      {"\xF4\x90\x80\x80", 0},
      {"\xFF", 0},
      {"\xC3\xA9zzz", 2},
  };
  for (const auto& [text, length] : cases)
    EXPECT_EQ(utf8_length(text), length) << testing::PrintToString(text);
}

TEST(Text, EveryIllFormedByteIsReplaced) {
  EXPECT_EQ(to_utf8("a\xFF\xC3z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(to_utf8("gr\xC3\xBC\xC3\x9F"), "gr\xC3\xBC\xC3\x9F");
}

TEST(Text, OneLineIsCutBetweenCharacters) {
  EXPECT_EQ(one_line("short", 5), "short");
  EXPECT_EQ(one_line("a\nb\x7F\tc", 20), "a b  c");
  EXPECT_EQ(one_line("abcdefgh", 6), "abc...");
  EXPECT_EQ(one_line("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", 6), "\xC3\xA9...");
  EXPECT_EQ(one_line("abcdef", 2), "");
  EXPECT_LE(one_line(std::string(2000, '\xFF'), 512).size(), 512u);
}

TEST(Text, QuotedIsShortAndWithoutControlCharacters) {
  EXPECT_EQ(in_quotes("plain"), "\"plain\"");
  EXPECT_EQ(in_quotes("a\"b\\c\nd\x01\xFF"), "\"a\\\"b\\\\c\\nd\\x01\\xff\"");
  EXPECT_EQ(in_quotes(std::string(200, 'x')), "\"" + std::string(80, 'x') + "...\"");
}

TEST(Text, TheNearestWordIsAtMostTwoEditsAway) {
  constexpr std::array<std::string_view, 6> kWords{"interval", "timeout", "tls", "tcp", "tls_config", "HTTP"};
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"intervall", "interval"},
      {"intreval", "interval"},
      {"Interval", "interval"},
      {"time_out", "timeout"},
      {"timoeut", "timeout"},
      {"tsl", "tls"},
      {"tlsconfig", "tls_config"},
      {"http", "HTTP"},
      {"xyz", ""},
      {"", ""},
      {"intvl", ""},
      {"ab", ""},
  };
  for (const auto& [text, word] : cases) EXPECT_EQ(nearest(text, kWords).value_or(""), word) << text;
  EXPECT_EQ(suggestion("intervall", kWords), "; did you mean \"interval\"?");
  EXPECT_EQ(suggestion("elsewhere", kWords), "");
  EXPECT_EQ(nearest(std::string(100'000, 'a'), kWords), std::nullopt);
}

TEST(Text, WordsAreTheSameInAnyCaseOfAscii) {
  EXPECT_TRUE(same_word("gZip", "GzIP"));
  EXPECT_FALSE(same_word("gzip", "gzi"));
  EXPECT_FALSE(same_word("\xc3\xa4", "\xc3\x84"));
}

TEST(Text, IsTrimmedOfWhatSeparates) {
  EXPECT_EQ(trimmed(" \ta b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \t"), "");
}

TEST(Text, LabelsHaveNamesOfPrometheus) {
  for (const char* name : {"a", "_", "__a", "A9_"}) EXPECT_TRUE(is_label_name(name)) << name;
  for (const char* name : {"", "9a", "a-b", "\xc3\xa4", "a b", "a:b"})
    EXPECT_FALSE(is_label_name(name)) << name;
}

TEST(Text, PasswordsInUrlsAreMasked) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"http://user:hush@host:80/p?q=a:b@c", "http://user:xxxxx@host:80/p?q=a:b@c"},
      {"http://user:a@b:c@host", "http://user:xxxxx@host"},
      {"socks5://:p@h", "socks5://:xxxxx@h"},
      {"http://user@host", "http://user@host"},
      {"http://host:80/a@b:c", "http://host:80/a@b:c"},
      {"host:80", "host:80"},
      {"user:hush@host:80/p", "user:xxxxx@host:80/p"},
      {"user@host:80", "user@host:80"},
      {"to: someone@host", "to: someone@host"},
      {"^a:b@(c|d)", "^a:b@(c|d)"},
      {"", ""},
  };
  for (const auto& [text, masked] : cases) EXPECT_EQ(mask_url_password(text), masked);
}

}  // namespace
}  // namespace lookout
