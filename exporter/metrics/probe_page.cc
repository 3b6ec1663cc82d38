#include <algorithm>
#include <optional>
#include <vector>

#include "exporter/metrics/exposition.h"
#include "exporter/metrics/family_writer.h"

namespace lookout {
namespace {

struct Sample {
  std::string_view family;
  std::string_view labels;
  std::string_view help;
  double value;

  bool operator<(const Sample& other) const {
    const int order = family.compare(other.family);
    return order != 0 ? order < 0 : labels < other.labels;
  }
  bool same_series(const Sample& other) const { return family == other.family && labels == other.labels; }
};

Sample sample(const Metric& row, double value, std::string_view labels = {}) {
  return {row.name, labels, row.help, value};
}

}  // namespace

std::string render_probe(const ProbeResult& result, ExpositionFormat format) {
  static const Metric& attempts = metric("probe_attempts");
  static const Metric& success = metric("probe_success");
  static const Metric& duration = metric("probe_duration_seconds");
  static const Metric& timeout = metric("probe_timeout_seconds");
  static const Metric& why = metric("probe_failure_info");

  std::vector<Sample> samples;
  samples.reserve(result.facts.size() + 5);
  for (const Fact& fact : result.facts)
    samples.push_back({fact.family->metric, fact.labels, fact.family->help, fact.value});
  samples.push_back(sample(success, result.verdict == Verdict::up ? 1 : 0));
  samples.push_back(sample(duration, seconds(result.duration)));
  samples.push_back(sample(timeout, seconds(result.timeout)));
  if (result.attempts) samples.push_back(sample(attempts, *result.attempts));
  std::string failure;
  if (result.failure) {
    failure.append("cause=\"").append(name(result.failure->cause));
    failure.append("\",stage=\"").append(name(result.failure->stage)).append("\"");
    samples.push_back(sample(why, 1, failure));
  }
  std::ranges::sort(samples, std::less<>{});

  constexpr std::size_t kUsualSampleBytes = 160;  // with its share of help and type
  std::string page;
  page.reserve(samples.size() * kUsualSampleBytes);
  std::optional<FamilyWriter> writer;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (i > 0 && samples[i].same_series(samples[i - 1])) continue;
    const bool same_family = i > 0 && samples[i].family == samples[i - 1].family;
    if (!same_family) writer.emplace(format, samples[i].family, MetricKind::gauge, samples[i].help);
    writer->sample(page, {samples[i].labels}, samples[i].value);
  }
  if (format == ExpositionFormat::openmetrics) page.append("# EOF\n");
  return page;
}

}  // namespace lookout
