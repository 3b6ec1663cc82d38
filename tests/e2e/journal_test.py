"""What Lookout knows survives whatever ends it, and a disk that fails stops neither watching nor /metrics."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import time
import unittest

from lookout_e2e import LOOKOUT, Lookout, Process, Scenario, ScriptedService, wait_for

KILLS = 200


def config(service, failures=3, successes=1, extra=""):
    return (f"targets:\n- {{name: web, address: '{service.url}', interval: 40ms, timeout: 35ms, "
            f"failure_threshold: {failures}, success_threshold: {successes}}}\n{extra}")


class Journal:
    """The file as another program reads it."""

    def __init__(self, folder):
        self.path = folder / "data/journal.db"

    def rows(self, query, *values):
        try:
            connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)
        except sqlite3.OperationalError as error:
            raise OSError(f"{self.path}: {error}") from None  # not there yet
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def incidents(self):
        return [json.loads(saved) for (saved,) in self.rows("SELECT saved FROM incident ORDER BY id")]

    def state(self, target):
        found = self.rows("SELECT saved FROM target WHERE name = ?", target)
        return json.loads(found[0][0]) if found else {}


class CrashTest(Scenario):
    def test_killed_at_any_moment_it_forgets_nothing_and_invents_nothing(self):
        service = ScriptedService(self)
        self.file("lookout.yml", config(service, failures=2))
        journal = Journal(self.folder)
        dice = random.Random(11)
        down = False
        known = {}
        for kill in range(KILLS):
            process = Process("lookout", [LOOKOUT, "--web.listen-address=127.0.0.1:0", "--config.file=lookout.yml", "--log.level=error"], self.folder)
            self.own(process)
            if dice.random() < 0.4:
                down = not down
                service.fail_next(10**9 if down else 0)
            time.sleep(dice.uniform(0.02, 0.35))
            process.send(signal.SIGKILL)
            process.wait(10)
            if not journal.path.exists():
                continue
            with self.subTest(kill=kill):
                self.check(journal, known)
        self.assertGreater(len(known), 10, "there were incidents at all")
        self.assertGreater(sum("recovered" in each for each in known.values()), 10)

    def check(self, journal, known):
        self.assertEqual(journal.rows("PRAGMA integrity_check"), [("ok",)])
        if not journal.rows("SELECT 1 FROM sqlite_master WHERE name = 'incident'"):
            return  # killed before the first transaction
        incidents = {each["id"]: each for each in journal.incidents()}
        for identity, before in known.items():
            self.assertIn(identity, incidents, "an incident is gone")
            if "recovered" in before:
                self.assertEqual(incidents[identity], before, "what is closed does not change")
        known.update(incidents)
        still_open = [each for each in incidents.values() if "recovered" not in each]
        outage = journal.state("web").get("incident")
        self.assertLessEqual(len(still_open), 1, "two incidents are open at once")
        self.assertEqual([each["onset"] for each in still_open], [outage["onset"]] if outage else [], "state and incident do not belong together")
        last = None
        for each in sorted(incidents.values(), key=lambda one: one["onset"]):
            self.assertGreaterEqual(each["detected"], each["onset"])
            self.assertGreaterEqual(each.get("recovered", each["onset"]), each["onset"])
            self.assertGreaterEqual(each["duration_ns"], 0)
            self.assertNotIn("abandoned", [line["what"] for line in each["timeline"]], "an incident was lost")
            if last:
                self.assertGreaterEqual(each["onset"], last["recovered"], "two incidents of one outage")
            last = each

    def test_two_of_three_failures_are_remembered(self):
        service = ScriptedService(self)
        text = config(service).replace("40ms", "1s")
        first = Lookout(self, text)
        wait_for("the target to be up", lambda: first.value("lookout_target_up", target="web") == 1, 5)
        service.fail_next(2)
        wait_for("two failures", lambda: first.value("lookout_probes_total", verdict="down") == 2, 5)
        wait_for("them in the journal", lambda: Journal(self.folder).state("web")["failures_in_row"] == 2, 5)
        first.kill()
        service.fail_next(1)
        second = Lookout(self, text)
        wait_for("the incident of the third failure", lambda: second.value("lookout_incidents_total", target="web") == 1, 5)

    def test_an_incident_that_ends_while_lookout_is_dead_is_closed_with_the_gap_told(self):
        service = ScriptedService(self)
        first = Lookout(self, config(service))
        service.fail_next(10**9)
        first.wait_for_value(1, 5, "lookout_incident_active", target="web", stage="response")
        first.kill()
        service.fail_next(0)
        time.sleep(1.5)
        second = Lookout(self, config(service))
        second.wait_for_value(0, 5, "lookout_incident_active", target="web")
        journal = Journal(self.folder)
        incident = wait_for("the end in the journal", lambda: [each for each in journal.incidents() if "recovered" in each], 5)[0]
        self.assertEqual([line["what"] for line in incident["timeline"]], ["onset", "opened", "restarted", "closed"])
        ((started, ended, reason),) = journal.rows("SELECT started, ended, reason FROM gap")
        self.assertEqual(reason, "stopped")
        self.assertGreater(ended - started, 1400)
        self.assertGreaterEqual(incident["recovered"], ended)

    def test_a_stop_in_good_order_writes_everything(self):
        service = ScriptedService(self)
        watcher = Lookout(self, config(service))
        wait_for("some probes", lambda: watcher.value("lookout_probes_total", verdict="up") >= 5, 5)
        watcher.end()
        ((probes,),) = Journal(self.folder).rows("SELECT sum(probes) FROM hour")
        ((in_runs,),) = Journal(self.folder).rows("SELECT sum(probes) FROM run")
        self.assertGreaterEqual(probes, 5)
        self.assertEqual(probes, in_runs)

    def test_without_targets_and_without_storage_nothing_is_written(self):
        service = ScriptedService(self)
        Lookout(self).end()
        Lookout(self, config(service), ["--no-storage"]).end()
        self.assertFalse((self.folder / "data").exists())


class FaultTest(Scenario):
    """Each fault: watching and /metrics go on, it is a metric and a line in the log, and recording resumes by itself."""

    def wait_for_fault(self, watcher, words):
        wait_for("the fault to be counted", lambda: watcher.value("lookout_journal_errors_total") > 0, 15)
        wait_for(f"'{words}' in the log", lambda: words in watcher.output(), 5)

    def goes_on(self, watcher, service):
        before = watcher.value("lookout_probes_total", verdict="up")
        wait_for("more probes", lambda: watcher.value("lookout_probes_total", verdict="up") > before + 3, 5)

    def resumes(self, watcher, service, journal, incidents=1):
        wait_for("recording to resume", lambda: "The journal is written again" in watcher.output(), 60)
        service.fail_next(6)
        wait_for("an incident in the journal", lambda: len(journal.incidents()) >= incidents, 10)

    def test_a_broken_file_is_set_aside_and_nothing_known_is_lost(self):
        service = ScriptedService(self)
        first = Lookout(self, config(service))
        service.fail_next(10**9)
        first.wait_for_value(1, 5, "lookout_incident_active", target="web", stage="response")
        path = self.folder / "data/journal.db"
        first.end()
        path.write_bytes(b"no database at all" * 1000)
        second = Lookout(self, config(service))
        self.wait_for_fault(second, "is not a database")
        wait_for("a new journal", lambda: "set aside" in second.output(), 10)
        wait_for("what it knows in the new one", lambda: Journal(self.folder).state("web").get("incident"), 10)
        (aside,) = [each for each in path.parent.iterdir() if "corrupt" in each.name]
        self.assertTrue(aside.read_bytes().startswith(b"no database at all"))

    def test_a_newer_journal_is_left_alone(self):
        (self.folder / "data").mkdir()
        path = self.folder / "data/journal.db"
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA user_version = 99")
        connection.execute("CREATE TABLE future (x)")
        connection.close()
        before = path.read_bytes()
        service = ScriptedService(self)
        watcher = Lookout(self, config(service))
        self.wait_for_fault(watcher, "version 99")
        self.goes_on(watcher, service)
        self.assertEqual(path.read_bytes(), before)

    def test_a_journal_of_another_lookout_is_waited_for(self):
        service = ScriptedService(self)
        first = Lookout(self, config(service))
        second = Lookout(self, config(service))
        self.wait_for_fault(second, "another Lookout writes this journal")
        self.goes_on(second, service)
        first.end()
        self.resumes(second, service, Journal(self.folder))

    @staticmethod
    def in_a_room_of_its_own(prepare):
        """Mounts that nobody else sees; `prepare` runs in the folder before Lookout does."""
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        return ["unshare", *user, "--mount", "sh", "-ec", prepare + '\nexec "$@"', "sh"]

    @staticmethod
    def inside(watcher, script):
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return subprocess.run(["nsenter", f"--target={watcher.pid}", *user, "--mount", "sh", "-ec", f"cd {watcher.log.parent}; {script}"],
                              check=True, capture_output=True, text=True, timeout=30).stdout

    def incidents_inside(self, watcher):
        """The file is copied out of the room."""
        self.inside(watcher, f"cat data/journal.db > {self.folder}/copy.db; cat data/journal.db-wal > {self.folder}/copy.db-wal || true")
        connection = sqlite3.connect(self.folder / "copy.db")
        try:
            return connection.execute("SELECT id FROM incident").fetchall()
        finally:
            connection.close()

    def test_a_full_disk(self):
        service = ScriptedService(self)
        (self.folder / "data").mkdir()
        watcher = Lookout(self, config(service), launcher=self.in_a_room_of_its_own("mount -t tmpfs -o size=400k tmpfs data"))
        service.fail_next(6)
        wait_for("a first incident", lambda: watcher.value("lookout_incidents_total", target="web") == 1, 5)
        self.inside(watcher, "dd if=/dev/zero of=data/fill bs=4k 2>/dev/null || true")
        for count in range(2, 8):
            wait_for("the last incident to close", lambda: watcher.value("lookout_incident_active", target="web") == 0, 10)
            service.fail_next(6)
            wait_for("one more incident", lambda: watcher.value("lookout_incidents_total", target="web") == count, 10)
        self.wait_for_fault(watcher, "full")
        self.goes_on(watcher, service)
        self.inside(watcher, "rm data/fill")
        wait_for("recording to resume", lambda: "The journal is written again" in watcher.output(), 60)
        self.assertGreaterEqual(len(wait_for("all of them", lambda: self.incidents_inside(watcher), 10)), 7, "what happened meanwhile was kept")

    def test_a_folder_that_cannot_be_written(self):
        service = ScriptedService(self)
        (self.folder / "data").mkdir()
        watcher = Lookout(self, config(service),
                          launcher=self.in_a_room_of_its_own("mount -t tmpfs -o size=4m tmpfs data; mount -o remount,ro data"))
        self.wait_for_fault(watcher, "Read-only file system")
        service.fail_next(6)
        wait_for("an incident", lambda: watcher.value("lookout_incidents_total", target="web") == 1, 5)
        self.goes_on(watcher, service)
        self.inside(watcher, "mount -o remount,rw data")
        wait_for("recording to resume", lambda: "The journal is written again" in watcher.output(), 60)
        self.assertEqual(len(self.incidents_inside(watcher)), 1)


if __name__ == "__main__":
    unittest.main()
