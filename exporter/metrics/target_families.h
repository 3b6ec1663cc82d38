// The families that /metrics has for every configured target, besides the facts of its newest probe: one row
// each, saying how to write its samples for one target. Pure.
#pragma once

#include <span>
#include <string>

#include "exporter/incident/book.h"
#include "exporter/metrics/family_writer.h"

namespace lookout {

struct TargetFamily {
  const Metric* metric;
  void (*write)(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime now);
};

std::span<const TargetFamily> target_families();

// The probe whose facts a page shows; nullptr: none. One that failed by our own fault has nothing to say
// about the target, and 0 in probe_success would say that it is down.
const ProbeResult* shown_probe(const TargetRecord& record);

}  // namespace lookout
