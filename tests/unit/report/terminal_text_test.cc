// Nothing that a peer sends reaches a terminal as more than text.
#include "exporter/report/terminal_text.h"

#include <gtest/gtest.h>

namespace lookout {
namespace {

TEST(Printable, SpellsOutWhatATerminalWouldObey) {
  EXPECT_EQ(printable("a\x1b[2J\x07\x7f\r\n\tb", true), "a\\x1b[2J\\x07\\x7f\\r\\n\\tb");
  EXPECT_EQ(printable(std::string("a\0b", 3), true), "a\\x00b");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m",
                      true),
            "\\u{9b}31m")
      << "CSI in one character";
  EXPECT_EQ(printable("\x9b"
                      "31m",
                      true),
            "\\x9b31m")
      << "CSI in one byte";
  EXPECT_EQ(printable("\xff\xc3", true), "\\xff\\xc3");
  EXPECT_EQ(printable("evil\xe2\x80\xaetxt.exe", true), "evil\\u{202e}txt.exe");
  EXPECT_EQ(printable("\xe2\x80\x8b\xef\xbb\xbf", true), "\\u{200b}\\u{feff}");
}

TEST(Printable, LeavesTextAlone) {
  EXPECT_EQ(printable("Grüße, 世界 ✗ \\n", true), "Grüße, 世界 ✗ \\n");
  EXPECT_EQ(printable("Grüße", false), "Gr\\u{fc}\\u{df}e");
}

TEST(Columns, CountsWhatATerminalShows) {
  EXPECT_EQ(columns_of(""), 0U);
  EXPECT_EQ(columns_of("Grüße"), 5U);
  EXPECT_EQ(columns_of("世界"), 4U);
  EXPECT_EQ(columns_of("e\xcc\x81"), 1U);
  EXPECT_EQ(columns_of("😀"), 2U);
}

TEST(Wrapped, BreaksAtSpacesAndIndents) {
  EXPECT_EQ(wrapped("one two three", 0, 4, 4), "one two three");
  EXPECT_EQ(wrapped("one two three", 12, 4, 4), "one two\n    three");
  EXPECT_EQ(wrapped("one two three", 17, 4, 4), "one two three");
  EXPECT_EQ(wrapped("one   two", 8, 4, 4), "one \n    two");
}

TEST(Wrapped, BreaksWordsThatAreTooLong) {
  EXPECT_EQ(wrapped("abcdefghij", 8, 4, 4), "abcd\n    efgh\n    ij");
  EXPECT_EQ(wrapped("世界世界", 7, 4, 4), "世\n    界\n    世\n    界");
  EXPECT_EQ(wrapped("世界", 3, 4, 4), "世\n    界") << "one character a line at least";
}

TEST(Style, HasColoursOnATerminalOnly) {
  const TerminalSurroundings terminal{.is_terminal = true,
                                      .columns = 100,
                                      .no_color = "",
                                      .term = "xterm",
                                      .lc_all = "",
                                      .lc_ctype = "",
                                      .lang = ""};
  EXPECT_EQ(style_of(terminal), (TextStyle{true, false, 100}));
  TerminalSurroundings other = terminal;
  other.is_terminal = false;
  EXPECT_EQ(style_of(other), (TextStyle{false, false, 0}));
  other = terminal;
  other.no_color = "1";
  EXPECT_FALSE(style_of(other).colour);
  other = terminal;
  other.term = "dumb";
  EXPECT_FALSE(style_of(other).colour);
  other.term = "";
  EXPECT_FALSE(style_of(other).colour);
}

TEST(Style, KeepsWidthsWithinReason) {
  TerminalSurroundings terminal{.is_terminal = true,
                                .columns = 3,
                                .no_color = "",
                                .term = "xterm",
                                .lc_all = "",
                                .lc_ctype = "",
                                .lang = ""};
  EXPECT_EQ(style_of(terminal).width, 60U);
  terminal.columns = 5000;
  EXPECT_EQ(style_of(terminal).width, 160U);
  terminal.columns = 0;
  EXPECT_EQ(style_of(terminal).width, 0U);
}

TEST(Style, TakesTheLocaleThatCounts) {
  TerminalSurroundings at;
  at.lang = "de_DE.UTF-8";
  EXPECT_TRUE(style_of(at).unicode);
  at.lc_all = "C";
  EXPECT_FALSE(style_of(at).unicode);
  at.lc_all = "C.utf8";
  EXPECT_TRUE(style_of(at).unicode);
  at = {};
  EXPECT_FALSE(style_of(at).unicode);
  at.lang = "C";
  at.lc_ctype = "en_US.UTF8";
  EXPECT_TRUE(style_of(at).unicode);
}

TEST(Inked, IsPlainWithoutColours) {
  EXPECT_EQ(inked("x", Ink::red, {.colour = true, .unicode = false, .width = 0}), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(inked("x", Ink::red, {}), "x");
}

}  // namespace
}  // namespace lookout
