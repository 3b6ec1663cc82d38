// The journal of many targets after a year: what it takes on the disk, and how long it keeps its thread with
// what pages and a start ask. Filled as an instance would, day by day, and forgotten day by day.
//
//   bench_journal_size FOLDER [TARGETS [DAYS]]     default 10000 targets, 365 days
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

#include <fmt/format.h>

#include "exporter/config/retention.h"
#include "exporter/incident/incident.h"
#include "exporter/journal/store.h"

namespace lookout {
namespace {

constexpr int kIncidentsAYear = 20;
constexpr std::size_t kEvidence = 2500;  // as a probe of http with its trace has
constexpr std::chrono::hours kDay{24};

double seconds_since(SteadyTime start) { return seconds(std::chrono::steady_clock::now() - start); }

template <class Work>
auto timed(const char* what, Work work) {
  const SteadyTime start = std::chrono::steady_clock::now();
  auto result = work();
  fmt::print("{:<44} {:10.1f} ms\n", what, seconds_since(start) * 1e3);
  return result;
}

std::string target_name(int number) { return fmt::format("service-{:05}.example.org", number); }

Incident incident_of(int target, WallTime onset, std::chrono::seconds lasted) {
  Incident incident;
  incident.target = target_name(target);
  incident.onset = onset;
  incident.detected = onset + std::chrono::seconds(30);
  incident.id = incident_id(incident.target, incident.detected);
  incident.address = "https://" + incident.target + "/health";
  incident.module = "http_2xx";
  incident.severity = "critical";
  incident.labels = {{"team", "checkout"}, {"environment", "production"}};
  incident.runbook_url = "https://runbooks.example.org/service-down";
  incident.detection = std::chrono::seconds(30);
  incident.duration = lasted;
  incident.recovered = onset + lasted;
  incident.failure = {Stage::response, Cause::status, "HTTP status 503, and 200 was wanted"};
  incident.evidence = std::string(kEvidence, 'e');
  incident.timeline = {
      {incident.onset, "onset", "The first of the probes that failed in a row"},
      {incident.detected, "opened", "Down: the status was not a wanted one (response/status)"},
      {*incident.recovered, "closed", "Up again: the first of the probes that succeeded in a row"}};
  return incident;
}

class Year {
 public:
  Year(Store& store, int targets, int days)
      : store_(store),
        targets_(targets),
        days_(days),
        begin_(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) -
               std::chrono::days(days)) {}

  WallTime end() const { return begin_ + std::chrono::days(days_); }

  void fill() {
    for (int day = 0; day < days_; ++day) {
      const WallTime midnight = begin_ + std::chrono::days(day);
      // Hours are forgotten after two weeks: of the others the day's sum is written at once.
      const int hours = day + 15 >= days_ ? 24 : 1;
      for (int hour = 0; hour < hours; ++hour)
        store_.write(summaries(midnight + std::chrono::hours(hour), 5760 / hours));
      store_.write(changes(midnight));
      SteadyTime start = std::chrono::steady_clock::now();
      for (bool done = false; !done; start = std::chrono::steady_clock::now()) {
        done = store_.forget({}, midnight + kDay);
        longest_forgetting_ = std::max(longest_forgetting_, seconds_since(start));
      }
    }
    Batch states;
    for (int target = 0; target < targets_; ++target)
      states.targets[target_name(target)].state.state = State::up;
    states.alive = end();
    store_.write(states);
  }
  double longest_forgetting() const { return longest_forgetting_; }

  Batch summaries(WallTime hour, int probes) const {
    Batch batch;
    for (int target = 0; target < targets_; ++target) {
      batch.hours[{target_name(target), hour}] = {static_cast<std::uint64_t>(probes), 0,
                                                  probes * std::chrono::microseconds(41'234),
                                                  std::chrono::microseconds(912'345)};
    }
    return batch;
  }

 private:
  // Incidents, and runs of probes, which change with them.
  Batch changes(WallTime midnight) {
    Batch batch;
    std::bernoulli_distribution fails(kIncidentsAYear / 365.0);
    std::uniform_int_distribution<int> second(0, 80'000), lasts(60, 5000);
    for (int target = 0; target < targets_; ++target) {
      if (!fails(random_)) continue;
      const WallTime onset = midnight + std::chrono::seconds(second(random_));
      const Incident incident = incident_of(target, onset, std::chrono::seconds(lasts(random_)));
      batch.runs[{incident.target, onset}] = {onset, *incident.recovered, Verdict::down, "response/status",
                                              60};
      batch.runs[{incident.target, *incident.recovered}] = {*incident.recovered, midnight + kDay, Verdict::up,
                                                            "", 5000};
      batch.incidents[incident.id] = incident;
    }
    return batch;
  }

  Store& store_;
  const int targets_, days_;
  const WallTime begin_;
  std::mt19937 random_{1};
  double longest_forgetting_ = 0;
};

std::size_t spans(const Past& past) {
  std::size_t sum = 0;
  for (const auto& [name, target] : past.targets) sum += target.probed_days.size() + target.outages.size();
  return sum;
}

int measure(const std::string& folder, int targets, int days) {
  WallTime now;
  {
    Store store(folder);
    Year year(store, targets, days);
    timed("filling", [&] { return year.fill(), true; });
    fmt::print("{:<44} {:10.1f} ms\n", "forgetting, longest portion", year.longest_forgetting() * 1e3);
    now = year.end();
    const Batch five_minutes = year.summaries(now - std::chrono::hours(1), 20);
    timed("writing summaries, every five minutes", [&] { return store.write(five_minutes), true; });
  }
  fmt::print("{} targets, {} days: {:.0f} MiB\n", targets, days,
             static_cast<double>(std::filesystem::file_size(folder + "/journal.db")) / (1 << 20));
  Store store = timed("opening", [&] { return Store(folder); });
  const Restored restored = timed("restoring at a start", [&] { return store.restore(this_moment()); });
  fmt::print("{} states\n", restored.targets.size());
  const WallTime since = now - std::chrono::days(90);
  const Past past = timed("past of all targets, 90 days", [&] { return store.past(since); });
  fmt::print("{} spans\n", spans(past));
  IncidentFilter newest;
  timed("newest 100 incidents", [&] { return store.incidents(newest); });
  newest.target = target_name(targets / 2);
  timed("newest 100 incidents of a target", [&] { return store.incidents(newest); });
  timed("24 hours of a target", [&] { return store.hours(newest.target, now - kDay); });
  timed("reports that are missing", [&] { return store.without_report(now - std::chrono::days(7), 1000); });
  timed("forgetting, nothing", [&] { return store.forget({}, now); });
  return 0;
}

}  // namespace
}  // namespace lookout

int main(int count, char** arguments) {
  if (count < 2) return 2;
  const int targets = count > 2 ? std::atoi(arguments[2]) : 10'000,
            days = count > 3 ? std::atoi(arguments[3]) : 365;
  return lookout::measure(arguments[1], targets, days);
}
