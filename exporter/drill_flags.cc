#include "exporter/drill_flags.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "exporter/config/drill_config.h"

namespace lookout {
namespace {

constexpr std::string_view kDrillFooter =
    R"(The target's answers are replaced by a failure for a judge of its own; what is really probed goes on and is told
as always. The alert is followed through the incident, Prometheus, Alertmanager and the receiver, and back. Without a
URL here, the running instance's own --prometheus.url and --alertmanager.url are asked. Exit status: 0 it arrived
everywhere, 1 a hop broke or the drill was not held, 2 usage.)";

}  // namespace

void add_alert_urls(CLI::App& command, Flags& flags) {
  command.add_option(
      "--prometheus.url", flags.prometheus_url,
      "Prometheus that drills ask what became of their alert; user:password@ where it wants them");
  command.add_option("--alertmanager.url", flags.alertmanager_url, "Alertmanager, likewise");
}

CLI::App* add_drill_command(CLI::App& app, Flags& flags, DrillTexts& texts) {
  CLI::App* drill = app.add_subcommand(
      "drill", "Pretend that a target fails, and follow its alert to whoever is to be told");
  drill->footer(std::string(kDrillFooter));
  drill
      ->add_option("--url", flags.url, "Where it listens; with user:password@, as drills need authentication")
      ->capture_default_str();
  drill->add_option("--failure", texts.failure, "What is pretended, as stage/cause")
      ->default_str("connect/refused");
  drill
      ->add_option("--duration", texts.duration,
                   "How long the failure lasts at least; it goes on while the alert is on its way")
      ->default_str("60s");
  add_alert_urls(*drill, flags);
  drill->add_option("TARGET", flags.target, "Name of a target of the configuration")->required();
  return drill;
}

std::string finish_drill(const DrillTexts& texts, Flags& flags) {
  if (!texts.failure.empty()) {
    const auto failure = parse_pretended_failure(texts.failure);
    if (!failure)
      return fmt::format("--failure: \"{}\" is no failure that can be pretended; {}", texts.failure,
                         pretended_failures());
    flags.failure = *failure;
  }
  if (!texts.duration.empty()) {
    const auto duration = parse_duration(texts.duration);
    if (!duration || *duration <= Duration::zero() || *duration > DrillConfig::kLongestDuration)
      return fmt::format("--duration: \"{}\" is no duration above zero and of at most 1h; write e.g. 90s",
                         texts.duration);
    flags.duration = *duration;
  }
  return {};
}

}  // namespace lookout
