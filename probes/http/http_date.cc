#include "probes/http/http_date.h"

#include <array>

#include <time.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

// strptime() takes numbers of any width and blanks anywhere; the protocol does not.
bool is_written_so(const std::string& text, const char* form, const tm& parts) {
  std::array<char, 64> written{};
  const std::size_t size = strftime(written.data(), written.size(), form, &parts);
  return lower_case(text) == lower_case(std::string_view(written.data(), size));
}

}  // namespace

std::optional<double> parse_http_date(const std::string& text) {
  for (const char* form : {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y",
                           "%a %b %d %H:%M:%S %Y"}) {
    tm parts{};
    const char* end = strptime(text.c_str(), form, &parts);
    if (end == nullptr || *end != '\0' || !is_written_so(text, form, parts)) continue;
    return static_cast<double>(timegm(&parts));
  }
  return std::nullopt;
}

}  // namespace lookout
