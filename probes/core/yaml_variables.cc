#include "probes/core/yaml_variables.h"

#include <algorithm>

#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/core/yaml_tree.h"

namespace lookout {
namespace {

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

// One scalar's text.
class Expansion {
 public:
  Expansion(const YamlNode& node, Environment environment, Problems& problems)
      : node_(node), environment_(environment), problems_(problems), rest_(node.scalar()) {}

  std::string run() {
    while (!rest_.empty()) {
      if (rest_.starts_with("$${")) {
        copy("${", 3);
      } else if (rest_.size() > 2 && rest_.starts_with("${") && begins_name(rest_[2])) {
        variable();
      } else {
        copy(rest_.substr(0, 1), 1);
      }
    }
    return std::move(out_);
  }

 private:
  void copy(std::string_view text, std::size_t taken) {
    out_.append(text);
    rest_.remove_prefix(taken);
  }

  void variable() {
    const std::size_t close = rest_.find('}');
    const std::string_view inside = rest_.substr(2, close == std::string_view::npos ? close : close - 2);
    const auto end = std::ranges::find_if_not(inside, continues_name);
    const std::string name(inside.begin(), end);
    std::string_view other = inside.substr(name.size());
    if (close == std::string_view::npos || (!other.empty() && !other.starts_with(":-"))) {
      problems_.add(node_.mark(),
                    fmt::format("${{{} begins no variable; write ${{{}}} or ${{{}:-default}}, or "
                                "$${{ for these two characters",
                                name, name, name));
      return copy(rest_, rest_.size());
    }
    const char* value = environment_(name.c_str());
    if (value && (*value || other.empty())) {
      out_.append(value);
    } else if (!other.empty()) {
      out_.append(other.substr(2));
    } else {
      problems_.add(node_.mark(),
                    fmt::format("the environment has no variable {}; set it, write ${{{}:-default}}, or "
                                "$${{{}}} for the text itself",
                                in_quotes(name), name, name));
    }
    rest_.remove_prefix(close + 1);
  }

  const YamlNode& node_;
  Environment environment_;
  Problems& problems_;
  std::string_view rest_;
  std::string out_;
};

}  // namespace

YamlNode expand_variables(const YamlNode& node, Environment environment, Problems& problems) {
  auto data = std::make_shared<YamlNode::Data>();
  data->kind = node.kind();
  data->mark = node.mark();
  data->quoted = node.quoted();
  data->scalar = Expansion(node, environment, problems).run();
  for (const YamlNode& item : node.items())
    data->items.push_back(expand_variables(item, environment, problems));
  for (const auto& [key, value] : node.entries()) {
    data->entries.emplace_back(key, expand_variables(value, environment, problems));
  }
  return YamlNode(std::move(data));
}

}  // namespace lookout
