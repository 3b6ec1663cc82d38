#include "exporter/metrics/exposition.h"

#include <algorithm>
#include <optional>
#include <variant>
#include <vector>

#include <prometheus/metric_family.h>

#include "exporter/metrics/registry_writer.h"
#include "exporter/metrics/target_families.h"

namespace lookout {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
// Every family visits every target, and what is known of 20,000 fits no cache: half of the time would be
// waiting for memory. So the data of a target some places further on is asked for in time.
constexpr std::size_t kFetchAhead = 8;

// A label that a user's own pattern named `target` would stand twice in one sample and spoil the whole page;
// as Prometheus does with labels that clash at a scrape, ours stays and theirs is called exported_target.
// Values hold no bare quote, so the search is exact.
std::string without_target_label(std::string_view labels) {
  constexpr std::string_view kName = "target=\"", kPrefix = "exported_";
  std::string renamed(labels);
  if (labels.starts_with(kName)) return renamed.insert(0, kPrefix);
  const std::size_t at = labels.find(",target=\"");
  return at == std::string_view::npos ? renamed : renamed.insert(at + 1, kPrefix);
}

bool may_name_target(std::string_view labels) { return labels.find("target=\"") != std::string_view::npos; }

}  // namespace

// Where a scrape stands: the family in turn and the first record that it has not been written for.
struct Scrape::Page {
  // Of prometheus-cpp's data, of the targets' own families, or of the facts that probes state.
  using Source = std::variant<const prometheus::MetricFamily*, const TargetFamily*, const FactFamily*>;
  struct Section {
    std::string_view name;
    Source source;
  };

  Page(const Book& book, const SelfMetrics& self, ExpositionFormat page_format, WallTime time);
  bool write_piece(std::string& out);
  void write(std::string& out, std::size_t goal, const prometheus::MetricFamily& family);
  void write(std::string& out, std::size_t goal, const TargetFamily& family);
  void write(std::string& out, std::size_t goal, const FactFamily& family);
  void write_facts(std::string& out, const FactFamily& family, std::size_t index);
  void fetch_labels(std::size_t index) const;
  void fetch_facts(std::size_t index) const;
  FamilyWriter& begin(std::string_view name, MetricKind kind, std::string_view help);
  void end_section();

  const ExpositionFormat format;
  const WallTime now;
  const std::vector<std::shared_ptr<const TargetRecord>> records;
  // Facts of each record are sorted as the sections are, so each needs only the number of those already
  // written.
  std::vector<std::uint16_t> facts_written;
  const std::vector<prometheus::MetricFamily> own;
  std::vector<Section> sections;

  std::size_t section = 0;
  std::size_t record = 0;
  std::optional<FamilyWriter> writer;  // engaged in the middle of a section
  bool closed = false;
};

Scrape::Page::Page(const Book& book, const SelfMetrics& self, ExpositionFormat page_format, WallTime time)
    : format(page_format),
      now(time),
      records(book.records()),
      facts_written(records.size()),
      own(self.collect()) {
  for (const auto& family : own) sections.push_back({family.name, &family});
  for (const auto& family : target_families()) sections.push_back({family.metric->name, &family});
  for (const FactFamily* family : book.fact_families()) sections.push_back({family->metric, family});
  std::ranges::sort(sections, {}, &Section::name);
}

bool Scrape::Page::write_piece(std::string& out) {
  const std::size_t before = out.size();
  const std::size_t goal = before + kPieceBytes;
  out.reserve(goal + kPieceBytes / 8);
  while (section < sections.size() && out.size() < goal) {
    std::visit([&](const auto* family) { write(out, goal, *family); }, sections[section].source);
  }
  if (section == sections.size() && !closed) {
    closed = true;
    if (format == ExpositionFormat::openmetrics) out.append("# EOF\n");
  }
  return out.size() > before;
}

void Scrape::Page::write(std::string& out, std::size_t, const prometheus::MetricFamily& family) {
  append_family(out, family, format);
  end_section();
}

void Scrape::Page::write(std::string& out, std::size_t goal, const TargetFamily& family) {
  FamilyWriter& samples = begin(family.metric->name, family.metric->kind, family.metric->help);
  for (; record < records.size() && out.size() < goal; ++record)
    family.write(out, samples, *records[record], now);
  if (record == records.size()) end_section();
}

void Scrape::Page::write(std::string& out, std::size_t goal, const FactFamily& family) {
  begin(family.metric, MetricKind::gauge, family.help);
  for (; record < records.size() && out.size() < goal; ++record) {
    fetch_facts(record + kFetchAhead);
    write_facts(out, family, record);
  }
  if (record == records.size()) end_section();
}

void Scrape::Page::write_facts(std::string& out, const FactFamily& family, std::size_t index) {
  const ProbeResult* probe = shown_probe(*records[index]);
  if (probe == nullptr) return;
  const std::string& target = records[index]->labels->target;
  std::uint16_t& next = facts_written[index];
  for (; next < probe->facts.size(); ++next) {
    const Fact& fact = probe->facts[next];
    if (fact.family != &family && fact.family->metric != family.metric) return;
    if (may_name_target(fact.labels)) {
      writer->sample(out, {target, without_target_label(fact.labels)}, fact.value);
    } else {
      writer->sample(out, {target, fact.labels}, fact.value);
    }
  }
}

void Scrape::Page::fetch_labels(std::size_t index) const {
  if (index < records.size()) __builtin_prefetch(records[index]->labels->target.data());
}

void Scrape::Page::fetch_facts(std::size_t index) const {
  if (index >= records.size()) return;
  fetch_labels(index);
  if (const ProbeResult* probe = records[index]->last.get())
    __builtin_prefetch(probe->facts.data() + facts_written[index]);
}

FamilyWriter& Scrape::Page::begin(std::string_view name, MetricKind kind, std::string_view help) {
  if (!writer) writer.emplace(format, name, kind, help);
  return *writer;
}

void Scrape::Page::end_section() {
  writer.reset();
  record = 0;
  ++section;
}

Scrape::Scrape(const Book& book, const SelfMetrics& self, ExpositionFormat format, WallTime now)
    : page_(std::make_unique<Page>(book, self, format, now)) {}
Scrape::~Scrape() = default;
Scrape::Scrape(Scrape&&) noexcept = default;
Scrape& Scrape::operator=(Scrape&&) noexcept = default;

bool Scrape::next(std::string& out) { return page_->write_piece(out); }

}  // namespace lookout
