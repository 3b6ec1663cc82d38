"""The whole way, with real parts: a service fails and recovers; Lookout judges it; Prometheus stores, alerts and asks itself."""

import json
import re
import time
import unittest
from datetime import datetime, timedelta, timezone

from lookout_e2e import ROOT, Lookout, Prometheus, Scenario, ScriptedService, free_port, http, wait_for

INTERVAL = 1.0
TIMEOUT = 0.5
SCRAPE = 1.0
SLACK = 1.5  # for a busy machine

LOOKOUT_CONFIG = """
modules:
  http_2xx: {{prober: http}}
target_defaults: {{interval: 1s, timeout: 500ms}}
targets:
  - name: mockoon
    address: {mockoon}
    severity: critical
    failure_threshold: 1
    success_threshold: 1
    labels: {{team: demo}}
  - name: patient
    address: {scripted}
    severity: warning
    failure_threshold: 3
    success_threshold: 2
"""

PROMETHEUS_CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: lookout
    static_configs: [{{targets: ["{lookout}"]}}]
  - job_name: lookout-probe
    metrics_path: /probe
    params: {{module: [http_2xx]}}
    static_configs: [{{targets: ["{mockoon}", "{nobody}"]}}]
    relabel_configs:
      - {{source_labels: [__address__], target_label: __param_target}}
      - {{source_labels: [__param_target], target_label: instance}}
      - {{target_label: __address__, replacement: "{lookout}"}}
"""

OPEN = 'lookout_incident_active{target="mockoon",severity="critical",stage="connect",cause="refused"}'
ALERT = 'ALERTS{alertname="LookoutTargetDown",target="mockoon",severity="critical",alertstate="firing"}'


class StoryTest(Scenario):
    def setUp(self):
        super().setUp()
        self.mockoon_port = free_port()
        self.mockoon_url = f"http://127.0.0.1:{self.mockoon_port}/health"
        self.nobody_url = f"http://127.0.0.1:{free_port()}/"
        self.start_mockoon()
        self.scripted = ScriptedService(self)
        self.watcher = Lookout(self, LOOKOUT_CONFIG.format(mockoon=self.mockoon_url, scripted=self.scripted.url))
        self.prometheus = Prometheus(self, PROMETHEUS_CONFIG.format(
            rules=ROOT / "deploy/prometheus/rules/*.yml", lookout=f"127.0.0.1:{self.watcher.port}",
            mockoon=self.mockoon_url, nobody=self.nobody_url))

    def start_mockoon(self):
        here = ROOT / "tests/e2e"
        self.mockoon = self.start("mockoon", [
            "node", here / "node_modules/.bin/mockoon-cli", "start", "--data", here / "mockoon.json",
            "--hostname", "127.0.0.1", "--port", self.mockoon_port, "--disable-log-to-file", "--disable-admin-api"])
        wait_for("Mockoon to serve /health", lambda: http(self.mockoon_url).status == 200, 30)

    def test_a_service_fails_and_recovers(self):
        self.everything_is_up()
        self.scraped_probes_succeed_and_fail_by_instance()
        self.a_killed_service_is_an_open_incident()
        self.its_alert_fires()
        self.people_are_told_that_it_is_down()
        self.a_returned_service_closes_it()
        self.its_alert_resolves()
        self.durations_are_in_the_histograms()
        self.its_report_tells_what_happened()
        self.people_are_told_that_it_was_down()
        self.below_its_threshold_nothing_opens()
        self.at_its_threshold_it_opens_and_two_successes_close_it()

    def everything_is_up(self):
        self.prometheus.wait_for('lookout_target_up{target="mockoon",severity="critical"}', 1, 30)
        self.prometheus.wait_for('lookout_target_up{target="patient",severity="warning"}', 1, 10)
        self.prometheus.wait_for('lookout_target_state{target="mockoon",state="up"}', 1, 10)
        self.prometheus.wait_for('lookout_target_info{target="mockoon",team="demo",module="http_2xx"}', 1, 10)
        self.prometheus.wait_for('lookout_incident_active{target="mockoon",stage="",cause=""}', 0, 10)
        self.prometheus.wait_for('probe_success{job="lookout",target="mockoon"}', 1, 10)

    def scraped_probes_succeed_and_fail_by_instance(self):
        self.prometheus.wait_for(f'probe_success{{job="lookout-probe",instance="{self.mockoon_url}"}}', 1, 20)
        self.prometheus.wait_for(f'probe_http_status_code{{job="lookout-probe",instance="{self.mockoon_url}"}}', 200, 10)
        self.prometheus.wait_for(f'probe_success{{job="lookout-probe",instance="{self.nobody_url}"}}', 0, 20)
        self.prometheus.wait_for(
            f'probe_failure_info{{instance="{self.nobody_url}",stage="connect",cause="refused"}}', 1, 10)
        self.prometheus.wait_for('min(up{job="lookout-probe"})', 1, 10)

    def a_killed_service_is_an_open_incident(self):
        self.wait_for_good_probes(1, "mockoon")  # killed in the middle of one, it would be request/closed
        self.killed_at = datetime.now(timezone.utc)
        self.mockoon.kill()
        killed = time.monotonic()
        self.watcher.wait_for_value(0, INTERVAL + TIMEOUT + SLACK, "lookout_target_up", target="mockoon")
        print(f"down on /metrics {time.monotonic() - killed:.2f} s after the kill", flush=True)
        left = INTERVAL + TIMEOUT + SCRAPE + 2 * SLACK - (time.monotonic() - killed)
        self.prometheus.wait_for('lookout_target_up{target="mockoon"}', 0, left)
        print(f"down in Prometheus {time.monotonic() - killed:.2f} s after the kill", flush=True)
        self.prometheus.wait_for(OPEN, 1, SCRAPE + SLACK)
        self.prometheus.wait_for('lookout_target_state{target="mockoon",state="down"}', 1, SCRAPE + SLACK)
        self.prometheus.wait_for('lookout_target_up{target="patient"}', 1, SCRAPE + SLACK)

    def its_alert_fires(self):
        self.prometheus.wait_for(ALERT, 1, 15)

    def incident(self):
        """The only one of Mockoon's, as the list tells it."""
        incidents = json.loads(self.watcher.get("/api/v1/incidents?target=mockoon").body)["incidents"]
        self.assertEqual(len(incidents), 1, incidents)
        return incidents[0]

    def people_are_told_that_it_is_down(self):
        incident = self.incident()
        page = self.watcher.get("/").body
        self.assertIn("<h1>1 of 2 targets is down</h1>", page)
        self.assertIn(f'href="incidents/{incident["id"]}"', page)
        self.assertIn("connect/refused", page)
        self.assertIn("**Open for ", self.watcher.get(f"/api/v1/incidents/{incident['id']}/report.md").body)

    def a_returned_service_closes_it(self):
        self.start_mockoon()
        self.returned_at = datetime.now(timezone.utc)
        self.watcher.wait_for_value(1, INTERVAL + TIMEOUT + SLACK, "lookout_target_up", target="mockoon")
        self.prometheus.wait_for('lookout_target_up{target="mockoon"}', 1, 2 * SCRAPE + 2 * SLACK)
        self.prometheus.wait_for('sum(lookout_incident_active{target="mockoon"})', 0, 2 * SCRAPE + SLACK)

    def its_alert_resolves(self):
        self.prometheus.wait_for(f"absent({ALERT})", 1, 15)

    def durations_are_in_the_histograms(self):
        for histogram in ("lookout_incident_duration_seconds", "lookout_incident_detection_seconds"):
            self.prometheus.wait_for(histogram + '_count{severity="critical"}', 1, 5)
        self.prometheus.wait_for('lookout_incidents_total{target="mockoon",severity="critical"}', 1, 5)
        duration = self.watcher.value("lookout_incident_duration_seconds_sum", severity="critical")
        self.assertGreater(duration, 0)
        self.assertLess(duration, 60)

    def its_report_tells_what_happened(self):
        incident = self.incident()
        onset, detected, recovered = (datetime.fromisoformat(incident[when]) for when in ("onset", "detected", "recovered"))
        at_most = timedelta(seconds=INTERVAL + TIMEOUT + SLACK)
        self.assertLessEqual(self.killed_at, onset + timedelta(milliseconds=1))
        self.assertLess(onset - self.killed_at, at_most)
        self.assertLess(detected - onset, timedelta(seconds=TIMEOUT + SLACK), "the first failure is enough")
        self.assertLess(recovered - self.returned_at, at_most)
        self.assertAlmostEqual(incident["duration_seconds"], (recovered - onset).total_seconds(), delta=0.1)
        self.assertEqual((incident["failure"]["stage"], incident["failure"]["cause"]), ("connect", "refused"))
        report = self.watcher.get(f"/api/v1/incidents/{incident['id']}/report.md").body
        for row in (f"| Onset | {incident['onset']} |", f"| Detected | {incident['detected']} |",
                    f"| Recovered | {incident['recovered']} |", "| Severity | critical |", f"| Address | `{self.mockoon_url}` |"):
            self.assertIn(row, report)
        lasted = re.search(r"(?m)^\| Duration \| (.+) \|$", report)[1]
        self.assertIn(f"**Recovered after {lasted}.**", report)
        self.assertIn("`connect/refused`", report)
        said = re.fullmatch(r"(?:(\d+) min )?([\d.]+) s", lasted)
        self.assertAlmostEqual(60 * int(said[1] or 0) + float(said[2]), incident["duration_seconds"], delta=1)
        printed = self.lookout("report", incident["id"], f"--url={self.watcher.url}")
        self.assertEqual((printed.returncode, printed.stdout), (0, report))

    def people_are_told_that_it_was_down(self):
        incident = self.incident()
        page = self.watcher.get("/").body
        self.assertIn("<h1>All is well: 2 targets up</h1>", page)
        self.assertIn("last incident ended", page)
        lasted = re.search(r"(?m)^\| Duration \| (.+) \|$", self.watcher.get(f"/api/v1/incidents/{incident['id']}/report.md").body)[1]
        for path in ("/incidents", "/targets/mockoon"):
            with self.subTest(path=path):
                row = re.search(rf'<tr id="i-{incident["id"]}">.*', self.watcher.get(path).body)[0]
                self.assertIn(">over<", row)
                self.assertIn(f'<td class="number">{lasted}</td>', row)
                self.assertIn(f'datetime="{incident["onset"]}"', row)
                self.assertIn("connect/refused", row)
        whole = self.watcher.get(f"/incidents/{incident['id']}").body
        for told in (incident["onset"], incident["detected"], incident["recovered"], lasted):
            self.assertIn(told, whole)

    def verdicts(self, verdict, target="patient"):
        return self.watcher.value("lookout_probes_total", target=target, verdict=verdict) or 0

    def fail_patient(self, probes):
        """Makes exactly that many probes fail, and waits until they and `more` good ones have been judged."""
        downs = self.verdicts("down")
        self.scripted.fail_next(probes)
        wait_for(f"{probes} failed probes", lambda: self.verdicts("down") == downs + probes, 15)

    def wait_for_good_probes(self, probes, target="patient"):
        ups = self.verdicts("up", target)
        wait_for(f"{probes} good probes", lambda: self.verdicts("up", target) >= ups + probes, 15)

    def below_its_threshold_nothing_opens(self):
        self.fail_patient(2)
        self.wait_for_good_probes(2)
        self.assertEqual(self.verdicts("down"), 2)
        self.assertEqual(self.watcher.value("lookout_target_up", target="patient"), 1)
        self.assertEqual(self.watcher.value("lookout_incidents_total", target="patient"), 0)

    def at_its_threshold_it_opens_and_two_successes_close_it(self):
        self.fail_patient(3)
        self.prometheus.wait_for('max_over_time(lookout_incident_active{target="patient",stage="response",cause="status"}[1m])', 1, 10)
        self.wait_for_good_probes(2)
        self.watcher.wait_for_value(1, 5, "lookout_target_up", target="patient")
        self.watcher.wait_for_value(1, 5, "lookout_incidents_total", target="patient")
        self.prometheus.wait_for('lookout_incident_duration_seconds_count{severity="warning"}', 1, 5)
        detection = self.watcher.value("lookout_incident_detection_seconds_sum", severity="warning")
        self.assertGreater(detection, 2 * INTERVAL - SLACK, "from the first of three failing probes to the third")


if __name__ == "__main__":
    unittest.main()
