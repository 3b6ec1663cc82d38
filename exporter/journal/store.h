// The journal's file, journal.db in its folder: SQLite in WAL mode, every write one transaction that is on
// the disk when write() returns. Lives on the journal's thread; every call may wait for the disk and throws
// StoreError. With an empty folder everything is kept in memory, and is gone with it.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/journal/entries.h"

namespace SQLite {
class Database;
}

namespace lookout {

class FileLock;  // exporter/journal/file_lock.h

class StoreError : public std::runtime_error {
 public:
  enum class Kind { unusable, corrupt, newer, taken };
  StoreError(Kind kind, const std::string& text) : std::runtime_error(text), kind(kind) {}
  const Kind kind;
};

class Store {
 public:
  // Makes folder and file where they are missing. One process at a time writes: another gets `taken`.
  explicit Store(const std::string& folder);
  // For reading beside a running Lookout; write() throws.
  static Store read_only(const std::string& folder);
  Store(Store&&) noexcept;
  ~Store();

  Restored restore(Moment now);
  void write(const Batch& batch);
  // Of an incident that has ended, into files beside the journal; nothing where it is kept in memory.
  void write_report(const Incident& incident);

  // Ids of incidents that ended since then and lack a file of their report; of the `most` that ended last.
  std::vector<std::string> without_report(WallTime since, std::size_t most);

  // Newest first, without timeline and evidence left out: whole.
  std::vector<Incident> incidents(const IncidentFilter& filter);
  std::optional<Incident> incident(const std::string& id);
  std::vector<Gap> gaps(WallTime since);
  std::vector<VerdictRun> runs(const std::string& target, WallTime since);
  // Of all targets, what touches the time since then.
  Past past(WallTime since);
  // By start of the hour or of the day, UTC.
  std::vector<std::pair<WallTime, Summary>> hours(const std::string& target, WallTime since);
  std::vector<std::pair<WallTime, Summary>> days(const std::string& target, WallTime since);

  // Deletes what is older in portions that hold nobody up, and once a day reports; false: there is more.
  bool forget(const Retention& limits, WallTime now);

  // Moves a broken file and what belongs to it aside, under a name that tells when; the new path.
  static std::string set_aside(const std::string& folder, WallTime now);

 private:
  Store(std::unique_ptr<FileLock> lock, std::unique_ptr<SQLite::Database> database);

  std::string folder_;
  std::optional<WallTime> swept_;   // when old reports were looked for
  std::unique_ptr<FileLock> lock_;  // held as long as this process writes
  std::unique_ptr<SQLite::Database> database_;
};

}  // namespace lookout
