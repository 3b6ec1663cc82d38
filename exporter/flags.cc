#include "exporter/flags.h"

#include <algorithm>
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>
#include <boost/algorithm/string/case_conv.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "exporter/commands.h"
#include "exporter/completion.h"
#include "exporter/config/retention.h"
#include "exporter/drill_flags.h"
#include "exporter/external_url.h"
#include "exporter/help_text.h"
#include "probes/core/version.h"

namespace lookout {
namespace {

constexpr std::string_view kSummary =
    "Watches services: probes targets, judges them, keeps their incidents, exposes metrics. Answers /probe "
    "as "
    "blackbox_exporter does.";

constexpr std::string_view kProbeFooter =
    R"(Without --module the form of the target chooses: a URL http_2xx, HOST:PORT tcp_connect, a bare host or
address icmp, the path of a socket unix_connect.

Colours are for terminals, and never with NO_COLOR set or TERM=dumb. --json prints one object: target,
module, prober, verdict, started, seconds, timeout_seconds, attempts, failure (null, or stage, cause,
meaning, detail), stages (stage, seconds), certificates (subject, issuer, not_before, not_after, names,
names_left_out, serial, fingerprint_sha256, key, signature), facts (metric, labels, value), trace (seconds,
text), advice. Durations are in seconds, moments in Unix time.
Exit status: 0 up, 1 down or inconclusive, 2 a mistake in the command or the configuration.)";

// A boolean in kingpin's manner: --name and --no-name.
void add_switch(CLI::App& app, const std::string& name, bool& value, const std::string& help) {
  app.add_flag("--" + name + ",!--no-" + name, value, help)
      ->disable_flag_override()
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
}

// The arguments, last first as the parser wants them; "@FILE" stands for the lines of that file.
std::vector<std::string> expanded(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (!argument.starts_with('@')) {
      arguments.emplace_back(argument);
      continue;
    }
    std::ifstream file{std::string(argument.substr(1))};
    if (!file)
      throw CLI::FileError(fmt::format("cannot read {}, which {} names", argument.substr(1), argument));
    for (std::string line; std::getline(file, line);) {
      if (!line.empty() && line[0] != '#') arguments.push_back(line);
    }
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

// A switch takes no value, not even "true".
void refuse_values_of_switches(const CLI::App& app, const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos || !argument.starts_with("--")) continue;
    const std::string name = argument.substr(0, equals);
    const CLI::Option* option = app.get_option_no_throw(name);
    if (option == nullptr || option->get_items_expected_max() > 0) continue;
    throw CLI::ArgumentMismatch(fmt::format("{} takes no value; write {} or --no-{}", name, name,
                                            name.substr(name.find_first_not_of('-'))));
  }
}

const std::map<std::string, RecoveryMode> kRecoveryModes{{"off", RecoveryMode::off},
                                                         {"observe", RecoveryMode::observe},
                                                         {"approve", RecoveryMode::approve},
                                                         {"auto", RecoveryMode::automatic}};
const std::map<std::string, LogLevel> kLogLevels{{"debug", LogLevel::debug},
                                                 {"info", LogLevel::info},
                                                 {"warn", LogLevel::warn},
                                                 {"error", LogLevel::error}};

// A level that does not exist is no error here, as blackbox_exporter has it.
void take_prober_level(Flags& flags, const std::string& text) {
  const auto level = kLogLevels.find(boost::algorithm::to_lower_copy(text));
  if (level != kLogLevels.end()) {
    flags.prober_log_level = level->second;
  } else {
    flags.refused_prober_log_level = text;
  }
}

void take_shard(Flags& flags, const std::string& text) {
  flags.shard = parse_shard(text);
  if (!flags.shard)
    throw CLI::ValidationError(
        "--shard", fmt::format("\"{}\" is no shard; write I/N with I from 0 to N-1, e.g. 0/3", text));
}

void add_config_file(CLI::App& app, Flags& flags) {
  app.add_option("--config.file", flags.config_file,
                 "Configuration (default: lookout.yml in this folder, if there is one)");
}

void add_serve_flags(CLI::App& app, Flags& flags) {
  add_config_file(app, flags);
  add_switch(app, "config.check", flags.config_check, "Check the configuration and exit");
  add_switch(app, "config.enable-auto-reload", flags.enable_auto_reload,
             "Reload the configuration when it changes");
  app.add_option("--config.auto-reload-interval", flags.auto_reload_interval_seconds,
                 "Seconds between two looks at it")
      ->capture_default_str();
  app.add_option("--timeout-offset", flags.timeout_offset_seconds,
                 "Seconds taken off Prometheus's scrape timeout")
      ->capture_default_str();
  app.add_option("--history.limit", flags.history_limit,
                 "Probes of /probe that are kept for /logs, and failed ones beside them")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--log.level", flags.log_level, "debug, info, warn or error")
      ->transform(CLI::CheckedTransformer(kLogLevels, CLI::ignore_case));
  app.add_option_function<std::string>(
      "--log.prober", [&flags](const std::string& text) { take_prober_level(flags, text); },
      "The same for the probes that /probe is asked for: at error and info the failed ones, at debug all "
      "that "
      "happens in them (default: info)");
  app.add_option("--log.format", flags.log_format, "logfmt or json")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, LogFormat>{{"logfmt", LogFormat::logfmt}, {"json", LogFormat::json}}));
  app.add_option("--web.listen-address", flags.listen_addresses,
                 "Address to listen on, e.g. :9115, [::1]:9115 or vsock://:9115; repeatable")
      ->allow_extra_args(false)
      ->capture_default_str();
  add_switch(app, "web.systemd-socket", flags.systemd_socket,
             "Listen on the sockets that systemd passes on instead");
  app.add_option("--web.config.file", flags.web_config_file,
                 "TLS, users, headers and rate of the server; read again when it changes");
  app.add_option("--web.external-url", flags.external_url, "URL under which this is reached from outside");
  app.add_option("--web.route-prefix", flags.route_prefix,
                 "Prefix of all paths (default: the path of the external URL)");
  app.add_option("--storage.path", flags.storage_path,
                 "Folder of the journal: incidents, states of targets, history")
      ->capture_default_str();
  app.add_flag("--no-storage", flags.no_storage, "Keep nothing over a restart");
  app.add_option("--recovery.mode", flags.recovery_mode,
                 "What recovery may do at most: off, observe, approve or auto (the default: as configured)")
      ->transform(CLI::CheckedTransformer(kRecoveryModes));
  add_alert_urls(app, flags);
  app.add_option("--checkpoint", flags.checkpoint,
                 "The checkpoint label of targets that have no checkpoints (default: the name of this host)");
  app.add_option("--loops", flags.loops, "Event loops that probe (default: the machine's cores)")
      ->check(CLI::Range(1, 256));
  app.add_option_function<std::string>(
      "--shard", [&flags](const std::string& text) { take_shard(flags, text); },
      "Watch only one part of the targets, I/N with I from 0: of N instances with the same configuration, "
      "each takes another");
}

CLI::App* add_probe_command(CLI::App& app, Flags& flags, std::string& timeout) {
  CLI::App* probe = app.add_subcommand(
      "probe", "One probe, told to a person: stages, facts, why it failed, what to look at next");
  probe->footer(std::string(kProbeFooter));
  add_config_file(*probe, flags);
  probe->add_option("--module", flags.module, "Module to probe with (default: by the form of the target)");
  probe->add_option("--timeout", timeout, "Longest time it may take, e.g. 300ms")->default_str("5s");
  add_switch(*probe, "json", flags.json, "Print JSON, for scripts");
  add_switch(*probe, "metrics", flags.metrics, "Print the metrics that /probe would answer");
  probe->add_option("target", flags.target, "What to probe, in the grammar of the module's prober")
      ->required();
  return probe;
}

// What stands as text until the whole line has been read.
struct Durations {
  std::string timeout = "5s", since, brief;
};

// Where a command looks: an instance, or with --storage.path the journal's file.
void add_sources(CLI::App& command, Flags& flags) {
  CLI::Option* url = command.add_option("--url", flags.url, "Where it listens")->capture_default_str();
  command
      .add_option_function<std::string>(
          "--storage.path",
          [&flags](const std::string& path) {
            flags.storage_path = path;
            flags.from_storage = true;
          },
          "Folder of a journal that is read instead, whether an instance writes it or not")
      ->excludes(url);
}

CLI::App* add_incidents_command(CLI::App& app, Flags& flags, Durations& durations) {
  CLI::App* incidents = app.add_subcommand("incidents", "Table of incidents, open and past");
  add_sources(*incidents, flags);
  incidents->add_option("--since", durations.since,
                        "Those that are open or ended within, e.g. 12h (default: 7d)");
  add_switch(*incidents, "json", flags.json, "Print JSON");
  return incidents;
}

CLI::App* add_report_command(CLI::App& app, Flags& flags) {
  CLI::App* report = app.add_subcommand("report", "The report of an incident");
  add_sources(*report, flags);
  report->add_option("ID", flags.incident, "As `lookout incidents` shows it")->required();
  report->add_option("--format", flags.report_format, "md, json or html")
      ->capture_default_str()
      ->check(CLI::IsMember({"md", "json", "html"}));
  return report;
}

constexpr std::string_view kBacktestFooter =
    R"(Replays the probes that a journal has recorded through the judgement, with the configured thresholds and with
those given. FALSE ALARMS ended by themselves within one interval of their detection, or were shorter than
--brief. DETECTION is from the first failing probe to the one that opened the incident. Maintenance, pauses and
dependencies are not recorded with the probes: incidents that they held at the time count here.)";

CLI::App* add_backtest_command(CLI::App& app, Flags& flags, Durations& durations) {
  CLI::App* backtest =
      app.add_subcommand("backtest", "What other thresholds would have made of recorded history");
  backtest->footer(std::string(kBacktestFooter));
  add_config_file(*backtest, flags);
  backtest->add_option("--storage.path", flags.storage_path, "Folder of the journal")->capture_default_str();
  backtest->add_option("--target", flags.target, "Only this one (default: all)");
  backtest->add_option("--failure-threshold", flags.failure_threshold, "Instead of the configured one")
      ->check(CLI::Range(1, 1000));
  backtest->add_option("--success-threshold", flags.success_threshold, "Instead of the configured one")
      ->check(CLI::Range(1, 1000));
  backtest->add_option("--since", durations.since, "How far back (default: 30d)");
  backtest->add_option("--brief", durations.brief, "Shorter incidents count as false alarms too, e.g. 60s");
  return backtest;
}

// blackbox_exporter's flags fail as there, with 1.
int exit_code_of_usage(Command command) {
  switch (command) {
    case Command::probe:
    case Command::incidents:
    case Command::report:
    case Command::backtest:
    case Command::dashboards:
    case Command::drill:
      return 2;
    default:
      return 1;
  }
}

void say_usage_error(std::string_view message) {
  std::cerr << "lookout: error: " << message << ", try --help\n";
}

struct Parser {
  Flags flags;
  Durations durations;
  DrillTexts drill_texts;
  CLI::App app{std::string(kSummary), "lookout"};
  CLI::App* probe = nullptr;
  CLI::App* check = nullptr;
  CLI::App* targets = nullptr;
  CLI::App* incidents = nullptr;
  CLI::App* report = nullptr;
  CLI::App* backtest = nullptr;
  CLI::App* approve = nullptr;
  CLI::App* dashboards = nullptr;
  CLI::App* drill = nullptr;
  CLI::App* rules = nullptr;
  CLI::App* schema = nullptr;
  CLI::App* completion = nullptr;
  std::string shell;

  Parser() {
    app.formatter(help_formatter());
    app.set_version_flag("--version", version_text());
    app.set_help_flag("-h,--help", "Print this help");
    app.require_subcommand(0, 1);
    add_serve_flags(app, flags);
    probe = add_probe_command(app, flags, durations.timeout);
    check = app.add_subcommand(
        "check", "Print every error of a configuration as FILE:LINE:COLUMN: message. Exit status: 0 or 1");
    check->add_option("FILE", flags.config_file, "Configuration (default: lookout.yml)");
    schema = app.add_subcommand("schema", "Print the JSON Schema of the configuration, for editors");
    rules = app.add_subcommand("rules", "Print Prometheus rules fitted to the targets of the configuration");
    add_config_file(*rules, flags);
    targets = app.add_subcommand("targets", "Table of the targets of a running instance");
    targets->add_option("--url", flags.url, "Where it listens")->capture_default_str();
    add_switch(*targets, "json", flags.json, "Print JSON");
    incidents = add_incidents_command(app, flags, durations);
    report = add_report_command(app, flags);
    approve = add_approve_command(app, flags);
    backtest = add_backtest_command(app, flags, durations);
    dashboards = add_dashboards_command(app, flags);
    add_config_file(*dashboards, flags);
    completion = add_completion_command(app, shell);
    drill = add_drill_command(app, flags, drill_texts);
  }

  Command command() const {
    if (probe->parsed()) return Command::probe;
    if (check->parsed()) return Command::check;
    if (targets->parsed()) return Command::targets;
    if (incidents->parsed()) return Command::incidents;
    if (report->parsed()) return Command::report;
    if (backtest->parsed()) return Command::backtest;
    if (approve->parsed()) return Command::approve;
    if (dashboards->parsed()) return Command::dashboards;
    if (drill->parsed()) return Command::drill;
    if (rules->parsed()) return Command::rules;
    if (schema->parsed()) return Command::schema;
    return Command::serve;
  }
};

std::optional<Duration> read_age(std::string_view flag, const std::string& text) {
  if (const auto age = parse_long_duration(text); age && age->value > Duration::zero()) return age->value;
  say_usage_error(fmt::format("{}: \"{}\" is no duration above zero; write e.g. 7d or 12h", flag, text));
  return std::nullopt;
}

bool finish_ages(Parser& parser) {
  Flags& flags = parser.flags;
  std::string& since = parser.durations.since;
  if (since.empty()) since = flags.command == Command::backtest ? "30d" : "7d";
  const auto age = read_age("--since", since);
  if (!age) return false;
  flags.since = *age;
  if (!parser.durations.brief.empty()) {
    flags.brief = read_age("--brief", parser.durations.brief);
    return flags.brief.has_value();
  }
  return true;
}

// Checks what the parser cannot, and settles defaults; false: an error was said.
bool finish(Parser& parser) {
  Flags& flags = parser.flags;
  flags.command = parser.command();
  if (flags.command == Command::serve && flags.config_check) flags.command = Command::check;
  if (flags.command != Command::check && flags.config_file.empty() && ::access("lookout.yml", F_OK) == 0) {
    flags.config_file = "lookout.yml";
  }
  if (flags.command == Command::check && flags.config_file.empty()) flags.config_file = "lookout.yml";
  auto external_url = normal_external_url(flags.external_url);
  if (!external_url) {
    say_usage_error(
        fmt::format("--web.external-url: {} is in quotes; write the bare URL", flags.external_url));
    return false;
  }
  flags.external_url = std::move(*external_url);
  flags.route_prefix = normal_route_prefix(flags.route_prefix, flags.external_url);
  if (auto timeout = parse_duration(parser.durations.timeout); timeout && *timeout > Duration::zero()) {
    flags.timeout = *timeout;
    if (const std::string fault = finish_drill(parser.drill_texts, flags); !fault.empty()) {
      say_usage_error(fault);
      return false;
    }
    return finish_ages(parser);
  }
  say_usage_error(fmt::format("--timeout: \"{}\" is no duration above zero; write e.g. 5s or 300ms",
                              parser.durations.timeout));
  return false;
}

}  // namespace

std::string version_text() {
  return fmt::format(
      "lookout, version {} (branch: {}, revision: {})\n  compiler:   {}\n  platform:   linux/{}", kVersion,
      kBranch, kRevision, kCompiler, sizeof(void*) == 8 ? "64-bit" : "32-bit");
}

std::optional<Flags> parse_flags(int argc, const char* const* argv, int& exit_code) {
  Parser parser;
  try {
    std::vector<std::string> arguments = expanded(argc, argv);
    refuse_values_of_switches(parser.app, arguments);
    parser.app.parse(std::move(arguments));
    if (parser.completion->parsed()) {
      std::cout << completion_script(parser.shell, parser.app);
      return std::nullopt;
    }
  } catch (const CLI::Success& said) {  // --help, --version
    exit_code = parser.app.exit(said);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    say_usage_error(error.what());
    exit_code = exit_code_of_usage(parser.command());
    return std::nullopt;
  }
  if (finish(parser)) return std::move(parser.flags);
  exit_code = exit_code_of_usage(parser.command());
  return std::nullopt;
}

}  // namespace lookout
