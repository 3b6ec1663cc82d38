"""Targets that are probed while /metrics is being scraped, and only then."""

import time
import unittest

from lookout_e2e import Lookout, Scenario, ScriptedService, free_port


class ScrapeModeTest(Scenario):
    def setUp(self):
        super().setUp()
        self.service = ScriptedService(self)
        self.watcher = Lookout(self, f"""
target_defaults: {{mode: scrape, timeout: 1s, failure_threshold: 1, success_threshold: 1}}
targets:
  - {{name: good, address: "{self.service.url}"}}
  - {{name: gone, address: "http://127.0.0.1:{free_port()}/"}}
""")

    def test_each_scrape_is_a_probe_of_its_own(self):
        self.assertEqual(self.service.requests, 0, "nothing is probed before the first scrape")
        for scrape in (1, 2, 3):
            self.assertEqual(self.watcher.value("lookout_probes_total", target="good", verdict="up"), scrape)
            self.assertEqual(self.service.requests, scrape)

    def test_a_scrape_tells_what_it_has_just_seen(self):
        self.assertEqual(self.watcher.value("lookout_target_up", target="good"), 1)
        self.assertEqual(self.watcher.value("lookout_target_up", target="gone"), 0)
        self.service.fail_next(1)
        self.assertEqual(self.watcher.value("lookout_target_up", target="good"), 0)
        self.assertEqual(self.watcher.value("lookout_incident_active", target="good"), 0)
        self.assertEqual(self.watcher.value("lookout_incidents_total", target="good"), 1)

    def scrape(self, timeout):
        begun = time.monotonic()
        answer = self.watcher.get("/metrics", headers={"X-Prometheus-Scrape-Timeout-Seconds": str(timeout)})
        self.assertEqual(answer.status, 200)
        return answer.body, time.monotonic() - begun

    def test_the_scrape_timeout_bounds_the_answer_and_the_targets_own_the_probe(self):
        self.service.stall(True)
        body, taken = self.scrape(0.9)
        self.assertLess(taken, 0.9)
        self.assertNotIn('lookout_target_up{target="good"', body, "its probe has not ended yet")
        body, _ = self.scrape(10)  # joins the probe that is still running
        self.assertIn('lookout_probe_failures_total{target="good",', body)
        self.assertIn('cause="timeout"', body)

    def test_a_scraper_in_a_hurry_calls_nobody_down(self):
        for timeout in (0.3, 0.5):
            self.scrape(timeout)
        self.assertEqual(self.watcher.value("lookout_target_up", target="good"), 1)
        self.assertEqual(self.watcher.value("lookout_incidents_total", target="good"), 0)


if __name__ == "__main__":
    unittest.main()
