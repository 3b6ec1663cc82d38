// A parsed YAML document with the position of every node. The only doorway to the YAML library: its
// exceptions stop here and become problems. Rules: only the first document counts, duplicate keys are
// problems, merge keys (<<) apply, aliases work, at most 100 levels and 16 MiB.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/core/problem.h"

namespace lookout {

class YamlNode {
 public:
  enum class Kind { null, scalar, sequence, mapping };

  YamlNode();  // null, without a position
  Kind kind() const;
  Mark mark() const;
  const std::string& scalar() const;  // empty unless a scalar
  bool quoted() const;                // a quoted scalar is always a string
  const std::vector<YamlNode>& items() const;
  const std::vector<std::pair<YamlNode, YamlNode>>& entries()
      const;                                // in file order, merge keys applied, no duplicates
  YamlNode at(std::string_view key) const;  // of a mapping; null, without a position, if it is not there
  bool has(std::string_view key) const;     // there, if only without a value

  struct Data;
  explicit YamlNode(std::shared_ptr<const Data> data);

 private:
  std::shared_ptr<const Data> data_;
};

// A text as if it stood quoted in a file.
YamlNode text_node(std::string text);

// nullopt when the text is no YAML; the problems say where. An empty document is a null node.
std::optional<YamlNode> parse_yaml(std::string_view text, Problems& problems);

}  // namespace lookout
