// Store::write(): a batch becomes rows, in one transaction.
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include "exporter/journal/guarded.h"
#include "exporter/journal/saved_text.h"
#include "exporter/journal/store.h"

namespace lookout {
namespace {

constexpr std::int64_t kDayMilliseconds = 86'400'000;

// The number of a target, which gets one where it has none.
class TargetIds {
 public:
  explicit TargetIds(SQLite::Database& database)
      : database_(database),
        find_(database, "SELECT id FROM target WHERE name = ?"),
        add_(database, "INSERT INTO target (name) VALUES (?)"),
        seen_(database, "UPDATE target SET first_seen = ? WHERE id = ? AND first_seen IS NULL") {}

  std::int64_t id_of(const std::string& name) {
    find_.reset();
    find_.bind(1, name);
    if (find_.executeStep()) return find_.getColumn(0).getInt64();
    add_.reset();
    add_.bind(1, name);
    add_.exec();
    return database_.getLastInsertRowid();
  }

  void seen(std::int64_t target, std::int64_t when) {
    seen_.reset();
    seen_.bind(1, when);
    seen_.bind(2, target);
    seen_.exec();
  }

 private:
  SQLite::Database& database_;
  SQLite::Statement find_, add_, seen_;
};

std::int64_t microseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

void add_summary(SQLite::Statement& add, std::int64_t target, std::int64_t start, const Summary& summary) {
  add.bind(1, start);
  add.bind(2, target);
  add.bind(3, static_cast<std::int64_t>(summary.probes));
  add.bind(4, static_cast<std::int64_t>(summary.failures));
  add.bind(5, microseconds(summary.latency_sum));
  add.bind(6, microseconds(summary.latency_most));
  add.exec();
  add.reset();
}

std::string adding_to(const char* table) {
  return fmt::format(
      "INSERT INTO {} VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
      "probes = probes + excluded.probes, failures = failures + excluded.failures, "
      "latency_sum = latency_sum + excluded.latency_sum, "
      "latency_most = max(latency_most, excluded.latency_most)",
      table);
}

void write_targets(SQLite::Database& database, const Batch& batch) {
  SQLite::Statement save(database,
                         "INSERT INTO target (name, saved) VALUES (?, ?) "
                         "ON CONFLICT (name) DO UPDATE SET saved = excluded.saved");
  for (const auto& [name, target] : batch.targets) {
    save.bind(1, name);
    save.bind(2, save_target(target));
    save.exec();
    save.reset();
  }
}

void write_incidents(SQLite::Database& database, const Batch& batch, TargetIds& targets) {
  SQLite::Statement incident(database, "INSERT OR REPLACE INTO incident VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  for (const auto& [id, each] : batch.incidents) {
    incident.bind(1, id);
    incident.bind(2, targets.id_of(each.target));
    incident.bind(3, to_milliseconds(each.detected));
    if (each.recovered) {
      incident.bind(4, to_milliseconds(*each.recovered));
    } else {
      incident.bind(4);
    }
    incident.bind(5, save_incident(each));
    incident.bind(6, to_milliseconds(each.onset));
    if (const std::optional<WallTime> acted = last_acted(each)) {
      incident.bind(7, to_milliseconds(*acted));
    } else {
      incident.bind(7);
    }
    incident.bind(8, each.drill ? 1 : 0);
    incident.exec();
    incident.reset();
  }
}

void write_runs(SQLite::Database& database, const Batch& batch, TargetIds& targets) {
  SQLite::Statement run(database, "INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?)");
  for (const auto& [key, each] : batch.runs) {
    const std::int64_t target = targets.id_of(key.first);
    targets.seen(target, to_milliseconds(each.started));
    run.bind(1, target);
    run.bind(2, to_milliseconds(each.started));
    run.bind(3, to_milliseconds(each.ended));
    run.bind(4, static_cast<int>(each.verdict));
    run.bind(5, each.failure);
    run.bind(6, static_cast<std::int64_t>(each.probes));
    run.exec();
    run.reset();
  }
}

void write_summaries(SQLite::Database& database, const Batch& batch, TargetIds& targets) {
  SQLite::Statement add_hour(database, adding_to("hour")), add_day(database, adding_to("day"));
  for (const auto& [key, summary] : batch.hours) {
    const std::int64_t target = targets.id_of(key.first), start = to_milliseconds(key.second);
    targets.seen(target, start);
    add_summary(add_hour, target, start, summary);
    add_summary(add_day, target, start - start % kDayMilliseconds, summary);
  }
}

void write_gaps(SQLite::Database& database, const Batch& batch) {
  SQLite::Statement gap(database, "INSERT OR REPLACE INTO gap VALUES (?, ?, ?)");
  for (const Gap& each : batch.gaps) {
    gap.bind(1, to_milliseconds(each.started));
    gap.bind(2, to_milliseconds(each.ended));
    gap.bind(3, each.reason);
    gap.exec();
    gap.reset();
  }
}

void write_instance(SQLite::Database& database, const Batch& batch) {
  SQLite::Statement instance(database, "INSERT OR REPLACE INTO instance VALUES (?, ?)");
  std::map<std::string, std::int64_t> facts = batch.instance;
  if (batch.alive) facts["alive"] = to_milliseconds(*batch.alive);
  for (const auto& [key, value] : facts) {
    instance.bind(1, key);
    instance.bind(2, value);
    instance.exec();
    instance.reset();
  }
}

}  // namespace

void Store::write(const Batch& batch) {
  guarded([&] {
    SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
    TargetIds targets(*database_);
    write_targets(*database_, batch);
    write_incidents(*database_, batch, targets);
    write_runs(*database_, batch, targets);  // before the summaries, which know less exactly since when
    write_summaries(*database_, batch, targets);
    write_gaps(*database_, batch);
    write_instance(*database_, batch);
    transaction.commit();
  });
}

}  // namespace lookout
