// Text on its way to a terminal: what came from the network is made harmless, lines are broken, colours are
// put on. Pure, but for style_of().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lookout {

struct TextStyle {
  bool colour = false;
  bool unicode = false;
  std::size_t width = 0;  // columns; 0: lines are as long as they are

  bool operator==(const TextStyle&) const = default;
};

// What the style depends on, as the process finds it.
struct TerminalSurroundings {
  bool is_terminal = false;
  std::size_t columns = 0;  // 0: unknown
  std::string no_color, term, lc_all, lc_ctype, lang;
};

TerminalSurroundings surroundings_of(int descriptor);
// Colours only on a terminal that shows them and where NO_COLOR does not forbid them; Unicode where the
// locale says so.
TextStyle style_of(const TerminalSurroundings& surroundings);

// Control characters, ill-formed bytes and characters that turn or hide text are spelt out (\n, \x1b,
// \u{202e}); so is everything that is not ASCII, unless `unicode`.
std::string printable(std::string_view text, bool unicode);

// Columns that printable text takes on a terminal.
std::size_t columns_of(std::string_view text);

// Printable text in lines of at most `width` columns (0: a single line) that are broken at spaces where there
// are any; lines after the first begin with `indent` spaces, and `first` columns of the first are taken.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent, std::size_t first);

enum class Ink : std::uint8_t { bold, dim, green, yellow, red };
std::string inked(std::string_view text, Ink ink, const TextStyle& style);

}  // namespace lookout
