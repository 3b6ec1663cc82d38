#include "exporter/serve/target_list.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include <boost/algorithm/string/case_conv.hpp>

#include "exporter/serve/query.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

bool contains(std::string text, const std::string& lower) {
  boost::algorithm::to_lower(text);
  return text.find(lower) != std::string::npos;
}

bool fits(const TargetConfig& target, const std::string& lower) {
  if (lower.empty() || contains(target.name, lower) || contains(target.module_name, lower) ||
      contains(mask_url_password(target.address), lower)) {
    return true;
  }
  return std::ranges::any_of(
      target.labels, [&](const auto& label) { return contains(label.first + "=" + label.second, lower); });
}

struct Row {
  std::shared_ptr<const TargetRecord> record;
  ShownState state;
  std::size_t group = 0;
};

auto order(const Row& row) {
  return std::tuple(row.group, row.state, row.record->config->severity,
                    std::string_view(row.record->config->name));
}

std::string label_of(const TargetConfig& target, const std::string& label) {
  const auto found = target.labels.find(label);
  return found == target.labels.end() ? std::string() : found->second;
}

// Sets each row's group; those where more is wrong come first, those without the label last of their like.
std::vector<TargetGroup> grouped(std::vector<Row>& rows, const std::string& label) {
  std::map<std::string, TargetGroup> by_value;
  for (const Row& row : rows) {
    std::string value = label_of(*row.record->config, label);
    TargetGroup& group = by_value[value];
    group.value = std::move(value);
    ++group.counts[static_cast<std::size_t>(row.state)];
    ++group.size;
  }
  std::vector<TargetGroup> groups;
  for (auto& [value, group] : by_value) groups.push_back(std::move(group));
  const auto worst_first = [](const TargetGroup& group) {
    const auto worse = [&group](ShownState state) {
      return -static_cast<long>(group.counts[static_cast<std::size_t>(state)]);
    };
    return std::tuple(worse(ShownState::down), worse(ShownState::degraded), worse(ShownState::held),
                      group.value.empty(), std::string_view(group.value));
  };
  std::ranges::sort(groups, {}, worst_first);
  std::map<std::string_view, std::size_t> place;
  for (std::size_t index = 0; index < groups.size(); ++index) place[groups[index].value] = index;
  for (Row& row : rows) row.group = place.at(label_of(*row.record->config, label));
  return groups;
}

}  // namespace

std::string TargetQuery::link(std::optional<ShownState> with_state, std::size_t with_page) const {
  std::string link;
  const auto add = [&link](std::string_view name, std::string_view value) {
    link.append(link.empty() ? "?" : "&amp;").append(name).append("=").append(percent_encoded(value));
  };
  if (!text.empty()) add("q", text);
  if (with_state) add("state", name(*with_state));
  if (!group.empty()) add("group", group);
  if (with_page > 1) add("page", std::to_string(with_page));
  return link;
}

TargetQuery read_target_query(std::string_view query) {
  TargetQuery read;
  read.text = query_value(query, "q").value_or("");
  read.state = parse_shown_state(query_value(query, "state").value_or(""));
  read.group = query_value(query, "group").value_or("");
  const std::string page = query_value(query, "page").value_or("");
  std::from_chars(page.data(), page.data() + page.size(), read.page);
  read.page = std::max<std::size_t>(read.page, 1);
  return read;
}

TargetList select_targets(const Records& records, const TargetQuery& query) {
  TargetList list;
  const std::string lower = boost::algorithm::to_lower_copy(query.text);
  std::vector<Row> rows;
  for (const auto& record : records) {
    if (!fits(*record->config, lower)) continue;
    const ShownState state = shown_state(*record);
    ++list.counts[static_cast<std::size_t>(state)];
    if (!query.state || query.state == state) rows.push_back({record, state});
  }
  if (!query.group.empty()) list.groups = grouped(rows, query.group);
  std::ranges::sort(rows, {}, order);
  list.fitting = rows.size();
  list.pages = std::max<std::size_t>((rows.size() + TargetList::kPageSize - 1) / TargetList::kPageSize, 1);
  list.page = std::min(query.page, list.pages);
  list.first = (list.page - 1) * TargetList::kPageSize;
  const std::size_t end = std::min(list.first + TargetList::kPageSize, rows.size());
  for (std::size_t index = list.first; index < end; ++index) {
    list.rows.push_back(std::move(rows[index].record));
    if (!query.group.empty()) list.group_of.push_back(rows[index].group);
  }
  return list;
}

std::vector<std::string> label_names(const Records& records) {
  std::set<std::string> names;
  for (const auto& record : records) {
    for (const auto& [name, value] : record->config->labels) names.insert(name);
  }
  return {names.begin(), names.end()};
}

}  // namespace lookout
