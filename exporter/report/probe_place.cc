#include "exporter/report/probe_place.h"

#include <algorithm>

namespace lookout {
namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char letter) {
    return (lower(letter) >= 'a' && lower(letter) <= 'z') || (letter >= '0' && letter <= '9') ||
           letter == '.' || letter == ':' || letter == '-' || letter == '_';
  });
}

std::string_view port_of_scheme(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return "80";
  if (scheme == "https" || scheme == "wss") return "443";
  return "";
}

std::string_view port_of_kind(std::string_view kind) {
  if (kind == "http") return "80";
  if (kind == "dns") return "53";
  return "";
}

// The scheme in lower case, taken off the target; empty: there is none.
std::string take_scheme(std::string_view& target) {
  const std::size_t end = target.find("://");
  if (end == std::string_view::npos) return "";
  std::string scheme;
  for (const char letter : target.substr(0, end)) scheme += lower(letter);
  target.remove_prefix(end + 3);
  return scheme;
}

}  // namespace

ProbePlace place_of(std::string_view target, std::string_view kind) {
  const std::string scheme = take_scheme(target);
  target = target.substr(0, target.find_first_of("/?#"));
  if (const std::size_t at = target.rfind('@'); at != std::string_view::npos) target.remove_prefix(at + 1);
  std::string_view host = target, port;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return {};
    const std::string_view rest = host.substr(end + 1);
    host = host.substr(1, end - 1);
    if (rest.starts_with(':')) port = rest.substr(1);
  } else if (std::ranges::count(host, ':') == 1) {
    const std::size_t colon = host.find(':');
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (port.empty()) port = scheme.empty() ? port_of_kind(kind) : port_of_scheme(scheme);
  return {std::string(is_plain(host) ? host : ""), std::string(is_plain(port) ? port : "")};
}

}  // namespace lookout
