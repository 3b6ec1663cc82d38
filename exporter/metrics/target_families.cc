#include "exporter/metrics/target_families.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string>

namespace lookout {
namespace {

constexpr std::string_view kCheckpoint = "checkpoint=\"default\"";
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
  for (std::size_t verdict = 0; verdict < kVerdicts.size(); ++verdict) {
    writer.sample(out, {record.labels->target, kCheckpoint, kVerdicts[verdict]},
                  count(record.probes[verdict]));
  }
}

void failures(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  for (const auto& [kind, failures] : record.failures) {
    writer.sample(out, {record.labels->target, kCheckpoint, labels_of(kind.first, kind.second)},
                  count(failures));
  }
}

// The vote of the only checkpoint: its newest conclusive verdict, which the rows of the judgement remember.
void checkpoint_up(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  if (record.state.successes_in_row == 0 && record.state.failures_in_row == 0) return;
  writer.sample(out, {record.labels->target, kCheckpoint}, record.state.successes_in_row > 0 ? 1 : 0);
}

void incident_active(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  static constexpr std::string_view kNoDrill = "drill=\"false\"";
  if (const auto& incident = record.state.incident) {
    const std::string what = labels_of(incident->failure.stage, incident->failure.cause);
    writer.sample(out, {record.labels->target, severity(record), what, kNoDrill}, 1);
  } else {
    writer.sample(out, {record.labels->target, severity(record), "stage=\"\",cause=\"\"", kNoDrill}, 0);
  }
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

void flapping(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  writer.sample(out, {record.labels->target}, record.state.flaps.flapping() ? 1 : 0);
}

void maintenance(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  writer.sample(out, {record.labels->target}, record.maintenance || record.paused ? 1 : 0);
}

void suppressed(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  const bool held = record.state.held && record.state.held->hold == Hold::dependency;
  writer.sample(out, {record.labels->target}, held ? 1 : 0);
}

void probe_attempts(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  if (record.last && record.last->attempts)
    writer.sample(out, {record.labels->target}, *record.last->attempts);
}

void probe_success(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  if (const ProbeResult* probe = shown_probe(record)) {
    writer.sample(out, {record.labels->target}, probe->verdict == Verdict::up ? 1 : 0);
  }
}

void probe_duration(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  if (record.last) writer.sample(out, {record.labels->target}, seconds(record.last->duration));
}

void probe_timeout(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  if (record.last) writer.sample(out, {record.labels->target}, seconds(record.last->timeout));
}

void probe_failure(std::string& out, FamilyWriter& writer, const TargetRecord& record, WallTime) {
  if (!record.last || !record.last->failure) return;
  const Failure& failure = *record.last->failure;
  writer.sample(out, {record.labels->target, labels_of(failure.stage, failure.cause)}, 1);
}

}  // namespace

std::span<const TargetFamily> target_families() {
  static const std::array kFamilies{
      TargetFamily{&metric("lookout_checkpoint_up"), checkpoint_up},
      TargetFamily{&metric("lookout_incident_active"), incident_active},
      TargetFamily{&metric("lookout_incident_detected_timestamp_seconds"), incident_detected},
      TargetFamily{&metric("lookout_incident_onset_timestamp_seconds"), incident_onset},
      TargetFamily{&metric("lookout_incidents_total"), incidents},
      TargetFamily{&metric("lookout_probe_failures_total"), failures},
      TargetFamily{&metric("lookout_probe_latency_seconds"), latency},
      TargetFamily{&metric("lookout_probes_total"), probes},
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
