"""/health/NAME: what a kubelet's liveness probe or a load balancer asks of Lookout beside the service."""

import unittest

from lookout_e2e import Lookout, Scenario, ScriptedService, wait_for


class HealthTest(Scenario):
    def test_it_follows_the_target(self):
        service = ScriptedService(self)
        watcher = Lookout(self, f"""
targets:
  - {{name: beside, address: "{service.url}", interval: 1s, timeout: 500ms, failure_threshold: 2, success_threshold: 1}}
""")
        watcher.wait_for_value(1, 10, "lookout_target_up", target="beside")
        self.assertEqual(watcher.get("/health/beside").status, 200)
        service.fail_next(1)
        wait_for("one failed probe", lambda: watcher.value("lookout_probes_total", target="beside", verdict="down") == 1, 10)
        self.assertEqual(watcher.get("/health/beside").status, 200, "one failure is below the threshold")
        service.fail_next(1000)
        wait_for("it to be unhealthy", lambda: watcher.get("/health/beside").status == 503, 10)
        service.fail_next(0)
        wait_for("it to be healthy again", lambda: watcher.get("/health/beside").status == 200, 10)

    def test_what_is_not_known_yet_is_not_down(self):
        watcher = Lookout(self, "targets: [{name: later, address: \"http://127.0.0.1:1/\", mode: scrape}]\n")
        self.assertEqual(watcher.get("/health/later").status, 200)

    def test_an_unknown_target_is_not_found(self):
        self.assertEqual(Lookout(self).get("/health/nobody").status, 404)


if __name__ == "__main__":
    unittest.main()
