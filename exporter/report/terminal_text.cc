#include "exporter/report/terminal_text.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kNarrowest = 60, kWidest = 160;

struct Range {
  char32_t first, last;
};
// C1 controls; zero width, direction and invisible characters; tags.
constexpr Range kHidden[] = {{0x80, 0x9F},     {0xAD, 0xAD},      {0x61C, 0x61C},   {0x180E, 0x180E},
                             {0x200B, 0x200F}, {0x2028, 0x202E},  {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
                             {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};
// East Asian wide and full-width characters, pictographs.
constexpr Range kWide[] = {{0x1100, 0x115F},   {0x2E80, 0xA4CF},   {0xAC00, 0xD7A3},  {0xF900, 0xFAFF},
                           {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},  {0x1F300, 0x1F64F},
                           {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
constexpr Range kCombining[] = {{0x300, 0x36F},   {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
                                {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};

template <std::size_t count>
bool is_in(const Range (&ranges)[count], char32_t code) {
  return std::ranges::any_of(ranges,
                             [&](const Range& range) { return code >= range.first && code <= range.last; });
}

// Of a well-formed character.
char32_t code_point(std::string_view character) {
  constexpr std::array<unsigned char, 5> kMask{0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t code = static_cast<unsigned char>(character[0]) & kMask.at(character.size());
  for (const char byte : character.substr(1)) code = code << 6 | (static_cast<unsigned char>(byte) & 0x3F);
  return code;
}

std::string spelt_out(char32_t code) {
  switch (code) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return code < 0x80 ? fmt::format("\\x{:02x}", static_cast<unsigned>(code))
                         : fmt::format("\\u{{{:x}}}", static_cast<unsigned>(code));
  }
}

bool is_utf8_locale(const TerminalSurroundings& at) {
  const std::string& locale = !at.lc_all.empty() ? at.lc_all : !at.lc_ctype.empty() ? at.lc_ctype : at.lang;
  std::string folded;
  for (const char letter : locale) {
    if (letter != '-') folded += static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter);
  }
  return folded.find("utf8") != std::string::npos;
}

// The longest beginning of at most `width` columns, a character at least.
std::size_t fitting(std::string_view text, std::size_t width) {
  std::size_t taken = 0, used = 0;
  while (taken < text.size()) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text.substr(taken)), 1);
    used += columns_of(text.substr(taken, length));
    if (used > width && taken > 0) break;
    taken += length;
  }
  return taken;
}

constexpr std::string_view code_of(Ink ink) {
  constexpr std::array<std::string_view, 5> kCodes{"1", "2", "32", "33", "31"};
  return kCodes.at(static_cast<std::size_t>(ink));
}

}  // namespace

TerminalSurroundings surroundings_of(int descriptor) {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  TerminalSurroundings at{.is_terminal = ::isatty(descriptor) == 1,
                          .columns = 0,
                          .no_color = variable("NO_COLOR"),
                          .term = variable("TERM"),
                          .lc_all = variable("LC_ALL"),
                          .lc_ctype = variable("LC_CTYPE"),
                          .lang = variable("LANG")};
  winsize size{};
  if (at.is_terminal && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0) at.columns = size.ws_col;
  return at;
}

TextStyle style_of(const TerminalSurroundings& at) {
  TextStyle style;
  style.colour = at.is_terminal && at.no_color.empty() && at.term != "dumb" && !at.term.empty();
  style.unicode = is_utf8_locale(at);
  if (at.is_terminal && at.columns > 0) style.width = std::clamp(at.columns, kNarrowest, kWidest);
  return style;
}

std::string printable(std::string_view text, bool unicode) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
      text.remove_prefix(1);
      continue;
    }
    const std::string_view character = text.substr(0, length);
    const char32_t code = code_point(character);
    const bool shown = code < 0x80 ? code >= 0x20 && code != 0x7F : unicode && !is_in(kHidden, code);
    out += shown ? std::string(character) : spelt_out(code);
    text.remove_prefix(length);
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
    const char32_t code = code_point(text.substr(0, length));
    columns += is_in(kWide, code) ? 2 : is_in(kCombining, code) ? 0 : 1;
    text.remove_prefix(length);
  }
  return columns;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent, std::size_t first) {
  if (width == 0) return std::string(text);
  std::string out;
  std::size_t room = std::max(width, first + 1) - first;
  while (columns_of(text) > room) {
    std::size_t cut = fitting(text, room);
    const std::size_t space = text.rfind(' ', cut);
    if (space != std::string_view::npos && space > 0) cut = space;
    if (cut == text.size()) break;  // a single character that is wider than the room
    out.append(text.substr(0, cut)).append("\n").append(indent, ' ');
    text.remove_prefix(cut);
    while (text.starts_with(' ')) text.remove_prefix(1);
    room = std::max(width, indent + 1) - indent;
  }
  return out.append(text);
}

std::string inked(std::string_view text, Ink ink, const TextStyle& style) {
  if (!style.colour) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(ink), text);
}

}  // namespace lookout
