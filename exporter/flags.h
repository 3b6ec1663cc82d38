// The command line: flags with blackbox_exporter's names, defaults and grammar, and Lookout's own commands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exporter/config/recovery_config.h"
#include "exporter/config/shard.h"
#include "exporter/log.h"
#include "probes/core/clock.h"
#include "probes/core/config_values.h"
#include "probes/core/failure.h"
#include "probes/core/host_name.h"

namespace lookout {

enum class Command {
  serve,
  probe,
  check,
  targets,
  incidents,
  report,
  backtest,
  approve,
  dashboards,
  rules,
  drill,
  schema
};

struct Flags {
  Command command = Command::serve;

  std::string config_file;  // empty: lookout.yml if there is one, else the built-in modules
  bool config_check = false;
  bool enable_auto_reload = false;
  unsigned auto_reload_interval_seconds = 30;
  double timeout_offset_seconds = 0.5;
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::logfmt;
  LogLevel prober_log_level = LogLevel::info;
  std::string refused_prober_log_level;  // what --log.prober said, if that is no level
  std::size_t history_limit = 100;
  std::vector<std::string> listen_addresses{":9115"};
  bool systemd_socket = false;
  std::string web_config_file;
  std::string storage_path = "data/";
  bool no_storage = false;
  RecoveryMode recovery_mode = RecoveryMode::automatic;  // at most
  std::string external_url;                              // without a slash at its end
  std::string route_prefix;                              // in normal form once parsed: "/" or "/x/y/"
  std::string checkpoint = host_name();                  // what this instance calls its view
  unsigned loops = 0;                                    // 0: the machine's cores
  std::optional<Shard> shard;                            // unset: all targets

  // Who is asked about a drill's alert; also of lookout drill.
  std::string prometheus_url, alertmanager_url;

  // lookout probe
  std::string target;
  std::string module;  // empty: by the form of the target
  Duration timeout = std::chrono::seconds(5);
  bool json = false;
  bool metrics = false;
  // lookout targets, incidents, report
  std::string url = "http://127.0.0.1:9115";
  bool from_storage = false;  // --storage.path was given: the file is read, and no instance asked
  Duration since{};           // before now
  std::string incident;       // lookout report
  std::string report_format = "md";
  std::string attempt;                             // lookout approve
  std::string dashboards_folder, dashboards_name;  // lookout dashboards; without a folder: standard output
  Failure failure{Stage::connect, Cause::refused, {}};  // lookout drill
  Duration duration = std::chrono::minutes(1);
  // lookout backtest; `target` too, where empty means all
  std::optional<int> failure_threshold, success_threshold;
  std::optional<Duration> brief;
};

// nullopt: everything has been said (help, version, or a usage error on stderr); exit with `exit_code`.
std::optional<Flags> parse_flags(int argc, const char* const* argv, int& exit_code);

std::string version_text();

}  // namespace lookout
