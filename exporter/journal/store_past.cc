// Store::past(): one look over all targets, for uptimes.
#include <algorithm>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "exporter/journal/guarded.h"
#include "exporter/journal/saved_text.h"
#include "exporter/journal/store.h"

namespace lookout {
namespace {

constexpr std::int64_t kHour = 3'600'000, kDay = 24 * kHour;

// Summaries of days are kept longest, and say least exactly when it was.
std::optional<WallTime> first_seen(SQLite::Statement& row) {
  const auto column = [&row](int index) { return row.getColumn(index); };
  if (column(1).isNull()) return std::nullopt;
  std::int64_t first = column(1).getInt64();
  if (!column(2).isNull() && column(2).getInt64() < first + kDay)
    first = std::max(first, column(2).getInt64());
  if (!column(3).isNull() && column(3).getInt64() < first + kHour)
    first = std::max(first, column(3).getInt64());
  return from_milliseconds(first);
}

}  // namespace

Past Store::past(WallTime since) {
  return guarded([&] {
    Past past;
    std::map<std::int64_t, TargetPast*> by_id;
    SQLite::Statement targets(*database_,
                              "SELECT name, (SELECT min(start) FROM day WHERE target = id),"
                              " (SELECT min(start) FROM hour WHERE target = id),"
                              " (SELECT min(started) FROM run WHERE target = id), id FROM target");
    while (targets.executeStep()) {
      TargetPast& target = past.targets[targets.getColumn(0).getString()];
      target.first_seen = first_seen(targets);
      by_id[targets.getColumn(4).getInt64()] = &target;
    }
    SQLite::Statement days(*database_,
                           "SELECT target.id, start FROM target CROSS JOIN day ON day.target = target.id "
                           "AND start > ? ORDER BY target.id, start");
    days.bind(1, to_milliseconds(since) - kDay);
    while (days.executeStep()) {
      if (const auto target = by_id.find(days.getColumn(0).getInt64()); target != by_id.end())
        target->second->probed_days.push_back(from_milliseconds(days.getColumn(1).getInt64()));
    }
    SQLite::Statement outages(*database_,
                              "SELECT target, onset, recovered FROM incident WHERE recovered >= ?");
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
