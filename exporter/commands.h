// The commands of the program. Each prints for a person or a script and returns the exit status.
#pragma once

#include <memory>
#include <string>

#include "exporter/config/config.h"
#include "exporter/flags.h"
#include "exporter/journal/store.h"

namespace CLI {
class App;
}

namespace lookout {

// nullptr, with the reasons on stderr, when it does not load.
std::shared_ptr<const Config> load_or_say(const std::string& file);

int run_serve(Flags flags);
int run_probe_command(const Flags& flags);
int run_check(const Flags& flags);
int run_targets(const Flags& flags);
int run_incidents(const Flags& flags);
int run_report(const Flags& flags);
int run_backtest(const Flags& flags);
int run_approve(const Flags& flags);
CLI::App* add_approve_command(CLI::App& app, Flags& flags);
int run_dashboards(const Flags& flags);
CLI::App* add_dashboards_command(CLI::App& app, Flags& flags);
int run_drill(const Flags& flags);
int run_rules(const Flags& flags);
int run_schema();

// For reading; throws std::runtime_error that says which file it is about and what to do.
Store open_journal(const std::string& folder);

}  // namespace lookout
