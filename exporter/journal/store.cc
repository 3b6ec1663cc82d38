#include "exporter/journal/store.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <thread>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "exporter/journal/file_lock.h"
#include "exporter/journal/guarded.h"
#include "exporter/journal/report_files.h"
#include "exporter/journal/saved_text.h"
#include "exporter/journal/schema.h"

namespace lookout {
namespace {

constexpr const char* kFile = "journal.db";
constexpr int kBusyMilliseconds = 5000;  // a reader that checkpoints
constexpr int kLockTries = 40;
constexpr auto kLockPause = std::chrono::milliseconds(25);
constexpr int kForgottenAtOnce = 2000;                   // rows of a table in one transaction
constexpr auto kSweepInterval = std::chrono::hours(24);  // a folder of many reports is long

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
  for (int next = version; next < kJournalVersion; ++next)
    database.exec(kJournalVersions.at(static_cast<std::size_t>(next)));
  database.exec(fmt::format("PRAGMA user_version = {}", kJournalVersion));
  transaction.commit();
}

std::vector<std::pair<WallTime, Summary>> summaries(SQLite::Database& database, const char* table,
                                                    const std::string& target, WallTime since) {
  // From one time to the next, as each holds all targets.
  SQLite::Statement query(
      database,
      fmt::format("WITH RECURSIVE times (at) AS (SELECT min(start) FROM {0} WHERE start >= ?2 UNION ALL "
                  "SELECT (SELECT min(start) FROM {0} WHERE start > at) FROM times WHERE at IS NOT NULL) "
                  "SELECT start, probes, failures, latency_sum, latency_most FROM times CROSS JOIN {0} "
                  "ON start = at AND target = (SELECT id FROM target WHERE name = ?1) ORDER BY start",
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

// One writer, by a file of its own, because SQLite's locks come and go with transactions. A process that has
// just been killed lets go of it when all that it was about to start has.
std::unique_ptr<FileLock> locked(const std::string& path) {
  auto lock = std::make_unique<FileLock>(path);
  for (int tries = 0; !lock->take(); ++tries) {
    if (!lock->fault().empty()) throw StoreError(StoreError::Kind::unusable, lock->fault());
    if (tries == kLockTries) {
      throw StoreError(StoreError::Kind::taken,
                       fmt::format("{} is locked: another Lookout writes this journal; give each its own "
                                   "--storage.path",
                                   path));
    }
    std::this_thread::sleep_for(kLockPause);
  }
  return lock;
}

}  // namespace

Store::Store(std::unique_ptr<FileLock> lock, std::unique_ptr<SQLite::Database> database)
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
      lock_ = locked((std::filesystem::path(folder) / "lock").string());
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

void Store::write_report(const Incident& incident) {
  if (!folder_.empty() && is_incident_id(incident.id))
    write_report_files(folder_, *this, incident, std::chrono::system_clock::now());
}

std::vector<std::string> Store::without_report(WallTime since, std::size_t most) {
  if (folder_.empty()) return {};
  return guarded([&] {
    SQLite::Statement query(*database_,
                            "SELECT id FROM incident WHERE recovered >= ? ORDER BY recovered DESC LIMIT ?");
    query.bind(1, to_milliseconds(since));
    query.bind(2, static_cast<std::int64_t>(most));
    std::vector<std::string> found;
    while (query.executeStep()) {
      std::string id = query.getColumn(0).getString();
      if (is_incident_id(id) && !has_report_files(folder_, id)) found.push_back(std::move(id));
    }
    return found;
  });
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
  if (!folder_.empty() && (!swept_ || now - *swept_ >= kSweepInterval)) {
    remove_report_files(folder_, before(limits.incidents));
    swept_ = now;
  }
  return guarded([&] {
    struct Rule {
      const char* table;
      const char* key;
      // Its keys, found through an index, since a year of many targets is millions of rows.
      std::string older;
      Duration age;
    };
    // What was done counts against limits longer than the report of it may be kept.
    const std::string incidents =
        fmt::format("SELECT id FROM incident WHERE recovered < :before AND coalesce(acted, 0) < {}",
                    to_milliseconds(now - kAttemptMemory));
    bool done = true;
    for (const Rule& rule :
         {Rule{"incident", "id", incidents, limits.incidents},
          Rule{"gap", "started", "SELECT started FROM gap WHERE ended < :before", limits.incidents},
          Rule{"run", "target, started",
               "SELECT target.id, started FROM target CROSS JOIN run "
               "ON run.target = target.id AND started < :before WHERE ended < :before",
               limits.probes},
          Rule{"hour", "start, target", "SELECT start, target FROM hour WHERE start < :before", limits.hours},
          Rule{"day", "start, target", "SELECT start, target FROM day WHERE start < :before", limits.days}}) {
      SQLite::Statement remove(*database_, fmt::format("DELETE FROM {} WHERE ({}) IN ({} LIMIT {})",
                                                       rule.table, rule.key, rule.older, kForgottenAtOnce));
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
