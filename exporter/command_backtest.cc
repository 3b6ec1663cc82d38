// `lookout backtest`: what other thresholds would have made of a journal's recorded probes.
#include <algorithm>
#include <iostream>

#include <fmt/format.h>

#include "exporter/commands.h"
#include "exporter/config/config.h"
#include "exporter/journal/backtest.h"
#include "exporter/report/terminal_text.h"
#include "exporter/report/time_text.h"
#include "exporter/text_table.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr int kUsage = 2;

const TargetConfig* find_target(const Config* config, const std::string& name) {
  if (config == nullptr) return nullptr;
  for (const auto& target : config->targets) {
    if (target->name == name) return target.get();
  }
  return nullptr;
}

TableRow row(const std::string& target, std::string_view which, const Policy& policy,
             const BacktestOutcome& outcome) {
  const auto mean = outcome.incidents == 0
                        ? Duration::zero()
                        : outcome.detection_sum / static_cast<Duration::rep>(outcome.incidents);
  const bool any = outcome.incidents > 0;
  return {printable(target, true),
          fmt::format("{}/{} {}", policy.failure_threshold, policy.success_threshold, which),
          std::to_string(outcome.probes),
          std::to_string(outcome.incidents),
          std::to_string(outcome.false_alarms),
          any ? for_people(mean) : "-",
          any ? for_people(outcome.detection_most) : "-",
          any ? for_people(outcome.down) : "-"};
}

void add_rows(const std::string& name, const TargetConfig* target, const std::vector<VerdictRun>& runs,
              const Flags& flags, std::vector<TableRow>& rows) {
  BacktestTerms terms{{}, target != nullptr ? target->interval : interval_of(runs), flags.brief};
  if (target != nullptr) {
    terms.policy.failure_threshold = target->failure_threshold;
    terms.policy.success_threshold = target->success_threshold;
  }
  rows.push_back(
      row(name, target != nullptr ? "configured" : "default", terms.policy, backtest(runs, terms)));
  if (!flags.failure_threshold && !flags.success_threshold) return;
  terms.policy.failure_threshold = flags.failure_threshold.value_or(terms.policy.failure_threshold);
  terms.policy.success_threshold = flags.success_threshold.value_or(terms.policy.success_threshold);
  rows.push_back(row(name, "given", terms.policy, backtest(runs, terms)));
}

}  // namespace

int run_backtest(const Flags& flags) {
  std::shared_ptr<const Config> config;
  if (!flags.config_file.empty()) {
    config = load_or_say(flags.config_file);
    if (!config) return kUsage;
  }
  Store store = open_journal(flags.storage_path);
  const WallTime since =
      std::chrono::system_clock::now() - std::chrono::duration_cast<WallTime::duration>(flags.since);
  std::vector<std::string> names;
  for (const auto& [name, past] : store.past(since).targets) names.push_back(name);
  if (!flags.target.empty()) {
    const std::vector<std::string_view> known(names.begin(), names.end());
    if (std::ranges::find(names, flags.target) == names.end()) {
      std::cerr << fmt::format("lookout: error: --target: {} knows no target {}{}\n", flags.storage_path,
                               in_quotes(flags.target), suggestion(flags.target, known));
      return kUsage;
    }
    names = {flags.target};
  }
  std::vector<TableRow> rows{
      {"TARGET", "THRESHOLDS", "PROBES", "INCIDENTS", "FALSE ALARMS", "DETECTION, MEAN", "MOST", "DOWN"}};
  for (const std::string& name : names) {
    const std::vector<VerdictRun> runs = store.runs(name, since);
    if (!runs.empty()) add_rows(name, find_target(config.get(), name), runs, flags, rows);
  }
  if (rows.size() == 1) {
    std::cout << "No recorded probes.\n";
  } else {
    std::cout << text_table(rows);
  }
  return 0;
}

}  // namespace lookout
