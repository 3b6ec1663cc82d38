"""Out of file descriptors, Lookout blames itself: no target goes down for it, a metric tells, and it recovers."""

import http.client
import os
import resource
import unittest

from lookout_e2e import Lookout, Scenario, ScriptedService, parse_metrics, pick, wait_for

TARGETS = 40


class DescriptorsTest(Scenario):
    def setUp(self):
        super().setUp()
        self.service = ScriptedService(self)

    def config(self, interval, targets):
        head = f"target_defaults: {{interval: {interval}, timeout: 900ms, failure_threshold: 1, success_threshold: 1}}\ntargets:\n"
        return head + "".join(f'  - {{name: t{number}, address: "{self.service.url}"}}\n' for number in range(targets))

    def scrape(self):
        """Over a connection that was open before: a new one would take a descriptor."""
        self.connection.request("GET", "/metrics")
        return parse_metrics(self.connection.getresponse().read().decode())

    def total(self, verdict):
        return sum(each.value for each in pick(self.scrape(), "lookout_probes_total", verdict=verdict))

    def ups(self):
        return [each.value for each in pick(self.scrape(), "lookout_target_up")]

    def connect(self, watcher):
        self.connection = http.client.HTTPConnection("127.0.0.1", watcher.port, timeout=10)
        self.connection.connect()
        self.addCleanup(self.connection.close)

    def test_none_left(self):
        watcher = Lookout(self, self.config("1s", TARGETS))
        self.connect(watcher)
        wait_for("all targets to be up", lambda: self.ups() == [1.0] * TARGETS, 15)
        self.assertEqual(self.total("inconclusive"), 0)

        before = resource.prlimit(watcher.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(watcher.pid, resource.RLIMIT_NOFILE, (3, before[1]))
        wait_for("a metric to tell", lambda: self.total("inconclusive") >= TARGETS, 15)
        self.assertEqual(self.ups(), [1.0] * TARGETS)
        self.assertEqual(self.total("down"), 0)

        resource.prlimit(watcher.pid, resource.RLIMIT_NOFILE, before)
        good = self.total("up")
        wait_for("probes to succeed again", lambda: self.total("up") >= good + TARGETS, 15)
        self.assertEqual(self.ups(), [1.0] * TARGETS)
        self.assertEqual(sum(each.value for each in pick(self.scrape(), "lookout_incidents_total")), 0)
        self.assertEqual(watcher.get("/-/healthy").status, 200, "new connections are taken again")

    def test_far_fewer_than_targets(self):
        watcher = Lookout(self, self.config("2s", 400), launcher=["bash", "-c", 'ulimit -n 96 && exec "$0" "$@"'])
        self.connect(watcher)
        wait_for("every target to have been judged", lambda: len(self.ups()) == 400, 60)
        self.assertEqual(self.ups(), [1.0] * 400)
        self.assertEqual(self.total("down"), 0)


if __name__ == "__main__":
    unittest.main()
