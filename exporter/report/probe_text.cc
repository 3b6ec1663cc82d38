#include <algorithm>

#include <fmt/format.h>

#include "exporter/report/fact_text.h"
#include "exporter/report/probe_report.h"
#include "exporter/report/time_text.h"
#include "exporter/report/timeline.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kBarColumns = 60, kFewestBarColumns = 10;
constexpr std::size_t kLongestSeries = 56;  // with longer labels a fact gets a line for each of them
constexpr std::size_t kValueColumns = 20;   // that a series leaves free
constexpr std::size_t kLongestTarget = 200;

// Writes one report: keeps the style, so that every line is harmless and within the width.
class Writer {
 public:
  Writer(const ProbeReport& report, const TextStyle& style) : report_(report), style_(style) {}

  std::string write() && {
    head();
    why();
    stages();
    facts();
    trace();
    next();
    return std::move(out_);
  }

 private:
  const ProbeResult& result() const { return report_.result; }
  std::string clean(std::string_view text) const { return printable(text, style_.unicode); }
  std::string ink(std::string_view text, Ink ink) const { return inked(text, ink, style_); }

  void heading(std::string_view words) { out_ += "\n" + ink(words, Ink::bold) + "\n"; }

  // `lead` stands already formatted; `text` follows it and is broken under its own beginning.
  void hanging(const std::string& lead, std::string_view text) {
    const std::size_t indent = columns_of(lead);
    out_ += lead + wrapped(clean(text), style_.width, indent, indent) + "\n";
  }

  void head();
  void why();
  void stages();
  void facts();
  std::size_t longest_series() const;
  void fact(const Fact& fact, std::size_t width);
  void trace();
  void next();

  const ProbeReport& report_;
  const TextStyle& style_;
  std::string out_;
};

Ink ink_of(Verdict verdict) {
  return verdict == Verdict::up ? Ink::green : verdict == Verdict::down ? Ink::red : Ink::yellow;
}

void Writer::head() {
  out_ += fmt::format("{}: {} in {}\n", clean(one_line(report_.target, kLongestTarget)),
                      ink(name(result().verdict), ink_of(result().verdict)), for_people(result().duration));
  hanging("", fmt::format("module {} (prober {}), at most {}, started {}", report_.module, report_.kind,
                          for_people(result().timeout), rfc3339(result().started)));
}

void Writer::why() {
  if (!result().failure) return;
  const Failure& failure = *result().failure;
  out_ += "\n";
  const std::string what = key(failure);
  const std::size_t indent = 5;
  out_ += ink("why", Ink::bold) + "  " + ink(what, ink_of(result().verdict)) +
          wrapped(": " + std::string(sentence(failure.cause)), style_.width, indent, indent + what.size()) +
          "\n";
  if (!failure.detail.empty()) hanging(std::string(indent, ' '), failure.detail);
}

void Writer::stages() {
  if (result().stages.empty()) return;
  heading("stages");
  constexpr std::size_t kLead = 2 + 9 + 10 + 2, kMark = 13;
  std::size_t cells = kBarColumns;
  if (style_.width > 0)
    cells = std::clamp(std::max(style_.width, kLead + kMark) - kLead - kMark, kFewestBarColumns, kBarColumns);
  Duration start{};
  for (const StageTime& stage : result().stages) {
    const bool failed = result().failure && result().failure->stage == stage.stage;
    const Ink colour = failed ? ink_of(result().verdict) : Ink::green;
    std::string line = fmt::format("  {:<9}{:>10}  ", name(stage.stage), for_people(stage.duration));
    const std::string bar =
        timeline_bar(start, start + stage.duration, result().duration, cells, style_.unicode);
    if (!bar.empty()) line += ink(bar, colour);
    if (failed) line += "  " + ink("failed here", colour);
    line.erase(line.find_last_not_of(' ') + 1);
    out_ += line + "\n";
    start += stage.duration;
  }
}

std::string series(const Fact& fact) {
  std::string text(fact.family->metric);
  return fact.labels.empty() ? text : text + "{" + fact.labels + "}";
}

std::size_t Writer::longest_series() const {
  return style_.width == 0 ? kLongestSeries
                           : std::min(kLongestSeries, std::max(style_.width, kValueColumns) - kValueColumns);
}

void Writer::facts() {
  if (result().facts.empty()) return;
  heading("facts");
  std::size_t width = 0;
  for (const Fact& each : result().facts) {
    const std::size_t columns = columns_of(clean(series(each)));
    width = std::max(width, columns <= longest_series() ? columns : each.family->metric.size());
  }
  for (const Fact& each : result().facts) fact(each, width);
}

void Writer::fact(const Fact& fact, std::size_t width) {
  const std::string whole = clean(series(fact));
  const bool on_one_line = columns_of(whole) <= longest_series();
  const std::string left = on_one_line ? whole : std::string(fact.family->metric);
  hanging(fmt::format("  {}{}  ", left, std::string(width - columns_of(left), ' ')),
          value_for_people(fact, result().started));
  if (on_one_line) return;
  const auto labels = labels_of(fact);
  std::size_t longest = 0;
  for (const auto& label : labels) longest = std::max(longest, label.first.size());
  for (const auto& [label, value] : labels) hanging(fmt::format("    {:<{}}  ", label, longest), value);
}

void Writer::trace() {
  if (result().trace.empty()) return;
  heading("trace");
  for (const TraceLine& line : result().trace) {
    hanging(fmt::format("  {:>10}  ", for_people(line.at)), line.text);
  }
}

void Writer::next() {
  const std::vector<std::string> steps = next_steps(report_);
  if (steps.empty()) return;
  heading("look at next");
  for (const std::string& step : steps) hanging("  ", step);
}

}  // namespace

std::string probe_text(const ProbeReport& report, const TextStyle& style) {
  return Writer(report, style).write();
}

}  // namespace lookout
