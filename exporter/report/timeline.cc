#include "exporter/report/timeline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace lookout {
namespace {

// From the left: an eighth of a column up to the whole of it.
constexpr std::array<std::string_view, 9> kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};

}  // namespace

std::string timeline_bar(Duration start, Duration end, Duration whole, std::size_t cells, bool unicode) {
  if (end <= start || whole <= Duration::zero() || cells == 0) return "";
  const double cell = static_cast<double>(whole.count()) / static_cast<double>(cells);
  const auto first = std::min(static_cast<std::size_t>(static_cast<double>(start.count()) / cell), cells - 1);
  const double length =
      std::min(static_cast<double>((end - start).count()) / cell, static_cast<double>(cells - first));
  std::string bar(first, ' ');
  if (!unicode)
    return bar.append(std::max<std::size_t>(static_cast<std::size_t>(std::lround(length)), 1), '#');
  const auto eighths = std::max<std::size_t>(static_cast<std::size_t>(std::lround(length * 8)), 1);
  for (std::size_t left = eighths; left > 0; left -= std::min<std::size_t>(left, 8)) {
    bar += kEighths.at(std::min<std::size_t>(left, 8));
  }
  return bar;
}

}  // namespace lookout
