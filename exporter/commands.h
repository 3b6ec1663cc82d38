// The commands of the program. Each prints for a person or a script and returns the exit status.
#pragma once

#include "exporter/flags.h"

namespace lookout {

int run_serve(Flags flags);
int run_probe_command(const Flags& flags);
int run_check(const Flags& flags);
int run_targets(const Flags& flags);
int run_schema();

}  // namespace lookout
