// `lookout probe`: one probe, told to a person, to a script (--json) or as metrics.
#include <iostream>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "exporter/commands.h"
#include "exporter/config/config.h"
#include "exporter/metrics/exposition.h"
#include "exporter/report/probe_report.h"
#include "exporter/target_form.h"
#include "probes/core/text.h"
#include "probes/net/services.h"
#include "probes/run_probe.h"

namespace lookout {
namespace {

constexpr int kUsage = 2;

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

// The module that is asked for or, without --module, the one for a target of this form. nullptr, with the
// reason on stderr, when there is none.
std::shared_ptr<const Module> find_module(const Config& config, const Flags& flags) {
  const std::string_view wanted = flags.module.empty() ? module_for(flags.target) : flags.module;
  const auto found = config.modules.find(wanted);
  if (found != config.modules.end()) return found->second;
  std::vector<std::string_view> names;
  for (const auto& [module_name, module] : config.modules) names.push_back(module_name);
  const std::string of = flags.config_file.empty() ? "built-in modules" : "modules of " + flags.config_file;
  std::cerr << fmt::format(
      "lookout: error: there is no module {}{}{}\n{}: {}\n", in_quotes(wanted),
      flags.module.empty() ? ", which is meant for a target of this form; choose with --module" : "",
      suggestion(wanted, names), of, fmt::join(names, ", "));
  return nullptr;
}

}  // namespace

int run_probe_command(const Flags& flags) {
  const auto config = flags.config_file.empty() ? default_config() : load_or_say(flags.config_file);
  const auto module = config ? find_module(*config, flags) : nullptr;
  if (!module) return kUsage;
  const ProbeResult result = probe_once(module, flags);
  const ProbeReport report{mask_url_password(flags.target), module->name, std::string(kind_of(*module).name),
                           result};
  if (flags.json) {
    std::cout << probe_json(report);
  } else if (flags.metrics) {
    std::cout << render_probe(result, ExpositionFormat::text);
  } else {
    std::cout << probe_text(report, style_of(surroundings_of(STDOUT_FILENO)));
  }
  return result.verdict == Verdict::up ? 0 : 1;
}

}  // namespace lookout
