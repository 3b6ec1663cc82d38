// Which targets the first page shows, in which order: filtered, grouped by a label, worst first, a page of
// them at a time. Pure.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/serve/shown_state.h"

namespace lookout {

struct TargetQuery {
  std::string text;                 // in name, address, module or "label=value", whatever the case
  std::optional<ShownState> state;  // nullopt: all
  std::string group;                // a label's name; empty: none
  std::size_t page = 1;

  bool filters() const { return !text.empty() || state; }
  // "?q=web&amp;state=down", for an attribute; empty if there is nothing to say.
  std::string link(std::optional<ShownState> with_state, std::size_t with_page) const;
};
TargetQuery read_target_query(std::string_view query);

using Records = std::vector<std::shared_ptr<const TargetRecord>>;
using StateCounts = std::array<std::size_t, kShownStates.size()>;  // by ShownState

struct TargetGroup {
  std::string value;  // of the label; empty: those without it
  StateCounts counts{};
  std::size_t size = 0;
};

struct TargetList {
  static constexpr std::size_t kPageSize = 250;

  StateCounts counts{};     // of all that fit the text, whatever state is asked for
  std::size_t fitting = 0;  // to text and state
  std::size_t page = 1, pages = 1;
  std::size_t first = 0;              // index of the page's first row among those that fit
  Records rows;                       // of this page
  std::vector<std::size_t> group_of;  // of each row, an index into groups; empty without grouping
  std::vector<TargetGroup> groups;    // worst first, of all that fit
};
TargetList select_targets(const Records& records, const TargetQuery& query);

// Names of all labels that targets have, sorted.
std::vector<std::string> label_names(const Records& records);

}  // namespace lookout
