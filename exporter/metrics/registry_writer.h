// Writes prometheus-cpp's families with Lookout's own writer, because the library's TextSerializer neither
// escapes help nor keeps all digits, knows no OpenMetrics, and is slow.
#pragma once

#include <string>

#include <prometheus/metric_family.h>

#include "exporter/metrics/exposition_format.h"

namespace lookout {

// Counters, gauges, untyped values (as gauges) and histograms. Summaries are not in use.
void append_family(std::string& out, const prometheus::MetricFamily& family, ExpositionFormat format);

}  // namespace lookout
