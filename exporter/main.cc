#include <exception>
#include <iostream>

#include <malloc.h>

#include "exporter/commands.h"
#include "exporter/log.h"

int main(int argc, char** argv) {
  using namespace lookout;
  ::mallopt(M_ARENA_MAX, 2);  // an arena for each loop would keep the peak of each
  int exit_code = 0;
  auto flags = parse_flags(argc, argv, exit_code);
  if (!flags) return exit_code;
  configure_log(flags->log_level, flags->prober_log_level, flags->log_format);
  if (!flags->refused_prober_log_level.empty()) {
    log(LogLevel::warn, "--log.prober is none of debug, info, warn, error; it stays at info",
        {{"value", flags->refused_prober_log_level}});
  }
  try {
    switch (flags->command) {
      case Command::serve:
        return run_serve(std::move(*flags));
      case Command::probe:
        return run_probe_command(*flags);
      case Command::check:
        return run_check(*flags);
      case Command::targets:
        return run_targets(*flags);
      case Command::incidents:
        return run_incidents(*flags);
      case Command::report:
        return run_report(*flags);
      case Command::backtest:
        return run_backtest(*flags);
      case Command::approve:
        return run_approve(*flags);
      case Command::drill:
        return run_drill(*flags);
      case Command::rules:
        return run_rules(*flags);
      case Command::schema:
        return run_schema();
    }
  } catch (const std::exception& error) {
    std::cerr << "lookout: error: " << error.what() << '\n';
    return 1;
  }
}
