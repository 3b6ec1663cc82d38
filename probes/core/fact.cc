#include "probes/core/fact.h"

#include <algorithm>

#include "probes/core/text.h"

namespace lookout {
namespace {

void append_escaped(std::string& out, std::string_view value) {
  for (char character : to_utf8(value)) {
    if (character == '\n') {
      out.append("\\n");
      continue;
    }
    if (character == '\\' || character == '"') out.push_back('\\');
    out.push_back(character);
  }
}

}  // namespace

std::string render_labels(std::vector<std::pair<std::string, std::string>> labels) {
  std::sort(labels.begin(), labels.end());
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out.push_back(',');
    out.append(name).append("=\"");
    append_escaped(out, value);
    out.push_back('"');
  }
  return out;
}

std::string render_labels(std::initializer_list<std::pair<std::string_view, std::string_view>> labels) {
  return render_labels(std::vector<std::pair<std::string, std::string>>(labels.begin(), labels.end()));
}

void Facts::set(const FactFamily& family, double value, std::string_view labels) {
  const Fact* found = find(family, labels);
  if (found) {
    facts_[static_cast<std::size_t>(found - facts_.data())].value = value;
  } else if (facts_.size() < kMaximum) {
    facts_.push_back({&family, value, std::string(labels)});
  }
}

void Facts::add(const FactFamily& family, double value, std::string_view labels) {
  const Fact* fact = find(family, labels);
  set(family, value + (fact ? fact->value : 0), labels);
}

const Fact* Facts::find(const FactFamily& family, std::string_view labels) const {
  const auto found = std::find_if(facts_.begin(), facts_.end(), [&](const Fact& fact) {
    return fact.family == &family && fact.labels == labels;
  });
  return found == facts_.end() ? nullptr : &*found;
}

std::vector<Fact> Facts::take() && { return std::move(facts_); }

}  // namespace lookout
