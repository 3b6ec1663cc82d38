// Writes one metric family to a page: its head before the first sample, then samples in rows. Knows the two
// formats' differences and nothing of what is written. A family without samples leaves no trace.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "exporter/metrics/catalogue.h"
#include "exporter/metrics/exposition_format.h"

namespace lookout {

// Escaped for the inside of a label's quotes.
void append_label_value(std::string& out, std::string_view value);

class FamilyWriter {
 public:
  // The texts are borrowed for the writer's lifetime.
  FamilyWriter(ExpositionFormat format, std::string_view name, MetricKind kind, std::string_view help)
      : format_(format), name_(name), kind_(kind), help_(help) {}
  FamilyWriter(ExpositionFormat format, const Metric& metric)
      : FamilyWriter(format, metric.name, metric.kind, metric.help) {}

  // `labels`: parts rendered as name="value", joined by commas here; empty parts are left out. A value that
  // is not a number is left out in OpenMetrics, which forbids it for what is missing.
  void sample(std::string& out, std::initializer_list<std::string_view> labels, double value);

  // One histogram: its buckets in ascending order, +Inf being the last, then sum and count. `le` is rendered
  // by bound().
  void bucket(std::string& out, std::string_view labels, std::string_view le, std::uint64_t cumulative_count);
  void sum_and_count(std::string& out, std::string_view labels, double sum, std::uint64_t count);
  // le="0.5"
  static std::string bound(double upper_bound, ExpositionFormat format);
  ExpositionFormat format() const { return format_; }

 private:
  void head(std::string& out);
  template <class Number>
  void line(std::string& out, std::string_view suffix, std::initializer_list<std::string_view> labels,
            Number value);

  ExpositionFormat format_;
  std::string_view name_;
  MetricKind kind_;
  std::string_view help_;
  bool head_written_ = false;
};

}  // namespace lookout
