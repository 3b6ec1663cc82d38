// The journal's tables. Times are milliseconds since 1970; targets are numbers so that rows stay small.
#pragma once

#include <array>

namespace lookout {

// Each makes the next version out of the one before.
inline constexpr std::array kJournalVersions{R"(
CREATE TABLE target (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  saved TEXT NOT NULL DEFAULT '');
CREATE TABLE incident (
  id TEXT PRIMARY KEY,
  target INTEGER NOT NULL,
  detected INTEGER NOT NULL,
  recovered INTEGER,
  saved TEXT NOT NULL) WITHOUT ROWID;
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
)",
                                             // Summaries of one time lie together, as they are written; what
                                             // uptime reads of targets and incidents stands by itself.
                                             R"(
ALTER TABLE target ADD COLUMN first_seen INTEGER;
UPDATE target SET first_seen = (SELECT min(start) FROM day WHERE target = id);
UPDATE target SET first_seen = coalesce((SELECT min(started) FROM run WHERE target = id
  AND started BETWEEN first_seen AND first_seen + 86400000), first_seen);
ALTER TABLE incident ADD COLUMN onset INTEGER;
UPDATE incident SET onset = json_extract(saved, '$.onset');
CREATE INDEX incident_ended ON incident (recovered, target, onset) WHERE recovered IS NOT NULL;
ALTER TABLE hour RENAME TO hour_by_target;
ALTER TABLE day RENAME TO day_by_target;
CREATE TABLE hour (
  start INTEGER NOT NULL,
  target INTEGER NOT NULL,
  probes INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  latency_sum INTEGER NOT NULL,
  latency_most INTEGER NOT NULL,
  PRIMARY KEY (start, target)) WITHOUT ROWID;
CREATE TABLE day (
  start INTEGER NOT NULL,
  target INTEGER NOT NULL,
  probes INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  latency_sum INTEGER NOT NULL,
  latency_most INTEGER NOT NULL,
  PRIMARY KEY (start, target)) WITHOUT ROWID;
INSERT INTO hour SELECT start, target, probes, failures, latency_sum, latency_most FROM hour_by_target;
INSERT INTO day SELECT start, target, probes, failures, latency_sum, latency_most FROM day_by_target;
DROP TABLE hour_by_target;
DROP TABLE day_by_target;
)",
                                             // When something was last done about an incident.
                                             R"(
ALTER TABLE incident ADD COLUMN acted INTEGER;
CREATE INDEX incident_acted ON incident (acted) WHERE acted IS NOT NULL;
)",
                                             // Drills are no outages.
                                             R"(
ALTER TABLE incident ADD COLUMN drill INTEGER NOT NULL DEFAULT 0;
DROP INDEX incident_ended;
CREATE INDEX incident_ended ON incident (recovered, target, onset, drill) WHERE recovered IS NOT NULL;
)"};
inline constexpr int kJournalVersion = kJournalVersions.size();  // PRAGMA user_version

}  // namespace lookout
