#include "exporter/metrics/family_writer.h"

#include <cmath>
#include <limits>

#include "exporter/metrics/numbers.h"

namespace lookout {
namespace {

constexpr std::string_view kTotal = "_total";

enum class Quotes { escaped, kept };

// Copies run by run: there is hardly ever anything to escape.
void append_escaped(std::string& out, std::string_view text, Quotes quotes) {
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char character = text[at];
    if (character != '\\' && character != '\n' && (character != '"' || quotes == Quotes::kept)) continue;
    out.append(text.substr(copied, at - copied))
        .append(1, '\\')
        .append(1, character == '\n' ? 'n' : character);
    copied = at + 1;
  }
  out.append(text.substr(copied));
}

}  // namespace

void append_label_value(std::string& out, std::string_view value) {
  append_escaped(out, value, Quotes::escaped);
}

// OpenMetrics names a counter's family without the suffix that its samples have.
void FamilyWriter::head(std::string& out) {
  if (head_written_) return;
  head_written_ = true;
  const bool openmetrics = format_ == ExpositionFormat::openmetrics;
  std::string_view family = name_;
  if (openmetrics && kind_ == MetricKind::counter && family.ends_with(kTotal))
    family.remove_suffix(kTotal.size());
  out.append("# HELP ").append(family).append(" ");
  append_escaped(out, help_, openmetrics ? Quotes::escaped : Quotes::kept);
  out.append("\n# TYPE ").append(family).append(" ").append(lookout::name(kind_)).append("\n");
}

void FamilyWriter::sample(std::string& out, std::initializer_list<std::string_view> labels, double value) {
  if (format_ == ExpositionFormat::openmetrics && std::isnan(value)) return;
  head(out);
  out.append(name_);
  char before = '{';
  for (const std::string_view part : labels) {
    if (part.empty()) continue;
    out.append(1, before).append(part);
    before = ',';
  }
  out.append(before == '{' ? " " : "} ");
  append_number(out, value);
  out.push_back('\n');
}

void FamilyWriter::bucket(std::string& out, std::string_view labels, double upper_bound,
                          std::uint64_t cumulative_count) {
  head(out);
  out.append(name_).append("_bucket{").append(labels).append(labels.empty() ? "le=\"" : ",le=\"");
  if (format_ == ExpositionFormat::openmetrics) {
    append_canonical(out, upper_bound);
  } else {
    append_number(out, upper_bound);
  }
  out.append("\"} ");
  append_number(out, cumulative_count);
  out.push_back('\n');
}

void FamilyWriter::sum_and_count(std::string& out, std::string_view labels, double sum, std::uint64_t count) {
  suffixed(out, "_sum", labels);
  append_number(out, sum);
  out.push_back('\n');
  suffixed(out, "_count", labels);
  append_number(out, count);
  out.push_back('\n');
}

void FamilyWriter::suffixed(std::string& out, std::string_view suffix, std::string_view labels) {
  head(out);
  out.append(name_).append(suffix);
  if (labels.empty()) {
    out.push_back(' ');
  } else {
    out.append("{").append(labels).append("} ");
  }
}

}  // namespace lookout
