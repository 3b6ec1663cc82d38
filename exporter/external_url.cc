#include "exporter/external_url.h"

namespace lookout {
namespace {

constexpr std::string_view kQuotes = "'\"";

std::string_view without_slashes(std::string_view path) {
  const std::size_t first = path.find_first_not_of('/');
  if (first == std::string_view::npos) return {};
  return path.substr(first, path.find_last_not_of('/') - first + 1);
}

std::string_view path_of(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) {
    const std::size_t path = url.find('/', scheme + 3);
    url = path == std::string_view::npos ? std::string_view() : url.substr(path);
  }
  return url.substr(0, url.find_first_of("?#"));
}

}  // namespace

std::optional<std::string> normal_external_url(std::string_view url) {
  if (url.empty()) return std::string();
  if (kQuotes.find(url.front()) != std::string_view::npos ||
      kQuotes.find(url.back()) != std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t last = url.find_last_not_of('/');
  return std::string(url.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

std::string normal_route_prefix(std::string_view prefix, std::string_view external_url) {
  const std::string_view path = without_slashes(prefix.empty() ? path_of(external_url) : prefix);
  return path.empty() ? "/" : "/" + std::string(path) + "/";
}

}  // namespace lookout
