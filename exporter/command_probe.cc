// `lookout probe`: one probe, told to a person, to a script (--json) or as metrics.
#include <iostream>

#include <boost/asio/co_spawn.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "exporter/commands.h"
#include "exporter/config/config.h"
#include "exporter/metrics/exposition.h"
#include "probes/core/text.h"
#include "probes/net/services.h"
#include "probes/run_probe.h"

namespace lookout {
namespace {

constexpr int kUsage = 2;

std::string milliseconds(Duration duration) { return fmt::format("{:.3f} ms", seconds(duration) * 1000); }

ProbeResult probe_once(std::shared_ptr<const Module> module, const Flags& flags) {
  asio::io_context loop{1};
  ProbeServices services(loop);
  ProbeResult result;
  asio::co_spawn(loop, run_probe(std::move(module), Target{flags.target, {}}, flags.timeout, services),
                 [&](std::exception_ptr error, ProbeResult ended) {
                   if (error) std::rethrow_exception(error);
                   result = std::move(ended);
                   loop.stop();
                 });
  loop.run();
  return result;
}

std::string text(const Flags& flags, const ProbeResult& result) {
  std::string out = fmt::format("{}: {} in {} (module {})\n", one_line(flags.target, 200),
                                name(result.verdict), milliseconds(result.duration), flags.module);
  if (result.failure) {
    out += fmt::format("\nwhy      {}: {}\n", key(*result.failure), sentence(result.failure->cause));
    if (!result.failure->detail.empty())
      out += fmt::format("         {}\n", one_line(result.failure->detail, 500));
  }
  out += "\nstages\n";
  for (const StageTime& stage : result.stages) {
    bool failed = result.failure && result.failure->stage == stage.stage;
    out += fmt::format("  {:<9}{:>14}{}\n", name(stage.stage), milliseconds(stage.duration),
                       failed ? "  failed here" : "");
  }
  if (!result.trace.empty()) out += "\ntrace\n";
  for (const TraceLine& line : result.trace) {
    out += fmt::format("  {:>12}  {}\n", milliseconds(line.at), one_line(line.text, 300));
  }
  if (!result.facts.empty()) out += "\nfacts\n";
  for (const Fact& fact : result.facts) {
    out += fmt::format("  {}{} {}\n", fact.family->metric, fact.labels.empty() ? "" : "{" + fact.labels + "}",
                       fact.value);
  }
  return out;
}

boost::json::array json_stages(const ProbeResult& result) {
  boost::json::array stages;
  for (const StageTime& stage : result.stages) {
    stages.push_back({{"stage", name(stage.stage)}, {"seconds", seconds(stage.duration)}});
  }
  return stages;
}

boost::json::array json_facts(const ProbeResult& result) {
  boost::json::array facts;
  for (const Fact& fact : result.facts) {
    facts.push_back({{"metric", fact.family->metric}, {"labels", fact.labels}, {"value", fact.value}});
  }
  return facts;
}

std::string json(const Flags& flags, const ProbeResult& result) {
  boost::json::object out{{"target", to_utf8(flags.target)},     {"module", flags.module},
                          {"verdict", name(result.verdict)},     {"started", unix_seconds(result.started)},
                          {"seconds", seconds(result.duration)}, {"stages", json_stages(result)},
                          {"facts", json_facts(result)}};
  if (result.failure) {
    out["failure"] = {{"stage", name(result.failure->stage)},
                      {"cause", name(result.failure->cause)},
                      {"detail", to_utf8(result.failure->detail)}};
  } else {
    out["failure"] = nullptr;
  }
  return boost::json::serialize(out) + "\n";
}

// nullptr, with the reason on stderr, when there is none.
std::shared_ptr<const Module> find_module(const Flags& flags) {
  std::shared_ptr<const Config> config;
  if (flags.config_file.empty()) {
    config = default_config();
  } else {
    ConfigOrProblems loaded = load_config(flags.config_file);
    if (auto* problems = std::get_if<std::vector<Problem>>(&loaded)) {
      for (const Problem& problem : *problems) std::cerr << describe(problem) << '\n';
      return nullptr;
    }
    config = std::get<std::shared_ptr<const Config>>(std::move(loaded));
  }
  auto found = config->modules.find(flags.module);
  if (found != config->modules.end()) return found->second;
  std::vector<std::string_view> names;
  for (const auto& [module_name, module] : config->modules) names.push_back(module_name);
  std::cerr << "lookout: error: there is no module " << in_quotes(flags.module)
            << suggestion(flags.module, names) << '\n';
  return nullptr;
}

}  // namespace

int run_probe_command(const Flags& flags) {
  auto module = find_module(flags);
  if (!module) return kUsage;
  ProbeResult result = probe_once(std::move(module), flags);
  if (flags.json) {
    std::cout << json(flags, result);
  } else if (flags.metrics) {
    std::cout << render_probe(result, ExpositionFormat::text);
  } else {
    std::cout << text(flags, result);
  }
  return result.verdict == Verdict::up ? 0 : 1;
}

}  // namespace lookout
