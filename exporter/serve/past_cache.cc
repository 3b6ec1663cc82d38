#include "exporter/serve/past_cache.h"

#include <algorithm>

namespace lookout {
namespace {

constexpr Duration kFresh = std::chrono::minutes(1);
constexpr Duration kPatience = std::chrono::seconds(2);  // a page is better without than late

using Answer = std::shared_ptr<const Past>;

}  // namespace

Task<std::shared_ptr<const Past>> PastCache::get(Journal& journal) {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (known_->asking || (known_->asked && now - *known_->asked < kFresh)) co_return known_->past;
  known_->asking = true;
  known_->asked = now;
  const WallTime since = last_days(std::chrono::system_clock::now(), kDays).front().begin;
  const std::function<Answer(Store&)> question = [since](Store& store) {
    return std::make_shared<const Past>(store.past(since));
  };
  const std::function<void(Answer&)> keep = [known = known_](Answer& answer) { known->past = answer; };
  co_await journal.ask(question, kPatience, keep);
  known_->asking = false;
  co_return known_->past;
}

WatchedPast watched_past(const TargetRecord& record, const Past& past, const std::vector<Span>& just_ended,
                         WallTime now) {
  static const TargetPast kNothing;
  const auto found = past.targets.find(record.config->name);
  const TargetPast& known = found == past.targets.end() ? kNothing : found->second;
  WatchedPast watched{known.first_seen, known.outages, {}};
  std::vector<WallTime> days = known.probed_days;
  // The journal learns of the newest probes every few minutes.
  if (record.last) {
    const WallTime since = record.state.row_start.wall == WallTime()
                               ? record.last->started
                               : std::min(record.state.row_start.wall, record.last->started);
    if (!watched.first_seen) watched.first_seen = since;
    const WallTime day = std::chrono::floor<std::chrono::days>(record.last->started);
    if (days.empty() || days.back() < day) days.push_back(day);
  }
  watched.outages.insert(watched.outages.end(), just_ended.begin(), just_ended.end());
  if (record.state.incident) {
    const WallTime onset = record.state.incident->onset.wall;
    watched.outages.push_back({onset, std::max(onset, now)});
  }
  watched.outages = merged(std::move(watched.outages));
  const Span period{last_days(now, PastCache::kDays).front().begin, now};
  watched.unwatched = unwatched(period, watched.first_seen, days, past.gaps);
  return watched;
}

}  // namespace lookout
