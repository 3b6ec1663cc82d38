#include "exporter/incident/maintenance.h"

#include <algorithm>

namespace lookout {
namespace {

bool selects(const MaintenanceWindow& window, const TargetConfig& target) {
  if (window.all || std::ranges::find(window.targets, target.name) != window.targets.end()) return true;
  return !window.labels.empty() && std::ranges::all_of(window.labels, [&](const auto& label) {
    const auto found = target.labels.find(label.first);
    return found != target.labels.end() && found->second == label.second;
  });
}

// The last minute of the zone's clock that has begun by now. While an hour is repeated, that is its last one:
// all of its minutes have been there once.
cctz::civil_minute newest_minute(const cctz::time_zone& zone, WallTime now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  cctz::civil_second local = zone.lookup(second).cs;
  cctz::time_zone::civil_transition change;
  const bool changed =
      zone.prev_transition(second + std::chrono::seconds(1), &change);  // also one of right now
  if (changed && local < change.from) local = change.from - 1;
  return cctz::civil_minute(local);
}

Occurrence occurrence_at(const MaintenanceWindow& window, WallTime begin) {
  return {begin, begin + window.duration};
}

std::optional<Occurrence> occurrence_at(const MaintenanceWindow& window,
                                        std::optional<cctz::civil_minute> local) {
  if (!local) return std::nullopt;
  return occurrence_at(window, cctz::convert(cctz::civil_second(*local), window.timezone.rules));
}

std::optional<ActiveWindow> active(const MaintenanceWindow& window,
                                   const std::optional<Occurrence>& occurrence) {
  if (!occurrence) return std::nullopt;
  return ActiveWindow{&window, occurrence->begin, occurrence->end};
}

}  // namespace

std::optional<Occurrence> open_occurrence(const MaintenanceWindow& window, WallTime now) {
  std::optional<Occurrence> newest;
  if (window.start) newest = occurrence_at(window, window.start->time);
  if (window.schedule)
    newest = occurrence_at(window, last_match(*window.schedule, newest_minute(window.timezone.rules, now)));
  return newest && newest->begin <= now && now < newest->end ? newest : std::nullopt;
}

std::optional<Occurrence> next_occurrence(const MaintenanceWindow& window, WallTime now) {
  if (window.schedule)
    return occurrence_at(window,
                         first_match(*window.schedule, newest_minute(window.timezone.rules, now) + 1));
  if (!window.start || window.start->time <= now) return std::nullopt;
  return occurrence_at(window, window.start->time);
}

MaintenanceCalendar::MaintenanceCalendar(std::shared_ptr<const Config> config) : config_(std::move(config)) {
  for (const MaintenanceWindow& window : config_->maintenance) {
    for (const auto& target : config_->targets) {
      if (selects(window, *target)) by_target_[target->name].push_back(entries_.size());
    }
    entries_.push_back({&window, {}, {}});
  }
}

const ActiveWindow* MaintenanceCalendar::covering(std::string_view target, WallTime now) {
  const ActiveWindow* longest = nullptr;
  for (std::size_t index : windows_of(target)) {
    const Entry& entry = at(index, now);
    if (entry.open && (!longest || entry.open->until > longest->until)) longest = &*entry.open;
  }
  return longest;
}

std::optional<ActiveWindow> MaintenanceCalendar::upcoming(std::string_view target, WallTime now) {
  std::optional<ActiveWindow> first;
  for (std::size_t index : windows_of(target)) {
    const Entry& entry = at(index, now);
    if (entry.next && (!first || entry.next->since < first->since)) first = entry.next;
  }
  return first;
}

const std::vector<std::size_t>& MaintenanceCalendar::windows_of(std::string_view target) const {
  static const std::vector<std::size_t> kNone;
  const auto found = by_target_.find(target);
  return found == by_target_.end() ? kNone : found->second;
}

MaintenanceCalendar::Entry& MaintenanceCalendar::at(std::size_t index, WallTime now) {
  Entry& entry = entries_[index];
  if (now >= entry.known_from && now < entry.known_until) return entry;
  entry.open = active(*entry.window, open_occurrence(*entry.window, now));
  entry.next = active(*entry.window, next_occurrence(*entry.window, now));
  entry.known_from = now;
  entry.known_until = entry.next ? entry.next->since : WallTime::max();
  if (entry.open) entry.known_until = std::min(entry.known_until, entry.open->until);
  return entry;
}

}  // namespace lookout
