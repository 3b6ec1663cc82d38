#include "exporter/metrics/target_families.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string>

namespace lookout {
namespace {

constexpr std::array<std::string_view, 3> kSeverities{"severity=\"critical\"", "severity=\"warning\"",
                                                      "severity=\"info\""};
constexpr std::array<std::string_view, kStateCount> kStates{"state=\"unknown\"", "state=\"up\"",
                                                            "state=\"degraded\"", "state=\"down\""};
constexpr std::array<std::string_view, 3> kVerdicts{"verdict=\"up\"", "verdict=\"down\"",
                                                    "verdict=\"inconclusive\""};

std::string_view severity(const TargetRecord& record) {
  return kSeverities[static_cast<std::size_t>(record.config->severity)];
}

std::string labels_of(Stage stage, Cause cause) {
  std::string labels("stage=\"");
  return labels.append(name(stage)).append("\",cause=\"").append(name(cause)).append("\"");
}

// One way of looking at a target: the only one, or each of its checkpoints.
struct View {
  const TargetRecord& record;
  std::string_view target;
  std::string_view checkpoint;  // its label; empty of the only one
  const Seen& seen;

  std::string_view named_checkpoint() const {
    return checkpoint.empty() ? *record.labels->own_checkpoint : checkpoint;
  }
  // The rows of the judgement remember the only one's over a restart.
  std::optional<Verdict> vote() const {
    if (!checkpoint.empty()) return seen.vote;
    if (record.state.successes_in_row > 0) return Verdict::up;
    if (record.state.failures_in_row > 0) return Verdict::down;
    return std::nullopt;
  }
};

template <class Visit>
void for_each_view(const TargetRecord& record, Visit visit) {
  const TargetLabels& labels = *record.labels;
  if (labels.checkpoints.empty()) return visit(View{record, labels.target, {}, record});
  for (std::size_t i = 0; i < record.checkpoints.size() && i < labels.checkpoints.size(); ++i)
    visit(View{record, labels.target, labels.checkpoints[i], record.checkpoints[i]});
}

template <class Visit>
void for_each_probe(const TargetRecord& record, Visit visit) {
  for_each_view(record, [&](const View& view) {
    if (view.seen.last) visit(view, *view.seen.last);
  });
}

double count(std::uint64_t value) { return static_cast<double>(value); }

// Milliseconds are enough, and shorter.
double timestamp(WallTime time) {
  return static_cast<double>(std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count()) /
         1000;
}

void target_up(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  if (record.state.state == State::unknown) return;
  writer.sample(out, {record.labels->target, severity(record)}, record.state.state == State::down ? 0 : 1);
}

void target_state(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  for (std::size_t state = 0; state < kStateCount; ++state) {
    writer.sample(out, {record.labels->target, kStates[state]},
                  record.state.state == static_cast<State>(state) ? 1 : 0);
  }
}

void target_info(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  writer.sample(out, {record.labels->info}, 1);
}

void sample_age(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime now) {
  if (!record.last_conclusive) return;
  const Duration age = std::max(Duration(now - *record.last_conclusive), Duration::zero());
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(age);
  writer.sample(out, {record.labels->target}, static_cast<double>(milliseconds.count()) / 1000);
}

using Bounds = std::array<std::string, kLatencyBounds.size() + 1>;

Bounds bounds(ExpositionFormat format) {
  Bounds result;
  std::ranges::transform(kLatencyBounds, result.begin(),
                         [format](double bound) { return FamilyWriter::bound(bound, format); });
  result.back() = FamilyWriter::bound(HUGE_VAL, format);
  return result;
}

void latency(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  static const Bounds text = bounds(ExpositionFormat::text),
                      openmetrics = bounds(ExpositionFormat::openmetrics);
  const Bounds& rendered = writer.format() == ExpositionFormat::text ? text : openmetrics;
  std::uint64_t cumulative = 0;
  for (std::size_t bucket = 0; bucket < rendered.size(); ++bucket) {
    cumulative += record.latency_buckets[bucket];
    writer.bucket(out, record.labels->target, rendered[bucket], cumulative);
  }
  writer.sum_and_count(out, record.labels->target, record.latency_sum_seconds, cumulative);
}

void probes(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  for_each_view(record, [&](const View& view) {
    for (std::size_t verdict = 0; verdict < kVerdicts.size(); ++verdict) {
      writer.sample(out, {view.target, view.named_checkpoint(), kVerdicts[verdict]},
                    count(view.seen.probes[verdict]));
    }
  });
}

void failures(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  for_each_view(record, [&](const View& view) {
    for (const auto& [kind, failures] : view.seen.failures) {
      writer.sample(out, {view.target, view.named_checkpoint(), labels_of(kind.first, kind.second)},
                    count(failures));
    }
  });
}

void checkpoint_up(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  for_each_view(record, [&](const View& view) {
    if (const auto vote = view.vote())
      writer.sample(out, {view.target, view.named_checkpoint()}, *vote == Verdict::up ? 1 : 0);
  });
}

void incident_active(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  static constexpr std::string_view kNoDrill = "drill=\"false\"";
  if (const auto& incident = record.state.incident) {
    const std::string what = labels_of(incident->failure.stage, incident->failure.cause);
    writer.sample(out, {record.labels->target, severity(record), what, kNoDrill}, 1);
  } else {
    writer.sample(out, {record.labels->target, severity(record), "stage=\"\",cause=\"\"", kNoDrill}, 0);
  }
  if (record.drill) {
    const std::string what = labels_of(record.drill->failure.stage, record.drill->failure.cause);
    writer.sample(out, {record.labels->target, severity(record), what, "drill=\"true\""}, 1);
  }
}

void drill_passed(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  if (record.drill_passed) writer.sample(out, {record.labels->target}, timestamp(*record.drill_passed));
}

void incident_onset(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  if (record.state.incident)
    writer.sample(out, {record.labels->target}, timestamp(record.state.incident->onset.wall));
}

void incident_detected(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  if (record.state.incident)
    writer.sample(out, {record.labels->target}, timestamp(record.state.incident->detected.wall));
}

void incidents(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  writer.sample(out, {record.labels->target, severity(record)}, count(record.incidents));
}

void recovery_actions(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  for (const auto& [done, times] : record.recovery.actions) {
    const std::string labels =
        render_labels({{"action", done.first}, {"outcome", std::string(name(done.second))}});
    writer.sample(out, {record.labels->target, labels}, count(times));
  }
}

void recovery_refusals(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  for (std::size_t gate = 0; gate < kGateCount; ++gate) {
    if (record.recovery.refusals[gate] == 0) continue;
    const std::string labels = render_labels({{"gate", std::string(name(static_cast<RecoveryGate>(gate)))}});
    writer.sample(out, {record.labels->target, labels}, count(record.recovery.refusals[gate]));
  }
}

void recovery_exhausted(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  if (!record.config->recovery.empty())
    writer.sample(out, {record.labels->target}, record.recovery.exhausted ? 1 : 0);
}

void flapping(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  writer.sample(out, {record.labels->target}, record.state.flaps.flapping() ? 1 : 0);
}

void maintenance(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  writer.sample(out, {record.labels->target}, record.maintenance || record.paused ? 1 : 0);
}

void suppressed(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  writer.sample(out, {record.labels->target}, record.state.held ? 1 : 0);
}

void probe_attempts(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  for_each_probe(record, [&](const View& view, const ProbeResult& probe) {
    if (probe.attempts) writer.sample(out, {view.target, view.checkpoint}, *probe.attempts);
  });
}

void probe_success(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  for_each_probe(record, [&](const View& view, const ProbeResult& probe) {
    if (probe.verdict != Verdict::inconclusive)
      writer.sample(out, {view.target, view.checkpoint}, probe.verdict == Verdict::up ? 1 : 0);
  });
}

void probe_duration(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  for_each_probe(record, [&](const View& view, const ProbeResult& probe) {
    writer.sample(out, {view.target, view.checkpoint}, seconds(probe.duration));
  });
}

void probe_timeout(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  for_each_probe(record, [&](const View& view, const ProbeResult& probe) {
    writer.sample(out, {view.target, view.checkpoint}, seconds(probe.timeout));
  });
}

void probe_failure(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  for_each_probe(record, [&](const View& view, const ProbeResult& probe) {
    if (probe.failure)
      writer.sample(out,
                    {view.target, view.checkpoint, labels_of(probe.failure->stage, probe.failure->cause)}, 1);
  });
}

}  // namespace

std::span<const TargetFamily> target_families() {
  static const std::array kFamilies{
      TargetFamily{&metric("lookout_checkpoint_up"), checkpoint_up},
      TargetFamily{&metric("lookout_drill_last_success_timestamp_seconds"), drill_passed},
      TargetFamily{&metric("lookout_incident_active"), incident_active},
      TargetFamily{&metric("lookout_incident_detected_timestamp_seconds"), incident_detected},
      TargetFamily{&metric("lookout_incident_onset_timestamp_seconds"), incident_onset},
      TargetFamily{&metric("lookout_incidents_total"), incidents},
      TargetFamily{&metric("lookout_probe_failures_total"), failures},
      TargetFamily{&metric("lookout_probe_latency_seconds"), latency},
      TargetFamily{&metric("lookout_probes_total"), probes},
      TargetFamily{&metric("lookout_recovery_actions_total"), recovery_actions},
      TargetFamily{&metric("lookout_recovery_exhausted"), recovery_exhausted},
      TargetFamily{&metric("lookout_recovery_refusals_total"), recovery_refusals},
      TargetFamily{&metric("lookout_target_flapping"), flapping},
      TargetFamily{&metric("lookout_target_info"), target_info},
      TargetFamily{&metric("lookout_target_maintenance"), maintenance},
      TargetFamily{&metric("lookout_target_sample_age_seconds"), sample_age},
      TargetFamily{&metric("lookout_target_state"), target_state},
      TargetFamily{&metric("lookout_target_suppressed"), suppressed},
      TargetFamily{&metric("lookout_target_up"), target_up},
      TargetFamily{&metric("probe_attempts"), probe_attempts},
      TargetFamily{&metric("probe_duration_seconds"), probe_duration},
      TargetFamily{&metric("probe_failure_info"), probe_failure},
      TargetFamily{&metric("probe_success"), probe_success},
      TargetFamily{&metric("probe_timeout_seconds"), probe_timeout},
  };
  return kFamilies;
}

const ProbeResult* shown_probe(const TargetRecord& record) {
  if (!record.last || record.last->verdict == Verdict::inconclusive) return nullptr;
  return record.last.get();
}

}  // namespace lookout
