#include "exporter/config/target_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "exporter/config/target_checks.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kMaximumNamesShown = 10;

void state(const Complaint& complaint, std::string_view key, ConfigReader& reader) {
  if (complaint) reader.problem(key, fmt::format("{}: {}", key, *complaint));
}

void state(const Complaint& complaint, Mark mark, Problems& problems) {
  if (complaint) problems.add(mark, *complaint);
}

bool expect_under(std::string_view key, const YamlNode& node, YamlNode::Kind kind, Problems& problems) {
  const Problems::Subject subject(problems, std::string(key));
  return expect_kind(node, kind, problems);
}

// For a name that is none of those under `section`.
std::string remedy(const std::string& name, const TargetReader::Names& known, std::string_view section) {
  const std::vector<std::string_view> names(known.begin(), known.end());
  if (names.empty()) return fmt::format("; write it under {}", section);
  if (std::string meant = suggestion(name, names); !meant.empty()) return meant;
  const std::span<const std::string_view> shown(names.data(), std::min(names.size(), kMaximumNamesShown));
  return fmt::format("; the {} are {}{}", section, fmt::join(shown, ", "),
                     shown.size() < names.size() ? ", ..." : "");
}

bool is_group(const YamlNode& node) { return node.has("targets"); }

}  // namespace

TargetReader::TargetReader(const Modules& modules, Names declared, Names plans)
    : modules_(modules), declared_(std::move(declared)), plans_(std::move(plans)) {}

TargetConfig TargetReader::read_defaults(const YamlNode& node, TargetConfig base, Problems& problems) const {
  if (node.kind() == YamlNode::Kind::null) return base;
  if (!expect_under("target_defaults", node, YamlNode::Kind::mapping, problems)) return base;
  const std::map<std::string, std::string> inherited = base.labels;
  ConfigReader reader(node, problems);
  describe_settings(reader, base);
  base.labels.insert(inherited.begin(), inherited.end());
  check_settings(base, reader, node);
  reader.finish();
  return base;
}

void TargetReader::read_list(const YamlNode& node, const TargetConfig& defaults, Problems& problems) {
  if (node.kind() == YamlNode::Kind::null ||
      !expect_under("targets", node, YamlNode::Kind::sequence, problems))
    return;
  for (const YamlNode& item : node.items()) read_target(item, defaults, problems);
}

void TargetReader::read_document(const YamlNode& root, const TargetConfig& defaults, Problems& problems) {
  if (root.kind() == YamlNode::Kind::mapping) {
    ConfigReader reader(root, problems);
    const TargetConfig own_defaults = read_defaults(reader.raw("target_defaults"), defaults, problems);
    read_list(reader.raw("targets"), own_defaults, problems);
    reader.finish();
    return;
  }
  if (root.kind() == YamlNode::Kind::null || !expect_kind(root, YamlNode::Kind::sequence, problems)) return;
  for (const YamlNode& item : root.items()) {
    if (is_group(item)) {
      read_group(item, defaults, problems);
    } else {
      read_target(item, defaults, problems);
    }
  }
}

void TargetReader::read_target(const YamlNode& node, const TargetConfig& defaults, Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::mapping, problems)) return;
  TargetConfig target = defaults;
  ConfigReader reader(node, problems);
  describe(reader, target);
  target.labels.insert(defaults.labels.begin(), defaults.labels.end());
  for (std::string_view key : {"name", "address"}) {
    if (!reader.has(key))
      reader.problem(key, fmt::format("this target has no {0}; write {0}: and its value", key));
  }
  if (reader.has("name")) state(complain_about_name(target.name), "name", reader);
  if (reader.has("address")) state(complain_about_address(target.address), "address", reader);
  check_settings(target, reader, node);
  check_checkpoints(target, reader, node);
  collect_references("depends_on", node.at("depends_on"), target.name, problems.file(), references_);
  if (!reader.has("quorum")) target.quorum = default_quorum(static_cast<int>(target.checkpoints.size()));
  if (!reader.has("module") && !defaults.module_name.empty() &&
      defaults.module_name == TargetConfig().module_name && !declared_.contains(defaults.module_name)) {
    reader.problem(
        "module",
        fmt::format("this target has no module, and there is none by the name {}, the default; write "
                    "module: and a name out of modules",
                    in_quotes(defaults.module_name)));
  }
  reader.finish();
  add(std::move(target), reader.has("timeout"), reader.mark("name"), problems);
}

void TargetReader::check_settings(const TargetConfig& target, ConfigReader& reader,
                                  const YamlNode& node) const {
  if (reader.has("module")) check_module(target.module_name, reader.mark("module"), reader.problems());
  if (reader.has("interval")) state(complain_about_interval(target.interval), "interval", reader);
  if (reader.has("timeout"))
    state(complain_about_timeout(target.timeout, target.mode, target.interval), "timeout", reader);
  if (reader.has("failure_threshold")) {
    state(complain_about_threshold(target.failure_threshold), "failure_threshold", reader);
  }
  if (reader.has("success_threshold")) {
    state(complain_about_threshold(target.success_threshold), "success_threshold", reader);
  }
  if (target.retries && reader.has("retries"))
    state(complain_about_retries(*target.retries), "retries", reader);
  if (target.degraded_above && reader.has("degraded_above") && *target.degraded_above <= Duration::zero()) {
    reader.problem(
        "degraded_above",
        fmt::format("degraded_above: {} would make every answer slow; write a longer time, e.g. 500ms",
                    print_duration(*target.degraded_above)));
  }
  if (reader.has("recovery")) check_plan(target.recovery, reader.mark("recovery"), reader.problems());
  if (reader.has("runbook_url")) state(complain_about_runbook(target.runbook_url), "runbook_url", reader);
  for (const auto& [key, value] : node.at("labels").entries()) {
    state(complain_about_label(key.scalar(), value.scalar()), key.mark(), reader.problems());
  }
}

void TargetReader::check_checkpoints(const TargetConfig& target, ConfigReader& reader,
                                     const YamlNode& node) const {
  const bool unread = reader.has("checkpoints") && target.checkpoints.empty();
  if (reader.has("quorum") && !unread)
    state(complain_about_quorum(target.quorum, target.checkpoints.size()), "quorum", reader);
  std::vector<YamlNode> nodes = node.at("checkpoints").items();
  std::erase_if(nodes, [](const YamlNode& item) { return item.kind() == YamlNode::Kind::null; });
  if (nodes.size() != target.checkpoints.size()) return;  // one of them could not be read
  std::map<std::string_view, Mark> places;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const CheckpointConfig& checkpoint = target.checkpoints[i];
    check_checkpoint(checkpoint, nodes[i], reader.problems());
    const Mark mark = nodes[i].at("name").mark();
    const auto [first, added] = places.emplace(checkpoint.name, mark);
    if (added || checkpoint.name.empty()) continue;
    reader.problems().add(
        mark,
        fmt::format("name: {} is taken by the checkpoint at {}:{}:{}; give every checkpoint of a target a "
                    "name of its own",
                    in_quotes(checkpoint.name), reader.problems().file(), first->second.line,
                    first->second.column));
  }
}

void TargetReader::check_checkpoint(const CheckpointConfig& checkpoint, const YamlNode& node,
                                    Problems& problems) const {
  const auto mark = [&](std::string_view key) { return node.at(key).mark(); };
  const auto state_under = [&](std::string_view key, const Complaint& complaint) {
    const Problems::Subject subject(problems, std::string(key));
    state(complaint, mark(key), problems);
  };
  ConfigReader reader(node, problems);
  if (!reader.has("name")) {
    problems.add(node.mark(), "this checkpoint has no name; write name: and its value");
  } else {
    state_under("name", complain_about_name(checkpoint.name));
  }
  if (reader.has("address")) state_under("address", complain_about_address(checkpoint.address));
  if (reader.has("module")) check_module(checkpoint.module_name, mark("module"), problems);
}

// One module with other retries serves all targets that want it so, as it has TLS contexts of its own.
std::shared_ptr<const Module> TargetReader::resolve(const std::string& module_name,
                                                    std::optional<int> retries) {
  const auto module = modules_.find(module_name);
  if (module == modules_.end()) return nullptr;
  if (!retries || *retries == module->second->retries) return module->second;
  std::shared_ptr<const Module>& retried = retried_[{module_name, *retries}];
  if (!retried) {
    Module copy = *module->second;
    copy.retries = *retries;
    retried = std::make_shared<const Module>(std::move(copy));
  }
  return retried;
}

void TargetReader::check_module(const std::string& name, Mark mark, Problems& problems) const {
  if (declared_.contains(name)) return;
  problems.add(mark, fmt::format("there is no module by the name {}{}", in_quotes(name),
                                 remedy(name, declared_, "modules")));
}

void TargetReader::check_plan(const std::string& name, Mark mark, Problems& problems) const {
  if (name.empty() || plans_.contains(name)) return;
  problems.add(mark, fmt::format("there is no plan of recovery by the name {}{}", in_quotes(name),
                                 remedy(name, plans_, "plans")));
}

void TargetReader::add(TargetConfig target, bool own_timeout, Mark name_mark, Problems& problems) {
  if (target.name.empty()) return;
  const auto [first, added] = places_.emplace(
      target.name, fmt::format("{}:{}:{}", problems.file(), name_mark.line, name_mark.column));
  if (!added) {
    problems.add(name_mark,
                 fmt::format("the name {} is taken by the target at {}; give every target a name of its own",
                             in_quotes(mask_url_password(target.name)), first->second));
    return;
  }
  if (!own_timeout && target.mode == TargetMode::interval)
    target.timeout = std::min(target.timeout, target.interval);
  target.module = resolve(target.module_name, target.retries);
  for (CheckpointConfig& checkpoint : target.checkpoints) {
    if (checkpoint.address.empty()) checkpoint.address = target.address;
    if (checkpoint.module_name.empty()) checkpoint.module_name = target.module_name;
    checkpoint.module = resolve(checkpoint.module_name, target.retries);
  }
  targets_.push_back(std::make_shared<const TargetConfig>(std::move(target)));
}

// --- Prometheus' file_sd ---

void TargetReader::read_group(const YamlNode& node, const TargetConfig& defaults, Problems& problems) {
  TargetConfig group = defaults;
  ConfigReader reader(node, problems);
  const YamlNode addresses = reader.raw("targets");
  const YamlNode labels = reader.raw("labels");
  reader.finish();
  if (!expect_under("targets", addresses, YamlNode::Kind::sequence, problems)) return;
  const bool single = addresses.items().size() == 1;
  read_group_labels(labels, single, group, problems);
  const YamlNode name = labels.at("name");
  for (const YamlNode& item : addresses.items()) {
    TargetConfig target = group;
    if (!read_value(item, target.address, problems)) continue;
    state(complain_about_address(target.address), item.mark(), problems);
    if (target.name.empty())
      target.name = mask_url_password(target.address);  // a name becomes a label, for all to see
    const bool named = single && name.kind() == YamlNode::Kind::scalar;
    add(std::move(target), labels.at("timeout").kind() == YamlNode::Kind::scalar,
        named ? name.mark() : item.mark(), problems);
  }
}

// Labels that are settings of a target become these; those that begin with two underscores are for Prometheus
// alone, but for the one that selects the module.
void TargetReader::read_group_labels(const YamlNode& labels, bool single, TargetConfig& target,
                                     Problems& problems) const {
  if (labels.kind() == YamlNode::Kind::null || !expect_kind(labels, YamlNode::Kind::mapping, problems))
    return;
  for (const auto& [key, value] : labels.entries()) {
    const std::string& name = key.scalar();
    const Problems::Subject subject(problems, name);
    if (name == "module" || name == "__param_module") {
      if (read_value(value, target.module_name, problems))
        check_module(target.module_name, value.mark(), problems);
    } else if (name == "severity") {
      read_value(value, target.severity, problems);
    } else if (name == "interval") {
      if (read_value(value, target.interval, problems))
        state(complain_about_interval(target.interval), value.mark(), problems);
    } else if (name == "timeout") {
      read_value(value, target.timeout, problems);
    } else if (name == "name" && single) {
      if (read_value(value, target.name, problems))
        state(complain_about_name(target.name), value.mark(), problems);
    } else if (!name.starts_with("__")) {
      std::string text;
      if (value.kind() != YamlNode::Kind::null && !read_value(value, text, problems)) continue;
      const Problems::Subject none(problems, {});
      state(complain_about_label(name, text), key.mark(), problems);
      target.labels.insert_or_assign(name, text);
    }
  }
  const YamlNode timeout = labels.at("timeout");
  if (timeout.kind() != YamlNode::Kind::scalar) return;
  const Problems::Subject subject(problems, "timeout");
  state(complain_about_timeout(target.timeout, target.mode, target.interval), timeout.mark(), problems);
}

}  // namespace lookout
