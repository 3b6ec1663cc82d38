// Every metric of Lookout's own on /metrics, one row each: the writers take name, type and help from here,
// the documentation and the dashboards are checked against it. The families that probes state (probe_*) are
// the kinds' constants in probes/registry.h; only those that every probe has stand here too.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lookout {

enum class MetricKind : std::uint8_t { counter, gauge, histogram };
std::string_view name(MetricKind kind);

struct Metric {
  std::string_view name;
  MetricKind kind;
  std::string_view
      labels;  // comma-separated, without le; empty for none. "..." stands for labels of the configuration
  std::string_view help;
};

// Sorted by name.
std::span<const Metric> catalogue();
// The row of that name, which must exist.
const Metric& metric(std::string_view name);

}  // namespace lookout
