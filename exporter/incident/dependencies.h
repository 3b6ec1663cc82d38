// Which targets a target needs in order to be reachable, and which need it: what `depends_on` says, followed
// all the way. Pure; belongs to one configuration, which has no circles. Follows on demand, as the whole of a
// long chain would be the square of its length.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exporter/config/config.h"

namespace lookout {

class Dependencies {
 public:
  explicit Dependencies(std::shared_ptr<const Config> config);

  using Names = std::vector<const std::string*>;  // lie in the configuration
  // Nearest first, each once; those of the same distance in the order of `depends_on`.
  Names dependencies(std::string_view target) const;
  // Likewise, in the order of the configuration.
  Names dependents(std::string_view target) const;

  // The nearest dependency that is down; nullptr: none, or no such target.
  const std::string* blamed(std::string_view target,
                            const std::function<bool(const std::string&)>& is_down) const;

 private:
  struct Node {
    const std::string* name;
    std::vector<std::size_t> needs;
    std::vector<std::size_t> needed_by;
  };
  using Edges = std::vector<std::size_t> Node::*;

  // Visits what can be reached, nearest first, until a visit says true; what it said it of, or nullptr.
  const std::string* search(std::string_view target, Edges edges,
                            const std::function<bool(const std::string&)>& visit) const;
  Names reached(std::string_view target, Edges edges) const;

  std::shared_ptr<const Config> config_;
  std::vector<Node> nodes_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
};

}  // namespace lookout
