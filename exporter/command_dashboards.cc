// `lookout dashboards`: the Grafana dashboards, fitted to a configuration, into a folder or to standard
// output.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include <fmt/format.h>

#include "exporter/commands.h"
#include "exporter/fitted_dashboards.h"
#include "probes/core/config_schema.h"

namespace lookout {
namespace {

namespace json = boost::json;

void write(const std::filesystem::path& file, const json::object& dashboard) {
  std::ofstream stream(file);
  stream << print_json(dashboard);
  stream.close();
  if (!stream) throw std::runtime_error(fmt::format("{} cannot be written", file.string()));
  std::cout << file.string() << '\n';
}

}  // namespace

int run_dashboards(const Flags& flags) {
  std::shared_ptr<const Config> config;
  if (!flags.config_file.empty()) {
    ConfigOrProblems loaded = load_config(flags.config_file);
    if (const auto* problems = std::get_if<std::vector<Problem>>(&loaded)) {
      for (const Problem& problem : *problems) std::cerr << describe(problem) << '\n';
      return 1;
    }
    config = std::get<std::shared_ptr<const Config>>(std::move(loaded));
  }
  const std::vector<json::object> dashboards =
      fitted_dashboards({config.get(), flags.external_url, flags.dashboards_name});
  if (flags.dashboards_folder.empty()) {
    std::cout << print_json(json::array(dashboards.begin(), dashboards.end()));
    return 0;
  }
  const std::filesystem::path folder = flags.dashboards_folder;
  std::filesystem::create_directories(folder);
  for (const json::object& dashboard : dashboards)
    write(folder / fmt::format("{}.json", std::string_view(dashboard.at("uid").as_string())), dashboard);
  return 0;
}

}  // namespace lookout
