#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <prometheus/metric_family.h>

#include "exporter/metrics/catalogue.h"
#include "exporter/metrics/self_metrics.h"
#include "exporter/metrics/target_families.h"

namespace lookout {
namespace {

TEST(Catalogue, NamesFollowTheConventions) {
  for (const Metric& row : catalogue()) {
    const bool counter = row.kind == MetricKind::counter;
    EXPECT_EQ(counter, row.name.ends_with("_total")) << row.name;
    EXPECT_FALSE(row.help.empty()) << row.name;
    EXPECT_EQ(row.help.find_first_of("\\\"\n"), std::string_view::npos) << row.name;
    EXPECT_TRUE(std::ranges::all_of(row.name, [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); }))
        << row.name;
    EXPECT_EQ(&metric(row.name), &row);
  }
}

// What the page writes and what the catalogue says must be the same set: a row that nobody writes is a
// promise not kept.
TEST(Catalogue, EveryRowIsWrittenBySomebody) {
  std::set<std::string> written;
  for (const TargetFamily& family : target_families()) written.emplace(family.metric->name);
  SelfMetrics self;
  self.http_request(200);
  for (const auto& family : self.collect()) {
    EXPECT_TRUE(written.insert(family.name).second) << family.name;
    const Metric& row = metric(family.name);
    EXPECT_EQ(family.help, row.help);
  }
  std::set<std::string> listed;
  for (const Metric& row : catalogue()) listed.emplace(row.name);
  EXPECT_EQ(written, listed);
}

}  // namespace
}  // namespace lookout
