"""Drills, with a real Prometheus and a real Alertmanager: the alert of a pretended failure is followed to its receiver and back; a
broken hop is named; nothing real is touched or counted."""

import base64
import json
import signal
import subprocess
import unittest
from types import SimpleNamespace

from lookout_e2e import LOOKOUT, ROOT, Alertmanager, Lookout, Prometheus, Scenario, ScriptedService, parse_metrics, pick, wait_for

LOOKOUT_CONFIG = """
modules:
  http_2xx: {{prober: http}}
target_defaults: {{interval: 1s, timeout: 500ms, failure_threshold: 2, success_threshold: 1, severity: critical}}
targets:
  - {{name: shop, address: "{service}", recovery: restart-shop}}
  - {{name: blog, address: "{service}"}}
recovery:
  mode: auto
  brake: {{min_targets: 3}}
  actions:
    restart-service: {{exec: {{argv: [touch, "{mark}"]}}}}
  plans:
    restart-shop: {{steps: [{{when: ["connect/*"], action: restart-service}}]}}
"""
PROMETHEUS_CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}"]
{alerting}
scrape_configs:
  - job_name: lookout
    basic_auth: {{username: alice, password: secret}}
    static_configs: [{{targets: ["{lookout}"]}}]
    metric_relabel_configs: [{{source_labels: [target], regex: "|{target}", action: keep}}]
"""  # each knows one target only
ALERTMANAGER_CONFIG = """
route: {{receiver: desk, group_by: [target], group_wait: 1s, group_interval: 1s}}
receivers:
  - name: desk
    webhook_configs:
      - url: {url}/api/v1/alertmanager
        http_config: {{basic_auth: {{username: alice, password: secret}}}}
"""
USER = {"Authorization": "Basic " + base64.b64encode(b"alice:secret").decode()}
USERS = "basic_auth_users: {alice: $2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW}\n"  # "secret"
WAY = ["incident_opened", "prometheus_firing", "alertmanager_active", "receiver_notified", "incident_closed",
       "prometheus_resolved", "alertmanager_resolved"]


class DrillTest(Scenario):
    def setUp(self):
        super().setUp()
        self.service = ScriptedService(self)
        self.mark = self.folder / "restarted"
        self.users = self.file("web.yml", USERS)
        self.begin_watching()

    def begin_watching(self):
        self.watcher = Lookout(self, LOOKOUT_CONFIG.format(service=self.service.url, mark=self.mark),
                               [f"--web.config.file={self.users}"])
        for target in ("shop", "blog"):
            wait_for(f"{target} to be up", lambda target=target: self.value("lookout_target_up", target=target) == 1, 10)

    def get(self, path):
        answer = self.watcher.get(path, headers=USER)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.body

    def value(self, name, **labels):
        found = [each.value for each in self.samples(name, **labels)]
        return found[0] if found else None

    def samples(self, name, **labels):
        return pick(parse_metrics(self.get("/metrics")), name, **labels)

    def prometheus(self, target, alertmanager=None):
        """With files of its own, as there are two."""
        alerting = "" if alertmanager is None else (
            f'alerting: {{alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alertmanager.port}"]}}]}}]}}')
        place = SimpleNamespace(folder=self.folder / target, own=self.own, file=lambda file, text: self.file(f"{target}/{file}", text))
        return Prometheus(place, PROMETHEUS_CONFIG.format(
            rules=ROOT / "deploy/prometheus/rules/*.yml", alerting=alerting, target=target,
            lookout=f"127.0.0.1:{self.watcher.port}"))

    def drill(self, target, *flags):
        """Begins one; its output comes when it has ended."""
        url = self.watcher.url.replace("://", "://alice:secret@")
        drill = subprocess.Popen([LOOKOUT, "drill", target, f"--url={url}", *flags], cwd=self.folder, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (drill.kill(), drill.communicate()) if drill.poll() is None else None)
        return drill

    def ended(self, drill, status, seconds=90):
        out, err = drill.communicate(timeout=seconds)
        print(out, err, sep="", flush=True)
        self.assertEqual(drill.returncode, status, out + err)
        return out, err

    def newest(self, target):
        drills = json.loads(self.get("/api/v1/drills"))["drills"]
        return next(each for each in drills if each["target"] == target)

    def test_an_alert_is_followed_to_its_receiver_and_back_and_a_broken_hop_is_named(self):
        alertmanager = Alertmanager(self, ALERTMANAGER_CONFIG.format(url=self.watcher.url))
        whole = self.prometheus("shop", alertmanager)
        broken = self.prometheus("blog")
        for each in (whole, broken):
            each.wait_for('lookout_incident_active{target="shop",drill="false"}', 0, 30)
        flags = ["--duration=5s", f"--alertmanager.url={alertmanager.url}"]
        passing = self.drill("shop", *flags, f"--prometheus.url={whole.url}", "--failure=connect/timeout")
        failing = self.drill("blog", *flags, f"--prometheus.url={broken.url}")
        wait_for("the drill's incident", lambda: self.value("lookout_incident_active", target="shop", drill="true") == 1, 10)
        self.assertEqual(self.value("lookout_incident_active", target="shop", drill="false"), 0)
        self.assertEqual(self.value("lookout_target_up", target="shop"), 1, "it really is")
        page = self.get("/")
        self.assertIn("DRILL", page)
        self.assertIn("All is well", page)

        out, _ = self.ended(passing, 0)
        lines = [line.split() for line in out.splitlines()]
        self.assertEqual([words[1] for words in lines if words[0] == "ok"], WAY, out)
        self.assertIn("would have run restart-service", out)
        self.assertIn("Delivered to this Lookout by the receiver desk", out)
        self.assertFalse(self.mark.exists(), "nothing is done about a drill")
        self.assertIsNotNone(self.value("lookout_drill_last_success_timestamp_seconds", target="shop"))

        _, err = self.ended(failing, 1)
        self.assertIn("the alert never reached Alertmanager: Prometheus has no Alertmanager that it sends alerts to", err)
        self.assertIsNone(self.value("lookout_drill_last_success_timestamp_seconds", target="blog"))
        drill = self.newest("blog")
        states = {hop["hop"]: hop["state"] for hop in drill["hops"]}
        self.assertEqual(states, {"incident_opened": "passed", "prometheus_firing": "passed", "alertmanager_active": "broken",
                                  "receiver_notified": "not_reached", "incident_closed": "passed", "prometheus_resolved": "passed",
                                  "alertmanager_resolved": "not_reached"})
        self.nothing_was_counted()
        report = self.get(f"/api/v1/incidents/{self.newest('shop')['incident']}/report.md")
        for told in ("DRILL", "would have run restart-service", "Delivered to this Lookout", "connect/timeout"):
            self.assertIn(told, report)

    def nothing_was_counted(self):
        for target in ("shop", "blog"):
            self.assertEqual(self.value("lookout_incidents_total", target=target), 0)
            self.assertEqual(self.value("lookout_probes_total", target=target, verdict="down"), 0)
        self.assertEqual(self.value("lookout_incident_duration_seconds_count", severity="critical"), 0)
        self.assertFalse(self.samples("lookout_incident_active", drill="true"))
        self.assertFalse(self.samples("lookout_recovery_actions_total"))

    def test_a_drill_that_is_killed_is_over_and_a_passed_one_is_remembered(self):
        out, _ = self.ended(self.drill("blog", "--duration=1s"), 0, 30)
        self.assertIn("not asked: Prometheus, Alertmanager", out)
        passed = self.value("lookout_drill_last_success_timestamp_seconds", target="blog")
        drill = self.drill("shop", "--duration=60s")
        wait_for("the drill's incident", lambda: self.value("lookout_incident_active", target="shop", drill="true") == 1, 10)
        incident = self.newest("shop")["incident"]
        wait_for("the incident to be kept", lambda: incident in self.get("/api/v1/incidents?open=true"), 10)
        self.watcher.end(signal.SIGKILL)
        drill.kill()
        self.begin_watching()
        self.assertFalse(self.samples("lookout_incident_active", drill="true"))
        self.assertEqual(json.loads(self.get("/api/v1/drills"))["drills"], [])
        self.assertEqual(self.value("lookout_drill_last_success_timestamp_seconds", target="blog"), passed)
        told = json.loads(self.get(f"/api/v1/incidents/{incident}"))
        self.assertFalse(told["open"])
        self.assertTrue(told["drill"])
        self.assertEqual(told["timeline"][-1]["what"], "interrupted")
        self.assertEqual(self.value("lookout_incidents_total", target="shop"), 0)

    def test_a_real_failure_ends_a_drill(self):
        drill = self.drill("shop", "--duration=60s")
        wait_for("the drill's incident", lambda: self.value("lookout_incident_active", target="shop", drill="true") == 1, 10)
        self.service.fail_next(1000)
        _, err = self.ended(drill, 1, 20)
        self.assertIn("a real failure began: response/status", err)
        wait_for("the real incident", lambda: self.value("lookout_incident_active", target="shop", drill="false") == 1, 10)
        self.assertFalse(self.samples("lookout_incident_active", drill="true"))
        refused = self.drill("shop")
        _, err = self.ended(refused, 1, 20)
        self.assertIn("the target really fails now", err)


if __name__ == "__main__":
    unittest.main()
