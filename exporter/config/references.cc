#include "exporter/config/references.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr int kMaximumSuggestions = 20;  // each compares with every name there is
constexpr std::size_t kMaximumNamesShown = 10;

using Places = std::unordered_map<std::string_view, std::size_t>;

Places places_of(Targets targets) {
  Places places;
  for (std::size_t i = 0; i < targets.size(); ++i) places.emplace(targets[i]->name, i);
  return places;
}

std::string shown(std::string_view name) { return in_quotes(mask_url_password(name)); }

void add(Problems& problems, const TargetReference& reference, std::string_view message) {
  problems.add({reference.file, reference.mark, fmt::format("{}: {}", reference.key, message)});
}

// What a target depends on, and where that is written.
struct Edge {
  std::size_t to;
  const TargetReference* reference;
};

std::vector<std::vector<Edge>> edges_of(std::span<const TargetReference> references, const Places& places) {
  std::vector<std::vector<Edge>> edges(places.size());
  for (const TargetReference& reference : references) {
    const auto from = places.find(reference.from);
    const auto to = places.find(reference.name);
    if (from != places.end() && to != places.end()) edges[from->second].push_back({to->second, &reference});
  }
  return edges;
}

// Goes to the bottom first, without recursion: a chain may be as long as there are targets.
class CircleSearch {
 public:
  CircleSearch(Targets targets, std::vector<std::vector<Edge>> edges, Problems& problems)
      : targets_(targets),
        edges_(std::move(edges)),
        marks_(targets.size(), Mark::unseen),
        problems_(problems) {}

  void run() {
    for (std::size_t start = 0; start < targets_.size(); ++start) {
      if (marks_[start] == Mark::unseen) enter(start);
      while (!path_.empty()) go_on();
    }
  }

 private:
  enum class Mark : unsigned char { unseen, on_path, done };
  struct Visit {
    std::size_t target;
    std::size_t next_edge = 0;
  };

  void enter(std::size_t target) {
    marks_[target] = Mark::on_path;
    path_.push_back({target});
  }

  void go_on() {
    Visit& visit = path_.back();
    if (visit.next_edge == edges_[visit.target].size()) {
      marks_[visit.target] = Mark::done;
      path_.pop_back();
      return;
    }
    const Edge edge = edges_[visit.target][visit.next_edge++];
    if (marks_[edge.to] == Mark::unseen) {
      enter(edge.to);
    } else if (marks_[edge.to] == Mark::on_path) {
      report(edge);
    }
  }

  void report(const Edge& edge) {
    if (edge.to == path_.back().target)
      return add(problems_, *edge.reference, "a target cannot depend on itself; remove it");
    const auto begin = std::ranges::find(path_, edge.to, &Visit::target);
    std::string text = shown(targets_[path_.back().target]->name);
    std::size_t count = 0;
    for (auto visit = begin; visit != path_.end() && count < kMaximumNamesShown; ++visit, ++count)
      text +=
          fmt::format("{} depends on {}", count == 0 ? "" : ", which", shown(targets_[visit->target]->name));
    if (static_cast<std::size_t>(path_.end() - begin) > count) text += ", and so on";
    add(problems_, *edge.reference, text + ": a circle; remove one of these");
  }

  Targets targets_;
  std::vector<std::vector<Edge>> edges_;
  std::vector<Mark> marks_;
  std::vector<Visit> path_;
  Problems& problems_;
};

}  // namespace

void collect_references(std::string_view key, const YamlNode& list, const std::string& from,
                        const std::string& file, std::vector<TargetReference>& references) {
  for (const YamlNode& item : list.items()) {
    if (item.kind() == YamlNode::Kind::scalar)
      references.push_back({std::string(key), item.scalar(), from, file, item.mark()});
  }
}

void collect_reference(std::string_view key, const YamlNode& name, const std::string& file,
                       std::vector<TargetReference>& references) {
  if (name.kind() == YamlNode::Kind::scalar)
    references.push_back({std::string(key), name.scalar(), {}, file, name.mark()});
}

void report_unknown_names(std::span<const TargetReference> references, Targets targets, Problems& problems) {
  const Places places = places_of(targets);
  std::vector<std::string_view> names;
  for (const auto& target : targets) names.push_back(target->name);
  int suggestions = 0;
  for (const TargetReference& reference : references) {
    if (places.contains(reference.name)) continue;
    const std::string meant =
        suggestions++ < kMaximumSuggestions ? suggestion(reference.name, names) : std::string();
    add(problems, reference,
        fmt::format("there is no target by the name {}{}", shown(reference.name),
                    meant.empty() ? "; write the name of one, or remove it" : meant));
  }
}

void report_circles(std::span<const TargetReference> references, Targets targets, Problems& problems) {
  CircleSearch(targets, edges_of(references, places_of(targets)), problems).run();
}

}  // namespace lookout
