// The flags of `lookout drill`, and those of drills that `lookout` takes.
#pragma once

#include <string>

#include "exporter/flags.h"

namespace CLI {
class App;
}

namespace lookout {

// What stands as text until the whole line has been read.
struct DrillTexts {
  std::string failure, duration;
};

// Whom a drill's alert is followed through.
void add_alert_urls(CLI::App& command, Flags& flags);
CLI::App* add_drill_command(CLI::App& app, Flags& flags, DrillTexts& texts);
// What is wrong with it; empty: nothing.
std::string finish_drill(const DrillTexts& texts, Flags& flags);

}  // namespace lookout
