#include "exporter/incident/dependencies.h"

#include <unordered_set>

namespace lookout {

Dependencies::Dependencies(std::shared_ptr<const Config> config) : config_(std::move(config)) {
  nodes_.reserve(config_->targets.size());
  for (const auto& target : config_->targets) {
    by_name_.emplace(target->name, nodes_.size());
    nodes_.push_back({&target->name, {}, {}});
  }
  for (std::size_t from = 0; from < nodes_.size(); ++from) {
    for (const std::string& name : config_->targets[from]->depends_on) {
      const auto to = by_name_.find(name);
      if (to == by_name_.end()) continue;
      nodes_[from].needs.push_back(to->second);
      nodes_[to->second].needed_by.push_back(from);
    }
  }
}

const std::string* Dependencies::search(std::string_view target, Edges edges,
                                        const std::function<bool(const std::string&)>& visit) const {
  const auto start = by_name_.find(target);
  if (start == by_name_.end()) return nullptr;
  std::unordered_set<std::size_t> seen{start->second};
  std::vector<std::size_t> queue{start->second};
  for (std::size_t next = 0; next < queue.size(); ++next) {
    const std::string* name = nodes_[queue[next]].name;
    if (next > 0 && visit(*name)) return name;
    for (std::size_t neighbour : nodes_[queue[next]].*edges) {
      if (seen.insert(neighbour).second) queue.push_back(neighbour);
    }
  }
  return nullptr;
}

Dependencies::Names Dependencies::reached(std::string_view target, Edges edges) const {
  Names names;
  search(target, edges, [&](const std::string& name) {
    names.push_back(&name);
    return false;
  });
  return names;
}

Dependencies::Names Dependencies::dependencies(std::string_view target) const {
  return reached(target, &Node::needs);
}
Dependencies::Names Dependencies::dependents(std::string_view target) const {
  return reached(target, &Node::needed_by);
}

const std::string* Dependencies::blamed(std::string_view target,
                                        const std::function<bool(const std::string&)>& is_down) const {
  return search(target, &Node::needs, is_down);
}

}  // namespace lookout
