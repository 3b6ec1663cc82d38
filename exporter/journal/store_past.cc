// Store::past(): one look over all targets, for uptimes.
#include <unordered_map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "exporter/journal/guarded.h"
#include "exporter/journal/saved_text.h"
#include "exporter/journal/store.h"

namespace lookout {
namespace {

constexpr std::int64_t kDay = 86'400'000;

}  // namespace

Past Store::past(WallTime since) {
  return guarded([&] {
    Past past;
    std::unordered_map<std::int64_t, TargetPast*> by_id;
    SQLite::Statement targets(*database_, "SELECT id, name, first_seen FROM target");
    while (targets.executeStep()) {
      TargetPast& target = past.targets[targets.getColumn(1).getString()];
      if (!targets.getColumn(2).isNull())
        target.first_seen = from_milliseconds(targets.getColumn(2).getInt64());
      by_id[targets.getColumn(0).getInt64()] = &target;
    }
    SQLite::Statement days(*database_, "SELECT target, start FROM day WHERE start > ? ORDER BY start");
    days.bind(1, to_milliseconds(since) - kDay);
    while (days.executeStep()) {
      if (const auto target = by_id.find(days.getColumn(0).getInt64()); target != by_id.end())
        target->second->probed_days.push_back(from_milliseconds(days.getColumn(1).getInt64()));
    }
    SQLite::Statement outages(
        *database_, "SELECT target, onset, recovered FROM incident WHERE recovered >= ? AND drill = 0");
    outages.bind(1, to_milliseconds(since));
    while (outages.executeStep()) {
      const auto target = by_id.find(outages.getColumn(0).getInt64());
      if (target == by_id.end()) continue;
      target->second->outages.push_back({from_milliseconds(outages.getColumn(1).getInt64()),
                                         from_milliseconds(outages.getColumn(2).getInt64())});
    }
    for (const Gap& gap : gaps(since)) past.gaps.push_back({gap.started, gap.ended});
    return past;
  });
}

}  // namespace lookout
