// `lookout dashboards`: the Grafana dashboards, fitted to a configuration, into a folder or to standard
// output.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "exporter/commands.h"
#include "exporter/fitted_dashboards.h"
#include "probes/core/config_schema.h"

namespace lookout {
namespace {

namespace json = boost::json;

constexpr std::string_view kFooter =
    R"(They ask Prometheus for what Lookout exposes, through the data source that their variable chooses. Of the
configuration, they take the targets and their degraded_above; without any targets, those about targets are left
out. --web.external-url is where their links to Lookout's pages lead.)";

constexpr std::string_view kNames = "a letter, then up to 19 letters, digits and dashes";
constexpr std::size_t kLongestName = 20;  // Grafana takes 40 for the whole of a dashboard's uid

bool is_name(std::string_view text) {
  const auto letter = [](char sign) { return std::isalpha(static_cast<unsigned char>(sign)) != 0; };
  const auto other = [](char sign) {
    return std::isalnum(static_cast<unsigned char>(sign)) != 0 || sign == '-';
  };
  return !text.empty() && text.size() <= kLongestName && letter(text.front()) &&
         std::ranges::all_of(text, other);
}

void write(const std::filesystem::path& file, const json::object& dashboard) {
  std::ofstream stream(file);
  stream << print_json(dashboard);
  stream.close();
  if (!stream) throw std::runtime_error(fmt::format("{} cannot be written", file.string()));
  std::cout << file.string() << '\n';
}

}  // namespace

CLI::App* add_dashboards_command(CLI::App& app, Flags& flags) {
  CLI::App* dashboards =
      app.add_subcommand("dashboards", "Write the Grafana dashboards, fitted to a configuration");
  dashboards->footer(std::string(kFooter));
  dashboards->add_option("--web.external-url", flags.external_url,
                         "URL under which this is reached from outside");
  dashboards
      ->add_option("--name", flags.dashboards_name,
                   "Of this Lookout, where one Grafana has the dashboards of several: " + std::string(kNames))
      ->check([](const std::string& name) {
        return is_name(name) ? std::string() : "is no name, which is " + std::string(kNames);
      });
  dashboards->add_option("FOLDER", flags.dashboards_folder,
                         "Where a file of each is written (default: all of them to standard output)");
  return dashboards;
}

int run_dashboards(const Flags& flags) {
  std::shared_ptr<const Config> config;
  if (!flags.config_file.empty()) {
    config = load_or_say(flags.config_file);
    if (!config) return 1;
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
