#include "probes/match/expect_info.h"

#include <map>

namespace lookout {
namespace {

// Every byte that may not stand in a name becomes an underscore.
std::string label_name(std::string_view name) {
  std::string text(name);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && (i == 0 || c < '0' || c > '9')) text[i] = '_';
  }
  return text.empty() ? "_" : text;
}

}  // namespace

std::string expect_labels(const std::vector<std::pair<std::string, std::string>>& named) {
  std::map<std::string, std::string> labels;
  for (const auto& [name, value] : named) labels[label_name(name)] = value;
  return render_labels(std::vector<std::pair<std::string, std::string>>(labels.begin(), labels.end()));
}

}  // namespace lookout
