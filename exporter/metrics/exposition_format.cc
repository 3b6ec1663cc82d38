#include "exporter/metrics/exposition_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "probes/core/text.h"

namespace lookout {
namespace {

// Cuts the part before `separator` off `text`.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return trimmed(part);
}

// One media range of an Accept header (RFC 9110, section 12.5.1).
struct Range {
  std::string_view type;
  std::string_view version;
  double quality = 1;
};

Range parse_range(std::string_view text) {
  Range range;
  range.type = cut(text, ';');
  while (!text.empty()) {
    std::string_view value = cut(text, ';');
    const std::string_view key = cut(value, '=');
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    if (same_word(key, "version")) range.version = value;
    if (same_word(key, "q")) {
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), range.quality);
      const bool good = error == std::errc() && range.quality >= 0 && range.quality <= 1;
      if (!good) range.quality = 0;
    }
  }
  return range;
}

std::string_view escaping_scheme(std::string_view accept) {
  constexpr std::array<std::string_view, 4> kSchemes{"allow-utf-8", "underscores", "dots", "values"};
  while (!accept.empty()) {
    for (std::string_view range = cut(accept, ','); !range.empty();) {
      std::string_view value = cut(range, ';');
      if (!same_word(cut(value, '='), "escaping")) continue;
      const auto known = std::ranges::find(kSchemes, value);
      if (known != kSchemes.end()) return *known;
    }
  }
  return "underscores";
}

// How well a range fits a format.
struct Match {
  int specificity = 0;  // 0: not at all
  double quality = 0;
  int position = 0;
};

int specificity(ExpositionFormat format, const Range& range) {
  if (format == ExpositionFormat::openmetrics) {
    const bool version = range.version.empty() || range.version == "1.0.0";
    return same_word(range.type, "application/openmetrics-text") && version ? 3 : 0;
  }
  if (same_word(range.type, "text/plain")) return range.version.empty() || range.version == "0.0.4" ? 3 : 0;
  return same_word(range.type, "text/*") ? 2 : range.type == "*/*" ? 1 : 0;
}

Match best_match(ExpositionFormat format, std::string_view accept) {
  Match best;
  for (int position = 0; !accept.empty(); ++position) {
    const Range range = parse_range(cut(accept, ','));
    const int fit = specificity(format, range);
    if (fit > best.specificity || (fit == best.specificity && fit > 0 && range.quality > best.quality)) {
      best = {fit, range.quality, position};
    }
  }
  return best;
}

}  // namespace

ExpositionFormat negotiate_format(std::string_view accept) {
  const Match text = best_match(ExpositionFormat::text, accept);
  const Match openmetrics = best_match(ExpositionFormat::openmetrics, accept);
  if (openmetrics.quality <= 0 || openmetrics.quality < text.quality) return ExpositionFormat::text;
  if (openmetrics.quality > text.quality) return ExpositionFormat::openmetrics;
  const bool preferred = openmetrics.specificity != text.specificity
                             ? openmetrics.specificity > text.specificity
                             : openmetrics.position < text.position;
  return preferred ? ExpositionFormat::openmetrics : ExpositionFormat::text;
}

std::string content_type(ExpositionFormat format, std::string_view accept) {
  std::string type(format == ExpositionFormat::text
                       ? "text/plain; version=0.0.4; charset=utf-8; escaping="
                       : "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=");
  return type.append(escaping_scheme(accept));
}

}  // namespace lookout
