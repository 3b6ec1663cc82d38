// Reads a metrics page back, by its grammar and not by how it was written; for the tests of the writer.
#pragma once

#include <charconv>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "exporter/metrics/exposition.h"

namespace lookout {

struct PageSample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value;
};

inline std::string render_all(Scrape& scrape) {
  std::string page;
  while (scrape.next(page)) {
  }
  return page;
}

inline std::string render_all(const Book& book, const SelfMetrics& self, ExpositionFormat format,
                              WallTime now) {
  Scrape scrape(book, self, format, now);
  return render_all(scrape);
}

inline double parse_value(std::string_view text) {
  if (text == "+Inf") return HUGE_VAL;
  if (text == "NaN") return NAN;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  EXPECT_TRUE(error == std::errc() && end == text.data() + text.size()) << text;
  return value;
}

// `line` from behind the opening brace; ends behind the closing one.
inline std::map<std::string, std::string> parse_labels(std::string_view& line) {
  std::map<std::string, std::string> labels;
  while (!line.starts_with('}')) {
    const std::size_t equals = line.find("=\"");
    EXPECT_NE(equals, std::string_view::npos);
    const std::string name(line.substr(0, equals));
    line.remove_prefix(equals + 2);
    std::string value;
    for (; line[0] != '"'; line.remove_prefix(1)) {
      if (line[0] == '\\') {
        line.remove_prefix(1);
        value += line[0] == 'n' ? '\n' : line[0];
      } else {
        value += line[0];
      }
    }
    line.remove_prefix(1);
    if (line.starts_with(',')) line.remove_prefix(1);
    EXPECT_TRUE(labels.emplace(name, value).second) << "twice: " << name;
  }
  line.remove_prefix(1);
  return labels;
}

// Fails the test unless each family has one head, before its samples and in one group, and no series stands
// twice.
inline std::vector<PageSample> parse_page(std::string_view page) {
  std::vector<PageSample> samples;
  std::set<std::string, std::less<>> families, series;
  std::string family;
  EXPECT_TRUE(page.ends_with('\n'));
  while (!page.empty()) {
    std::string_view line = page.substr(0, page.find('\n'));
    page.remove_prefix(line.size() + 1);
    if (line == "# EOF") {
      EXPECT_TRUE(page.empty());
      break;
    }
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(families.insert(family).second) << "second group of " << family;
      EXPECT_TRUE(page.starts_with("# TYPE " + family + " ")) << family;
      continue;
    }
    if (line.starts_with("# TYPE ")) continue;
    EXPECT_TRUE(series.emplace(line.substr(0, line.rfind(' '))).second) << "twice: " << line;
    const std::size_t name_end = line.find_first_of("{ ");
    PageSample sample{std::string(line.substr(0, name_end)), {}, 0};
    EXPECT_TRUE(sample.name.starts_with(family)) << sample.name << " in " << family;
    line.remove_prefix(name_end + (line[name_end] == '{' ? 1 : 0));
    if (line[0] != ' ') sample.labels = parse_labels(line);
    sample.value = parse_value(line.substr(1));
    samples.push_back(std::move(sample));
  }
  return samples;
}

inline const PageSample* find_sample(const std::vector<PageSample>& samples, std::string_view name,
                                     const std::map<std::string, std::string>& labels) {
  for (const PageSample& sample : samples) {
    if (sample.name == name && sample.labels == labels) return &sample;
  }
  return nullptr;
}

}  // namespace lookout
