#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "exporter/config/config.h"
#include "exporter/config/sources.h"
#include "exporter/config/target_reader.h"

namespace lookout {
namespace {

constexpr std::array<std::string_view, 3> kSeverityNames{"critical", "warning", "info"};
constexpr std::array<std::string_view, 2> kModeNames{"interval", "scrape"};
constexpr std::size_t kMaximumProblems = 1000;  // a person reads the first few

// A key that is there with no value (`modules:`) still says that there shall be none.
bool is_written(const YamlNode& mapping, std::string_view key) {
  return std::ranges::any_of(mapping.entries(),
                             [&](const auto& entry) { return entry.first.scalar() == key; });
}

std::set<std::string, std::less<>> declared_names(const YamlNode& modules) {
  std::set<std::string, std::less<>> names;
  for (const auto& [key, value] : modules.entries()) names.insert(key.scalar());
  return names;
}

std::set<std::string, std::less<>> names_of(const Modules& modules) {
  std::set<std::string, std::less<>> names;
  for (const auto& [name, module] : modules) names.insert(name);
  return names;
}

std::string print(const Config& config) {
  std::string out;
  out += config.modules.empty() ? "modules: {}\n" : "modules:\n";
  for (const auto& [name, module] : config.modules) {
    ConfigPrinter modules(out, 1);
    modules.block(name, [&](ConfigPrinter& printer) { print_module(*module, printer); });
  }
  for (const std::string& pattern : config.target_files) {
    out += fmt::format("# The targets of {} are below.\n", config_text::text_of(pattern));
  }
  if (config.targets.empty()) return out;
  std::vector<TargetConfig> targets;
  targets.reserve(config.targets.size());
  for (const auto& target : config.targets) targets.push_back(*target);
  ConfigPrinter(out).field("targets", targets);
  return out;
}

// One load while it goes on: what was read, what was made of it, what was wrong.
struct Loading {
  std::string path;
  std::shared_ptr<Config> config = std::make_shared<Config>();
  std::vector<SourceFile> sources;
  std::vector<Problem> problems;

  std::optional<YamlNode> parse(const std::string& file, Problems& found);
  void keep(const Problems& found);
  void read_main();
  void read_target_file(const std::string& file, const TargetConfig& defaults, TargetReader& targets);
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
  return parse_yaml(readable(file, sources.back().text), found);
}

void Loading::read_target_file(const std::string& file, const TargetConfig& defaults, TargetReader& targets) {
  Problems found(file);
  if (const std::optional<YamlNode> root = parse(file, found)) targets.read_document(*root, defaults, found);
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
  const YamlNode modules = reader.raw("modules");
  const bool own_modules = is_written(*root, "modules");
  config->modules = own_modules ? read_modules(modules, found) : built_in_modules();
  TargetReader targets(config->modules, own_modules ? declared_names(modules) : names_of(config->modules));
  const TargetConfig defaults = targets.read_defaults(reader.raw("target_defaults"), TargetConfig(), found);
  targets.read_list(reader.raw("targets"), defaults, found);
  reader.field("target_files", config->target_files);
  for (std::string_view key : {"maintenance", "reference_targets", "recovery", "drills"})
    reader.not_built(key);
  reader.finish();
  keep(found);

  for (const std::string& file : matching_files(path, config->target_files))
    read_target_file(file, defaults, targets);
  config->targets = targets.take();
}

std::vector<std::string> target_file_patterns(const std::string& text) {
  if (text.find("target_files") == std::string::npos) return {};  // spares most polls the parse
  std::vector<std::string> patterns;
  Problems ignored{std::string()};
  const std::optional<YamlNode> root = parse_yaml(text, ignored);
  if (!root) return patterns;
  ConfigReader(*root, ignored).field("target_files", patterns);
  return patterns;
}

}  // namespace

std::string_view name(Severity severity) { return kSeverityNames.at(static_cast<std::size_t>(severity)); }
std::span<const std::string_view> config_names(Severity) { return kSeverityNames; }
std::span<const std::string_view> config_names(TargetMode) { return kModeNames; }

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
  for (const std::string& folder : pattern_folders(path, config.target_files)) config.files.push_back(folder);
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
  for (const std::string& file : matching_files(path, target_file_patterns(sources.front().text))) {
    std::variant<SourceFile, std::string> read = read_source(file);
    if (SourceFile* source = std::get_if<SourceFile>(&read)) sources.push_back(std::move(*source));
  }
  return fingerprint_of(sources);
}

}  // namespace lookout
