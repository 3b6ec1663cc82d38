#include "exporter/journal/store.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include "exporter/journal/guarded.h"
#include "exporter/journal/report_files.h"
#include "exporter/journal/saved_text.h"
#include "exporter/journal/schema.h"

namespace lookout {
namespace {

constexpr const char* kFile = "journal.db";
constexpr int kBusyMilliseconds = 5000;  // a reader that checkpoints
constexpr int kForgottenAtOnce = 2000;   // rows of a table in one transaction
constexpr std::int64_t kDayMilliseconds = 86'400'000;

std::string path_of(const std::string& folder) { return (std::filesystem::path(folder) / kFile).string(); }

std::unique_ptr<SQLite::Database> open_database(const std::string& path, int flags) {
  return std::make_unique<SQLite::Database>(path, flags, kBusyMilliseconds);
}

int version_of(SQLite::Database& database) { return database.execAndGet("PRAGMA user_version").getInt(); }

void refuse_newer(SQLite::Database& database) {
  const int version = version_of(database);
  if (version > kJournalVersion) {
    throw StoreError(StoreError::Kind::newer,
                     fmt::format("the journal has version {}, and this Lookout knows {}; run the newer "
                                 "Lookout, or give this one another --storage.path",
                                 version, kJournalVersion));
  }
}

void prepare_database(SQLite::Database& database) {
  refuse_newer(database);  // before anything is written
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  database.exec("PRAGMA journal_size_limit = 16777216");
  const int version = version_of(database);
  if (version == kJournalVersion) return;
  SQLite::Transaction transaction(database);
  if (version == 0) database.exec(kJournalSchema);
  for (int from = version; from > 0 && from < kJournalVersion; ++from)
    database.exec(kJournalUpgrades[from - 1]);
  database.exec(fmt::format("PRAGMA user_version = {}", kJournalVersion));
  transaction.commit();
}

std::vector<std::pair<WallTime, Summary>> summaries(SQLite::Database& database, const char* table,
                                                    const std::string& target, WallTime since) {
  SQLite::Statement query(database,
                          fmt::format("SELECT start, probes, failures, latency_sum, latency_most FROM {} "
                                      "WHERE target = (SELECT id FROM target WHERE name = ?) AND start >= ? "
                                      "ORDER BY start",
                                      table));
  query.bind(1, target);
  query.bind(2, to_milliseconds(since));
  std::vector<std::pair<WallTime, Summary>> found;
  while (query.executeStep()) {
    const Summary summary{static_cast<std::uint64_t>(query.getColumn(1).getInt64()),
                          static_cast<std::uint64_t>(query.getColumn(2).getInt64()),
                          std::chrono::microseconds(query.getColumn(3).getInt64()),
                          std::chrono::microseconds(query.getColumn(4).getInt64())};
    found.emplace_back(from_milliseconds(query.getColumn(0).getInt64()), summary);
  }
  return found;
}

std::int64_t microseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

void add_summary(SQLite::Statement& add, std::int64_t target, std::int64_t start, const Summary& summary) {
  add.bind(1, target);
  add.bind(2, start);
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

}  // namespace

// One writer: flock() on a file of its own, because SQLite's locks come and go with transactions.
struct Store::Lock {
  explicit Lock(const std::string& path)
      : descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (descriptor < 0) {
      throw StoreError(StoreError::Kind::unusable,
                       fmt::format("{}: {}", path, std::generic_category().message(errno)));
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      ::close(descriptor);
      throw StoreError(StoreError::Kind::taken,
                       fmt::format("{} is locked: another Lookout writes this journal; give each its own "
                                   "--storage.path",
                                   path));
    }
  }
  ~Lock() { ::close(descriptor); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  int descriptor;
};

Store::Store(std::unique_ptr<Lock> lock, std::unique_ptr<SQLite::Database> database)
    : lock_(std::move(lock)), database_(std::move(database)) {}

Store::Store(const std::string& folder) : folder_(folder) {
  guarded([&] {
    if (folder.empty()) {
      database_ = open_database(":memory:", SQLite::OPEN_READWRITE);
    } else {
      std::error_code error;
      std::filesystem::create_directories(folder, error);
      if (error) {
        throw StoreError(StoreError::Kind::unusable, fmt::format("{}: {}", folder, error.message()));
      }
      lock_ = std::make_unique<Lock>((std::filesystem::path(folder) / "lock").string());
      database_ = open_database(path_of(folder), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    }
    prepare_database(*database_);
  });
}

Store Store::read_only(const std::string& folder) {
  return guarded([&] {
    auto database = open_database(path_of(folder), SQLite::OPEN_READONLY);
    refuse_newer(*database);
    return Store(nullptr, std::move(database));
  });
}

Store::Store(Store&&) noexcept = default;
Store::~Store() = default;

Restored Store::restore(Moment now) {
  return guarded([&] {
    Restored restored;
    SQLite::Statement targets(*database_, "SELECT name, saved FROM target WHERE saved <> ''");
    while (targets.executeStep()) {
      if (auto saved = load_target(targets.getColumn(1).getString(), now))
        restored.targets.emplace(targets.getColumn(0).getString(), *std::move(saved));
    }
    IncidentFilter open;
    open.open_only = true;
    open.limit = std::numeric_limits<std::int32_t>::max();
    restored.open = incidents(open);
    SQLite::Statement acted(
        *database_, "SELECT saved FROM incident WHERE acted >= ? AND recovered IS NOT NULL ORDER BY id");
    acted.bind(1, to_milliseconds(now.wall - kAttemptMemory));
    while (acted.executeStep()) {
      if (auto incident = load_incident(acted.getColumn(0).getString()))
        restored.acted.push_back(*std::move(incident));
    }
    SQLite::Statement instance(*database_, "SELECT key, value FROM instance");
    while (instance.executeStep())
      restored.instance[instance.getColumn(0).getString()] = instance.getColumn(1).getInt64();
    if (const auto alive = restored.instance.find("alive"); alive != restored.instance.end())
      restored.alive = from_milliseconds(alive->second);
    return restored;
  });
}

std::int64_t Store::target_id(const std::string& name) {
  SQLite::Statement find(*database_, "SELECT id FROM target WHERE name = ?");
  find.bind(1, name);
  if (find.executeStep()) return find.getColumn(0).getInt64();
  SQLite::Statement add(*database_, "INSERT INTO target (name) VALUES (?)");
  add.bind(1, name);
  add.exec();
  return database_->getLastInsertRowid();
}

void Store::write_summaries(const Summaries& hours) {
  SQLite::Statement add_hour(*database_, adding_to("hour")), add_day(*database_, adding_to("day"));
  for (const auto& [key, summary] : hours) {
    const std::int64_t target = target_id(key.first), start = to_milliseconds(key.second);
    add_summary(add_hour, target, start, summary);
    add_summary(add_day, target, start - start % kDayMilliseconds, summary);
  }
}

void Store::write(const Batch& batch) {
  guarded([&] {
    SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement save(*database_,
                           "INSERT INTO target (name, saved) VALUES (?, ?) "
                           "ON CONFLICT (name) DO UPDATE SET saved = excluded.saved");
    for (const auto& [name, target] : batch.targets) {
      save.bind(1, name);
      save.bind(2, save_target(target));
      save.exec();
      save.reset();
    }
    SQLite::Statement incident(*database_, "INSERT OR REPLACE INTO incident VALUES (?, ?, ?, ?, ?, ?)");
    for (const auto& [id, each] : batch.incidents) {
      incident.bind(1, id);
      incident.bind(2, target_id(each.target));
      incident.bind(3, to_milliseconds(each.detected));
      if (each.recovered) {
        incident.bind(4, to_milliseconds(*each.recovered));
      } else {
        incident.bind(4);
      }
      incident.bind(5, save_incident(each));
      if (const std::optional<WallTime> acted = last_acted(each)) {
        incident.bind(6, to_milliseconds(*acted));
      } else {
        incident.bind(6);
      }
      incident.exec();
      incident.reset();
    }
    SQLite::Statement run(*database_, "INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?)");
    for (const auto& [key, each] : batch.runs) {
      run.bind(1, target_id(key.first));
      run.bind(2, to_milliseconds(each.started));
      run.bind(3, to_milliseconds(each.ended));
      run.bind(4, static_cast<int>(each.verdict));
      run.bind(5, each.failure);
      run.bind(6, static_cast<std::int64_t>(each.probes));
      run.exec();
      run.reset();
    }
    write_summaries(batch.hours);
    SQLite::Statement gap(*database_, "INSERT OR REPLACE INTO gap VALUES (?, ?, ?)");
    for (const Gap& each : batch.gaps) {
      gap.bind(1, to_milliseconds(each.started));
      gap.bind(2, to_milliseconds(each.ended));
      gap.bind(3, each.reason);
      gap.exec();
      gap.reset();
    }
    SQLite::Statement instance(*database_, "INSERT OR REPLACE INTO instance VALUES (?, ?)");
    std::map<std::string, std::int64_t> facts = batch.instance;
    if (batch.alive) facts["alive"] = to_milliseconds(*batch.alive);
    for (const auto& [key, value] : facts) {
      instance.bind(1, key);
      instance.bind(2, value);
      instance.exec();
      instance.reset();
    }
    transaction.commit();
  });
}

void Store::write_report(const Incident& incident) {
  if (!folder_.empty() && is_incident_id(incident.id))
    write_report_files(folder_, *this, incident, std::chrono::system_clock::now());
}

std::vector<Incident> Store::incidents(const IncidentFilter& filter) {
  return guarded([&] {
    std::string where = "1";
    if (!filter.target.empty()) where += " AND target = (SELECT id FROM target WHERE name = :target)";
    if (filter.since) where += " AND (recovered IS NULL OR recovered >= :since)";
    if (filter.open_only) where += " AND recovered IS NULL";
    if (!filter.before.empty()) where += " AND id < :before";
    SQLite::Statement query(
        *database_, fmt::format("SELECT saved FROM incident WHERE {} ORDER BY id DESC LIMIT :limit", where));
    if (!filter.target.empty()) query.bind(":target", filter.target);
    if (filter.since) query.bind(":since", to_milliseconds(*filter.since));
    if (!filter.before.empty()) query.bind(":before", filter.before);
    query.bind(":limit", static_cast<std::int64_t>(filter.limit));
    std::vector<Incident> found;
    while (query.executeStep()) {
      if (auto incident = load_incident(query.getColumn(0).getString()))
        found.push_back(*std::move(incident));
    }
    return found;
  });
}

std::optional<Incident> Store::incident(const std::string& id) {
  return guarded([&]() -> std::optional<Incident> {
    SQLite::Statement query(*database_, "SELECT saved FROM incident WHERE id = ?");
    query.bind(1, id);
    if (!query.executeStep()) return std::nullopt;
    return load_incident(query.getColumn(0).getString());
  });
}

std::vector<Gap> Store::gaps(WallTime since) {
  return guarded([&] {
    SQLite::Statement query(*database_,
                            "SELECT started, ended, reason FROM gap WHERE ended >= ? ORDER BY started");
    query.bind(1, to_milliseconds(since));
    std::vector<Gap> found;
    while (query.executeStep()) {
      found.push_back({from_milliseconds(query.getColumn(0).getInt64()),
                       from_milliseconds(query.getColumn(1).getInt64()), query.getColumn(2).getString()});
    }
    return found;
  });
}

std::vector<VerdictRun> Store::runs(const std::string& target, WallTime since) {
  return guarded([&] {
    SQLite::Statement query(*database_,
                            "SELECT started, ended, verdict, failure, probes FROM run WHERE target = "
                            "(SELECT id FROM target WHERE name = ?) AND ended >= ? ORDER BY started");
    query.bind(1, target);
    query.bind(2, to_milliseconds(since));
    std::vector<VerdictRun> found;
    while (query.executeStep()) {
      found.push_back(
          {from_milliseconds(query.getColumn(0).getInt64()), from_milliseconds(query.getColumn(1).getInt64()),
           static_cast<Verdict>(std::clamp(query.getColumn(2).getInt(), 0, 2)),
           query.getColumn(3).getString(), static_cast<std::uint64_t>(query.getColumn(4).getInt64())});
    }
    return found;
  });
}

std::vector<std::pair<WallTime, Summary>> Store::hours(const std::string& target, WallTime since) {
  return guarded([&] { return summaries(*database_, "hour", target, since); });
}

std::vector<std::pair<WallTime, Summary>> Store::days(const std::string& target, WallTime since) {
  return guarded([&] { return summaries(*database_, "day", target, since); });
}

bool Store::forget(const Retention& limits, WallTime now) {
  const auto before = [now](Duration age) {
    return now - std::chrono::duration_cast<WallTime::duration>(age);
  };
  if (!folder_.empty()) remove_report_files(folder_, before(limits.incidents));
  return guarded([&] {
    struct Rule {
      const char* table;
      const char* older;
      const char* key;
      Duration age;
    };
    bool done = true;
    for (const Rule& rule : {Rule{"incident", "recovered < :before", "id", limits.incidents},
                             Rule{"gap", "ended < :before", "started", limits.incidents},
                             Rule{"run", "ended < :before", "target, started", limits.probes},
                             Rule{"hour", "start < :before", "target, start", limits.hours},
                             Rule{"day", "start < :before", "target, start", limits.days}}) {
      SQLite::Statement remove(
          *database_, fmt::format("DELETE FROM {0} WHERE ({2}) IN (SELECT {2} FROM {0} WHERE {1} LIMIT {3})",
                                  rule.table, rule.older, rule.key, kForgottenAtOnce));
      remove.bind(":before", to_milliseconds(before(rule.age)));
      done = remove.exec() < kForgottenAtOnce && done;
    }
    return done;
  });
}

std::string Store::set_aside(const std::string& folder, WallTime now) {
  const std::string path = path_of(folder);
  const std::string aside = fmt::format("{}.corrupt-{}", path, to_milliseconds(now));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code error;
    if (!std::filesystem::exists(path + suffix, error)) continue;
    std::filesystem::rename(path + suffix, aside + suffix, error);
    if (error) {
      throw StoreError(StoreError::Kind::unusable,
                       fmt::format("{}: cannot be set aside: {}", path + suffix, error.message()));
    }
  }
  return aside;
}

}  // namespace lookout
