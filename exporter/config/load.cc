#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "exporter/config/config.h"
#include "exporter/config/config_file.h"
#include "exporter/config/sources.h"
#include "exporter/config/target_reader.h"
#include "probes/core/text.h"
#include "probes/core/yaml_variables.h"

namespace lookout {
namespace {

constexpr std::array<std::string_view, 3> kSeverityNames{"critical", "warning", "info"};
constexpr std::array<std::string_view, 2> kModeNames{"interval", "scrape"};
constexpr std::size_t kMaximumProblems = 1000;  // a person reads the first few

const char* process_environment(const char* name) { return std::getenv(name); }

bool wants_variables(const YamlNode& root) {
  bool wanted = false;
  Problems ignored{std::string()};
  ConfigReader(root, ignored).field("expand_environment", wanted);
  return wanted;
}

std::set<std::string, std::less<>> names_of(const Modules& modules) {
  std::set<std::string, std::less<>> names;
  for (const auto& [name, module] : modules) names.insert(name);
  return names;
}

// Also of plans with problems of their own.
TargetReader::Names plans_in(const YamlNode& root) {
  TargetReader::Names names;
  for (const auto& [name, plan] : root.at("recovery").at("plans").entries()) names.insert(name.scalar());
  return names;
}

void print_rest(const Config& config, std::string& out) {
  std::vector<std::string> reference_targets = config.reference_targets;
  if (!reference_targets.empty()) ConfigPrinter(out).field("reference_targets", reference_targets);
  std::vector<MaintenanceWindow> maintenance = config.maintenance;
  if (!maintenance.empty()) ConfigPrinter(out).field("maintenance", maintenance);
  Retention retention = config.retention;
  if (retention != Retention()) ConfigPrinter(out).field("retention", retention);
  RecoveryConfig recovery = config.recovery;
  if (recovery != RecoveryConfig()) ConfigPrinter(out).field("recovery", recovery);
  std::vector<DrillConfig> drills = config.drills;
  if (!drills.empty()) ConfigPrinter(out).field("drills", drills);
}

std::string print(const Config& config) {
  std::string out;
  out += config.modules.empty() ? "modules: {}\n" : "modules:\n";
  for (const auto& [name, module] : config.modules) {
    ConfigPrinter modules(out, 1);
    modules.block(name, [&](ConfigPrinter& printer) { print_module(*module, printer); });
  }
  for (const std::string& pattern : config.module_files) {
    out += fmt::format("# The modules of {} are above.\n", config_text::text_of(pattern));
  }
  if (config.probe_targets) {
    AddressPolicy probe_targets = *config.probe_targets;
    ConfigPrinter(out).field("probe_targets", probe_targets);
  }
  for (const std::string& pattern : config.target_files) {
    out += fmt::format("# The targets of {} are below.\n", config_text::text_of(pattern));
  }
  if (!config.targets.empty()) {
    std::vector<TargetConfig> targets;
    targets.reserve(config.targets.size());
    for (const auto& target : config.targets) targets.push_back(*target);
    ConfigPrinter(out).field("targets", targets);
  }
  print_rest(config, out);
  return out;
}

// One load while it goes on: what was read, what was made of it, what was wrong.
struct Loading {
  std::string path;
  std::shared_ptr<Config> config = std::make_shared<Config>();
  std::vector<SourceFile> sources;
  std::vector<Problem> problems;
  bool variables = false;                                   // are expanded
  std::map<std::string, std::string, std::less<>> modules;  // where each stands: "lookout.yml:12:3"

  std::optional<YamlNode> parse(const std::string& file, Problems& found);
  void keep(const Problems& found);
  void read_main();
  void read_modules_of(const YamlNode& mapping, Problems& found);
  void read_module_file(const std::string& file);
  std::set<std::string, std::less<>> read_all_modules(const YamlNode& root, const YamlNode& own,
                                                      Problems& found);
  // false: nothing could be read of it.
  bool read_target_file(const std::string& file, const TargetConfig& defaults, TargetReader& targets);
  void check_references(const YamlNode& root, std::vector<TargetReference> references);
};

void Loading::keep(const Problems& found) {
  const std::vector<Problem> sorted = found.sorted();
  problems.insert(problems.end(), sorted.begin(), sorted.end());
}

// Tabs between JSON's tokens are blanks, which YAML does not have; within a JSON string there are none.
std::string readable(const std::string& file, const std::string& text) {
  std::string result = text;
  if (file.ends_with(".json")) std::ranges::replace(result, '\t', ' ');
  return result;
}

std::optional<YamlNode> Loading::parse(const std::string& file, Problems& found) {
  std::variant<SourceFile, std::string> read = read_source(file);
  if (const std::string* reason = std::get_if<std::string>(&read)) {
    found.add(Mark{}, fmt::format("cannot be read: {}", *reason));
    return std::nullopt;
  }
  sources.push_back(std::move(std::get<SourceFile>(read)));
  std::optional<YamlNode> root = parse_yaml(readable(file, sources.back().text), found);
  if (root && file == path) variables = root->kind() == YamlNode::Kind::mapping && wants_variables(*root);
  return root && variables ? expand_variables(*root, process_environment, found) : root;
}

// Adds to the modules so far; a name that one of them has is a problem.
void Loading::read_modules_of(const YamlNode& mapping, Problems& found) {
  for (const auto& [name, module] : mapping.entries()) {
    const Mark mark = name.mark();
    const auto [first, added] =
        modules.emplace(name.scalar(), fmt::format("{}:{}:{}", found.file(), mark.line, mark.column));
    if (added) continue;
    found.add(mark,
              fmt::format("the name {} is taken by the module at {}; give every module a name of its own",
                          in_quotes(name.scalar()), first->second));
  }
  config->modules.merge(read_modules(mapping, found));
}

void Loading::read_module_file(const std::string& file) {
  Problems found(file);
  const std::optional<YamlNode> root = parse(file, found);
  if (root && root->kind() != YamlNode::Kind::null && expect_kind(*root, YamlNode::Kind::mapping, found)) {
    ConfigReader reader(*root, found);
    read_modules_of(reader.raw("modules"), found);
    reader.finish();
  }
  keep(found);
}

// Those of the main file and of its module_files; the names also of those with problems.
std::set<std::string, std::less<>> Loading::read_all_modules(const YamlNode& root, const YamlNode& own,
                                                             Problems& found) {
  // `modules:` without a value still says that there shall be none.
  if (!root.has("modules") && !root.has("module_files")) {
    config->modules = built_in_modules();
    return names_of(config->modules);
  }
  read_modules_of(own, found);
  for (const std::string& file : matching_files(path, config->module_files)) read_module_file(file);
  std::set<std::string, std::less<>> names;
  for (const auto& [name, place] : modules) names.insert(name);
  return names;
}

bool Loading::read_target_file(const std::string& file, const TargetConfig& defaults, TargetReader& targets) {
  Problems found(file);
  const std::optional<YamlNode> root = parse(file, found);
  if (root) targets.read_document(*root, defaults, found);
  keep(found);
  return root.has_value();
}

// When all names are known: who names a target that is not there, or depends on itself.
void Loading::check_references(const YamlNode& root, std::vector<TargetReference> references) {
  Problems found(path);
  ConfigReader reader(root, found);
  for (const auto& [name, plan] : root.at("recovery").at("plans").entries()) {
    for (const YamlNode& step : plan.at("steps").items())
      collect_reference("when_up", step.at("fail_back").at("when_up"), path, references);
  }
  collect_references("reference_targets", reader.raw("reference_targets"), {}, path, references);
  for (const YamlNode& window : reader.raw("maintenance").items())
    collect_references("targets", ConfigReader(window, found).raw("targets"), {}, path, references);
  for (const YamlNode& drill : root.at("drills").items())
    collect_reference("target", drill.at("target"), path, references);
  report_unknown_names(references, config->targets, found);
  report_circles(references, config->targets, found);
  keep(found);
}

void Loading::read_main() {
  Problems found(path);
  const std::optional<YamlNode> root = parse(path, found);
  if (!root) return keep(found);
  if (root->kind() == YamlNode::Kind::null && root->mark().line == 0) {
    found.add(Mark{},
              "has no content; write modules or targets into it, or start without a configuration file");
    return keep(found);
  }
  if (root->kind() != YamlNode::Kind::null && !expect_kind(*root, YamlNode::Kind::mapping, found))
    return keep(found);

  ConfigReader reader(*root, found);
  ConfigFile file;  // its expand_environment has been seen to by parse()
  describe(reader, file);
  reader.finish();
  config->module_files = file.module_files;
  config->target_files = file.target_files;
  config->reference_targets = file.reference_targets;
  config->maintenance = file.maintenance;
  config->retention = file.retention;
  config->recovery = std::move(file.recovery);
  config->drills = file.drills;
  if (file.probe_targets)
    config->probe_targets = std::make_shared<const AddressPolicy>(*std::move(file.probe_targets));
  std::set<std::string, std::less<>> names = read_all_modules(*root, file.modules.node, found);
  Problems hints(path);
  check_recovery(config->recovery, root->at("recovery"), found, hints);
  config->hints = hints.sorted();
  TargetReader targets(config->modules, std::move(names), plans_in(*root));
  const TargetConfig defaults = targets.read_defaults(file.target_defaults.node, TargetConfig(), found);
  targets.read_list(file.targets.node, defaults, found);
  keep(found);

  bool complete = true;
  for (const std::string& name : matching_files(path, config->target_files))
    complete = read_target_file(name, defaults, targets) && complete;
  config->targets = targets.take();
  if (complete) check_references(*root, targets.take_references());
}

struct Patterns {
  std::vector<std::string> module_files, target_files;
};

// As they stand in the main file, which may have faults elsewhere.
Patterns patterns_in(const std::string& text) {
  Patterns patterns;
  if (text.find("_files") == std::string::npos) return patterns;  // spares most polls the parse
  Problems ignored{std::string()};
  std::optional<YamlNode> root = parse_yaml(text, ignored);
  if (!root) return patterns;
  if (wants_variables(*root)) root = expand_variables(*root, process_environment, ignored);
  ConfigReader reader(*root, ignored);
  reader.field("module_files", patterns.module_files);
  reader.field("target_files", patterns.target_files);
  return patterns;
}

}  // namespace

std::string_view name(Severity severity) { return kSeverityNames.at(static_cast<std::size_t>(severity)); }
std::span<const std::string_view> config_names(Severity) { return kSeverityNames; }
std::span<const std::string_view> config_names(TargetMode) { return kModeNames; }

int default_quorum(int expected) { return expected / 2 + 1; }

ConfigOrProblems load_config(const std::string& path) {
  Loading loading;
  loading.path = path;
  loading.read_main();
  if (!loading.problems.empty()) {
    const std::size_t count = loading.problems.size();
    if (count > kMaximumProblems) {
      loading.problems.resize(kMaximumProblems);
      loading.problems.push_back({path, {}, fmt::format("{} more problems", count - kMaximumProblems)});
    }
    return loading.problems;
  }
  Config& config = *loading.config;
  for (const SourceFile& source : loading.sources) config.files.push_back(source.path);
  for (const auto* patterns : {&config.module_files, &config.target_files}) {
    for (const std::string& folder : pattern_folders(path, *patterns)) config.files.push_back(folder);
  }
  config.fingerprint = fingerprint_of(loading.sources);
  config.printed = print(config);
  return loading.config;
}

std::shared_ptr<const Config> default_config() {
  auto config = std::make_shared<Config>();
  config->modules = built_in_modules();
  config->fingerprint = fingerprint_of({});
  config->printed = print(*config);
  return config;
}

std::string config_fingerprint(const std::string& path) {
  std::variant<SourceFile, std::string> main = read_source(path);
  if (!std::holds_alternative<SourceFile>(main)) return {};
  std::vector<SourceFile> sources{std::move(std::get<SourceFile>(main))};
  const Patterns patterns = patterns_in(sources.front().text);
  for (const auto* list : {&patterns.module_files, &patterns.target_files}) {
    for (const std::string& file : matching_files(path, *list)) {
      std::variant<SourceFile, std::string> read = read_source(file);
      if (SourceFile* source = std::get_if<SourceFile>(&read)) sources.push_back(std::move(*source));
    }
  }
  return fingerprint_of(sources);
}

std::vector<std::string> files_of_modules(const std::string& path) {
  std::vector<std::string> files{path};
  const std::variant<SourceFile, std::string> main = read_source(path);
  const SourceFile* source = std::get_if<SourceFile>(&main);
  if (!source) return files;
  for (std::string& file : matching_files(path, patterns_in(source->text).module_files))
    files.push_back(std::move(file));
  return files;
}

}  // namespace lookout
