#include "exporter/metrics/family_writer.h"

#include <cmath>
#include <cstring>

#include "probes/core/numbers.h"

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

// Copies the first and the last `Block` bytes, which overlap: two moves, where calling memcpy for a few bytes
// costs more than they do.
template <std::size_t Block>
char* put_blocks(char* to, std::string_view text) {
  std::memcpy(to, text.data(), Block);
  std::memcpy(to + text.size() - Block, text.data() + text.size() - Block, Block);
  return to + text.size();
}

char* put(char* to, std::string_view text) {
  if (text.size() >= 16 && text.size() <= 32) return put_blocks<16>(to, text);
  if (text.size() >= 8 && text.size() < 16) return put_blocks<8>(to, text);
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
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
  line(out, "", labels, value);
}

void FamilyWriter::bucket(std::string& out, std::string_view labels, std::string_view le,
                          std::uint64_t cumulative_count) {
  line(out, "_bucket", {labels, le}, cumulative_count);
}

void FamilyWriter::sum_and_count(std::string& out, std::string_view labels, double sum, std::uint64_t count) {
  line(out, "_sum", {labels}, sum);
  line(out, "_count", {labels}, count);
}

std::string FamilyWriter::bound(double upper_bound, ExpositionFormat format) {
  std::string label("le=\"");
  if (format == ExpositionFormat::openmetrics) {
    append_canonical(label, upper_bound);
  } else {
    append_number(label, upper_bound);
  }
  return label.append("\"");
}

// A page has a million of these: room is made once for the whole line, and cut to what was used.
template <class Number>
void FamilyWriter::line(std::string& out, std::string_view suffix,
                        std::initializer_list<std::string_view> labels, Number value) {
  constexpr std::size_t kPunctuation = 4;  // closing brace, space, line feed, and one to spare
  head(out);
  std::size_t room = name_.size() + suffix.size() + kLongestNumber + kPunctuation;
  for (const std::string_view part : labels) room += part.size() + 1;
  const std::size_t begin = out.size();
  out.resize(begin + room);
  char* to = put(put(out.data() + begin, name_), suffix);
  char before = '{';
  for (const std::string_view part : labels) {
    if (part.empty()) continue;
    *to++ = before;
    to = put(to, part);
    before = ',';
  }
  if (before == ',') *to++ = '}';
  *to++ = ' ';
  to = write_number(to, value);
  *to++ = '\n';
  out.resize(static_cast<std::size_t>(to - out.data()));
}

}  // namespace lookout
