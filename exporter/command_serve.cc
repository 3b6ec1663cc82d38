#include <iostream>

#include "exporter/app.h"
#include "exporter/commands.h"
#include "exporter/config/config.h"
#include "exporter/config/config_file.h"
#include "exporter/log.h"

namespace lookout {
namespace {

void print(const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) std::cerr << describe(problem) << '\n';
}

void print_hints(const Config& config) {
  for (Problem hint : config.hints) {
    hint.message = "hint: " + hint.message;
    std::cerr << describe(hint) << '\n';
  }
}

// "1 error" in words.
std::string count(const std::vector<Problem>& problems) {
  return std::to_string(problems.size()) + (problems.size() == 1 ? " error" : " errors");
}

}  // namespace

std::shared_ptr<const Config> load_or_say(const std::string& file) {
  ConfigOrProblems loaded = load_config(file);
  if (const auto* problems = std::get_if<std::vector<Problem>>(&loaded)) {
    print(*problems);
    return nullptr;
  }
  return std::get<std::shared_ptr<const Config>>(std::move(loaded));
}

int run_check(const Flags& flags) {
  ConfigOrProblems loaded = load_config(flags.config_file);
  if (auto* problems = std::get_if<std::vector<Problem>>(&loaded)) {
    print(*problems);
    std::cerr << flags.config_file << ": " << count(*problems) << '\n';
    return 1;
  }
  const Config& config = *std::get<std::shared_ptr<const Config>>(loaded);
  print_hints(config);
  std::cout << flags.config_file << ": ok, " << config.modules.size() << " modules, " << config.targets.size()
            << " targets\n";
  if (flags.shard) {
    const auto share = share_of(std::get<std::shared_ptr<const Config>>(loaded), *flags.shard);
    std::cout << "shard " << describe(*flags.shard) << " watches " << share->targets.size() << " of them\n";
  }
  return 0;
}

int run_schema() {
  std::cout << config_schema_text();
  return 0;
}

int run_serve(Flags flags) {
  std::shared_ptr<const Config> config;
  if (flags.config_file.empty()) {
    config = default_config();
    log(LogLevel::info, "No configuration: built-in modules and no targets; /probe and `lookout probe` work");
  } else {
    ConfigOrProblems loaded = load_config(flags.config_file);
    if (auto* problems = std::get_if<std::vector<Problem>>(&loaded)) {
      print(*problems);
      log(LogLevel::error, "Configuration refused",
          {{"file", flags.config_file}, {"errors", std::to_string(problems->size())}});
      return 1;
    }
    config = std::get<std::shared_ptr<const Config>>(std::move(loaded));
  }
  return App(std::move(flags), std::move(config)).run();
}

}  // namespace lookout
