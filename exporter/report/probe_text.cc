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
    certificates();
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
  void certificates();
  void certificate(std::size_t number, const CertificateSummary& certificate);
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
  if (result().attempts.value_or(1) > 1)
    hanging("", fmt::format("{} attempts; what follows is of the last one", *result().attempts));
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

// Whether the chain below was believed, and why not.
std::string verification(const ProbeResult& result) {
  if (result.failure && result.failure->stage == Stage::tls) {
    const std::string_view cause = name(result.failure->cause);
    if (cause.starts_with("certificate_")) return fmt::format("REFUSED: {}", sentence(result.failure->cause));
    return "sent by the peer; the handshake did not end well";
  }
  for (const Fact& fact : result.facts) {
    if (fact.family->metric != "probe_ssl_last_chain_expiry_timestamp_seconds") continue;
    return is_no_chain(fact) ? "not verified, as insecure_skip_verify has it" : "verified";
  }
  return "sent by the peer";
}

std::string validity(const CertificateSummary& certificate, WallTime now) {
  const std::string dates =
      utc_for_people(certificate.not_before) + " to " + utc_for_people(certificate.not_after);
  const double at = unix_seconds(now);
  if (at < certificate.not_before)
    return dates + ", NOT YET: begins " + distance_for_people(certificate.not_before, now);
  if (at > certificate.not_after)
    return dates + ", EXPIRED " + distance_for_people(certificate.not_after, now);
  return dates + ", ends " + distance_for_people(certificate.not_after, now);
}

std::string names_of(const CertificateSummary& certificate) {
  std::string names = fmt::format("{}", fmt::join(certificate.names, ", "));
  if (certificate.names_left_out > 0) names += fmt::format(" and {} more", certificate.names_left_out);
  return names.empty() ? "none" : names;
}

void Writer::certificates() {
  if (result().certificates.empty()) return;
  heading("certificates");
  hanging("  ", verification(result()));
  std::size_t number = 0;
  for (const auto& each : result().certificates) certificate(++number, *each);
}

void Writer::certificate(std::size_t number, const CertificateSummary& certificate) {
  hanging(fmt::format("  {:>2}  ", number),
          certificate.subject.empty() ? "without a subject" : certificate.subject);
  const auto line = [&](std::string_view what, std::string_view text) {
    hanging(fmt::format("      {:<7}  ", what), text);
  };
  line("issuer", certificate.issuer);
  line("valid", validity(certificate, result().started));
  if (number == 1 || !certificate.names.empty()) line("names", names_of(certificate));
  line("key", fmt::format("{}, signed with {}", certificate.key, certificate.signature));
  line("sha256", certificate.fingerprint_sha256);
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
