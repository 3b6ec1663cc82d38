#include "exporter/metrics/registry_writer.h"

#include "exporter/metrics/family_writer.h"

namespace lookout {
namespace {

MetricKind kind_of(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter:
      return MetricKind::counter;
    case prometheus::MetricType::Histogram:
      return MetricKind::histogram;
    default:
      return MetricKind::gauge;
  }
}

double value_of(const prometheus::ClientMetric& metric, prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter:
      return metric.counter.value;
    case prometheus::MetricType::Untyped:
      return metric.untyped.value;
    default:
      return metric.gauge.value;
  }
}

std::string rendered(const std::vector<prometheus::ClientMetric::Label>& labels) {
  std::string out;
  for (const auto& label : labels) {
    if (!out.empty()) out.push_back(',');
    out.append(label.name).append("=\"");
    append_label_value(out, label.value);
    out.push_back('"');
  }
  return out;
}

void append_histogram(std::string& out, FamilyWriter& writer, std::string_view labels,
                      const prometheus::ClientMetric::Histogram& histogram) {
  for (const auto& bucket : histogram.bucket) {
    writer.bucket(out, labels, FamilyWriter::bound(bucket.upper_bound, writer.format()),
                  bucket.cumulative_count);
  }
  writer.sum_and_count(out, labels, histogram.sample_sum, histogram.sample_count);
}

}  // namespace

void append_family(std::string& out, const prometheus::MetricFamily& family, ExpositionFormat format) {
  FamilyWriter writer(format, family.name, kind_of(family.type), family.help);
  for (const prometheus::ClientMetric& metric : family.metric) {
    const std::string labels = rendered(metric.label);
    if (family.type == prometheus::MetricType::Histogram) {
      append_histogram(out, writer, labels, metric.histogram);
    } else {
      writer.sample(out, {labels}, value_of(metric, family.type));
    }
  }
}

}  // namespace lookout
