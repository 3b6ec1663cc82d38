// The journal's tables. Times are milliseconds since 1970; targets are numbers so that rows stay small.
#pragma once

namespace lookout {

inline constexpr int kJournalVersion = 2;  // PRAGMA user_version

inline constexpr const char* kJournalSchema = R"(
CREATE TABLE target (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  saved TEXT NOT NULL DEFAULT '');
CREATE TABLE incident (
  id TEXT PRIMARY KEY,
  target INTEGER NOT NULL,
  detected INTEGER NOT NULL,
  recovered INTEGER,
  saved TEXT NOT NULL,
  acted INTEGER) WITHOUT ROWID;
CREATE INDEX incident_acted ON incident (acted) WHERE acted IS NOT NULL;
CREATE INDEX incident_by_target ON incident (target, id);
CREATE INDEX incident_open ON incident (id) WHERE recovered IS NULL;
CREATE TABLE gap (
  started INTEGER PRIMARY KEY,
  ended INTEGER NOT NULL,
  reason TEXT NOT NULL);
CREATE TABLE run (
  target INTEGER NOT NULL,
  started INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  failure TEXT NOT NULL,
  probes INTEGER NOT NULL,
  PRIMARY KEY (target, started)) WITHOUT ROWID;
CREATE TABLE hour (
  target INTEGER NOT NULL,
  start INTEGER NOT NULL,
  probes INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  latency_sum INTEGER NOT NULL,
  latency_most INTEGER NOT NULL,
  PRIMARY KEY (target, start)) WITHOUT ROWID;
CREATE TABLE day (
  target INTEGER NOT NULL,
  start INTEGER NOT NULL,
  probes INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  latency_sum INTEGER NOT NULL,
  latency_most INTEGER NOT NULL,
  PRIMARY KEY (target, start)) WITHOUT ROWID;
CREATE TABLE instance (
  key TEXT PRIMARY KEY,
  value INTEGER NOT NULL) WITHOUT ROWID;
)";

// From each version to the next; the first is from 1 to 2.
inline constexpr const char* kJournalUpgrades[] = {R"(
ALTER TABLE incident ADD COLUMN acted INTEGER;
CREATE INDEX incident_acted ON incident (acted) WHERE acted IS NOT NULL;
)"};

}  // namespace lookout
