"""The pages, as people meet them in a browser: what they say, by mouse, by keyboard, to a screen reader, live, without
scripts, on a phone, in the dark and with thousands of targets. The browser's part is page_browser.js."""

import json
import sqlite3
import subprocess
import time
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from lookout_e2e import Lookout, Scenario, ScriptedService, free_port

HERE = Path(__file__).resolve().parent
DAY = 86_400_000


class PageTest(Scenario):
    def browse(self, check, watcher, *arguments):
        done = subprocess.run(["node", HERE / "page_browser.js", check, watcher.url, *map(str, arguments)], cwd=HERE,
                              capture_output=True, text=True, timeout=150)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def watch_three(self):
        """One is up, one is down, and one has a name that no page must take for markup."""
        self.closed_port = free_port()
        service = ScriptedService(self)
        an_hour_ago = datetime.now(timezone.utc) - timedelta(hours=1)
        return Lookout(self, f"""
target_defaults: {{interval: 500ms, timeout: 400ms, failure_threshold: 1, success_threshold: 1}}
maintenance:
  - {{start: "{an_hour_ago:%Y-%m-%dT%H:%M:%SZ}", duration: 2h, targets: [shop-window], reason: New disks}}
targets:
  - {{name: shop-window, address: "{service.url}", labels: {{team: web}}, depends_on: [back-door], failure_threshold: 9}}
  - {{name: back-door, address: "http://127.0.0.1:{self.closed_port}/", severity: critical, labels: {{team: web}}}}
  - {{name: "<script>taken=1</script>", address: "{service.url}?<script>taken=1</script>", failure_threshold: 9}}
""", [f"--storage.path={self.folder}/journal"])

    def wait_until_judged(self, watcher):
        watcher.wait_for_value(1, 15, "lookout_target_up", target="shop-window")
        watcher.wait_for_value(0, 15, "lookout_target_up", target="back-door")
        return watcher

    def test_what_it_says(self):
        watcher = self.wait_until_judged(self.watch_three())
        watcher.end()
        self.write_history()
        again = Lookout(self, watcher.config.read_text(), [f"--storage.path={self.folder}/journal"])
        self.browse("content", self.wait_until_judged(again))

    def write_history(self):
        """shop-window has been watched on eight days before today, and was down for one of them and for half of another on
        which nobody watched."""
        today = int(time.time() * 1000) // DAY * DAY
        onset, recovered = today - 5 * DAY, today - 4 * DAY + DAY // 2
        begin = time.strftime("%Y%m%d-%H%M%S", time.gmtime(onset / 1000))
        incident = {"id": f"{begin}-00000001", "target": "shop-window", "severity": "warning", "onset": onset, "detected": onset,
                    "recovered": recovered, "duration_ns": (recovered - onset) * 1_000_000,
                    "failure": {"stage": "tls", "cause": "certificate_expired", "detail": "yesterday"}}
        with sqlite3.connect(self.folder / "journal" / "journal.db") as journal:
            (target,), = journal.execute("SELECT id FROM target WHERE name = 'shop-window'")
            for back in (1, 2, 3, 5, 6, 7, 8, 9):
                journal.execute("INSERT OR REPLACE INTO day (target, start, probes, failures, latency_sum, latency_most) "
                                "VALUES (?, ?, 100, 0, 1000000, 20000)", (target, today - back * DAY))
            journal.execute("UPDATE target SET first_seen = ? WHERE id = ?", (today - 9 * DAY, target))
            journal.execute("INSERT INTO incident (id, target, detected, recovered, saved, onset) VALUES (?, ?, ?, ?, ?, ?)",
                            (incident["id"], target, onset, recovered, json.dumps(incident), onset))

    def test_that_nothing_foreign_runs_or_loads(self):
        self.browse("policy", self.wait_until_judged(self.watch_three()))

    def test_it_by_keyboard(self):
        self.browse("keyboard", self.wait_until_judged(self.watch_three()))

    def test_it_live(self):
        watcher = self.wait_until_judged(self.watch_three())
        self.browse("live", watcher, self.closed_port)

    def test_it_without_scripts(self):
        self.browse("without_script", self.wait_until_judged(self.watch_three()))

    def test_how_it_looks(self):
        self.browse("looks", self.wait_until_judged(self.watch_three()))

    def test_it_with_thousands_of_targets(self):
        targets = "\n".join(f'  - {{name: target-{each:04}, address: "127.0.0.1:1", module: tcp_connect, '
                            f'labels: {{site: site-{each % 5}}}}}' for each in range(5000))
        watcher = Lookout(self, f"target_defaults: {{interval: 1h, timeout: 1s}}\ntargets:\n{targets}\n",
                          [f"--storage.path={self.folder}/journal"])
        self.browse("many", watcher)


if __name__ == "__main__":
    unittest.main()
