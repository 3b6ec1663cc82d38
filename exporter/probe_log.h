// What the log says of a probe that /probe was asked for, at the level of --log.prober: one line where it
// failed; at debug one where it did not, and what the probe told on its way. Nothing of the probes of
// configured targets: they are data.
#pragma once

#include "exporter/serve/history.h"

namespace lookout {

void log_probe(const ProbeRecord& record);

}  // namespace lookout
