#include <fmt/format.h>

#include "exporter/report/advice.h"
#include "exporter/report/probe_report.h"
#include "exporter/report/time_text.h"

namespace lookout {
namespace {

constexpr double kSoon = 14 * 86400;

}  // namespace

std::vector<std::string> next_steps(const ProbeReport& report) {
  std::vector<std::string> steps;
  const ProbeResult& result = report.result;
  if (result.failure) steps.push_back(advice(*result.failure, report.kind, report.target));
  for (const Fact& fact : result.facts) {
    if (fact.family->metric != "probe_ssl_earliest_cert_expiry") continue;
    const double left = fact.value - unix_seconds(result.started);
    if (left > 0 && left < kSoon) {
      steps.push_back(fmt::format("A certificate of the chain ends {}, on {}: renew it now.",
                                  distance_for_people(fact.value, result.started),
                                  utc_for_people(fact.value)));
    }
  }
  return steps;
}

}  // namespace lookout
