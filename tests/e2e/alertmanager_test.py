"""What a real Alertmanager makes of the shipped configuration: which alerts it mutes, whom it notifies of a drill, and recovery
that an alert asks for, from the rules that `lookout rules` writes to the action."""

import base64
import json
import threading
import unittest

from lookout_e2e import ROOT, Alertmanager, Lookout, Prometheus, QuietHandler, QuietServer, Scenario, free_port, http, wait_for

SHIPPED = ROOT / "deploy/alertmanager/alertmanager.yml"
DOWN = {"alertname": "LookoutTargetDown", "severity": "critical", "job": "lookout"}
EXPIRING = {"alertname": "LookoutCertificateExpiring", "severity": "warning", "job": "lookout"}
BURN = {"alertname": "LookoutErrorBudgetBurn", "severity": "critical", "job": "lookout"}
QUORUM = {"alertname": "LookoutTargetDownByQuorum", "severity": "critical", "job": "lookout", "quorum": "world"}
MAINTENANCE = {"alertname": "LookoutTargetMaintenance", "severity": "none", "job": "lookout"}
SUPPRESSED = {"alertname": "LookoutTargetSuppressed", "severity": "none", "job": "lookout"}
DEPENDENCY = {"alertname": "LookoutDependencyDown", "severity": "none", "dependency": "gateway"}
FAILED = {"alertname": "LookoutProbeFailed", "severity": "critical", "job": "sd"}
DRILL = {"drill": "true"}


def of(labels, instance="", target="", **more):
    return labels | {name: value for name, value in {"instance": instance, "target": target, **more}.items() if value}


# What is sent together, and what of it is muted. Instances and targets are others in each, so that all can be sent at once.
INHIBITIONS = {
    "a critical alert mutes lesser ones of its target, of this Lookout": {
        "sent": [of(DOWN, "a1", "shop")],
        "muted": [of(EXPIRING, "a1", "shop"), of(EXPIRING, "a1", "shop", severity="info")],
        "heard": [of(EXPIRING, "a1", "blog"), of(EXPIRING, "a1b", "shop"), of(DOWN, "a1", "blog", severity="warning"),
                  {"alertname": "DiskFull", "severity": "warning", "instance": "a1", "target": "shop"}]},
    "so does one that Prometheus probes": {
        "sent": [of(FAILED, "https://b.example.org")],
        "muted": [of(EXPIRING, "https://b.example.org", job="sites")],
        "heard": [of(EXPIRING, "https://b2.example.org", job="sites")]},
    "so does a quorum's": {
        "sent": [of(QUORUM, target="c")],
        "muted": [of(EXPIRING, "c1", "c", quorum="world")],
        "heard": [of(EXPIRING, "c2", "c"), of(EXPIRING, "c1", "c2", quorum="world")]},
    "a drill mutes nothing": {
        "sent": [of(DOWN, "d1", "shop", **DRILL)],
        "muted": [],
        "heard": [of(EXPIRING, "d1", "shop"), of(BURN, "d1", "shop", severity="warning")]},
    "a lesser alert mutes nothing": {
        "sent": [of(DOWN, "e1", "shop", severity="warning")],
        "muted": [],
        "heard": [of(EXPIRING, "e1", "shop"), of(BURN, "e1", "blog")]},
    "who is down burns its budget": {
        "sent": [of(DOWN, "f1", "shop")],
        "muted": [of(BURN, "f1", "shop")],
        "heard": [of(BURN, "f1", "blog")]},
    "maintenance mutes a target, and no drill of it": {
        "sent": [of(MAINTENANCE, "g1", "shop")],
        "muted": [of(DOWN, "g1", "shop"), of(EXPIRING, "g1", "shop"), of(BURN, "g1", "shop")],
        "heard": [of(SUPPRESSED, "g1", "shop"), of(DOWN, "g1", "blog"), of(DOWN, "g2", "shop"), of(DOWN, "g1", "shop", **DRILL),
                  {"alertname": "LookoutJournalFailing", "severity": "warning", "job": "lookout", "instance": "g1"}]},
    "maintenance mutes a quorum's alert": {
        "sent": [of(MAINTENANCE, "h1", "h", quorum="world")],
        "muted": [of(QUORUM, target="h")],
        "heard": [of(QUORUM, target="h2"), of(QUORUM, target="h", quorum="moon")]},
    "a failure that Lookout blames on something else": {
        "sent": [of(SUPPRESSED, "i1", "shop")],
        "muted": [of(BURN, "i1", "shop"), of(EXPIRING, "i1", "shop")],
        "heard": [of(BURN, "i1", "gateway"), of(SUPPRESSED, "i1", "blog")]},
    "what it depends on is down, by the same Lookout": {
        "sent": [of(DOWN, "j1", "gateway"), of(DEPENDENCY, "j1", "shop", job="lookout")],
        "muted": [of(DOWN, "j1", "shop"), of(EXPIRING, "j1", "shop")],
        "heard": [of(DOWN, "j2", "shop"), of(DOWN, "j1", "blog"), of(DOWN, "j1", "shop", **DRILL)]},
    "what it depends on is down, by the same job's probes": {
        "sent": [of(FAILED, "http://k1/", "gateway-k"), of(DEPENDENCY, target="k", job="sd")],
        "muted": [of(FAILED, "http://k2/", "k")],
        "heard": [of(FAILED, "http://k3/", "k3"), of(FAILED, "http://k2/", "k", job="other"), of(DOWN, "k4", "k")]},
    "a Lookout that is away mutes its own targets, another's stay": {
        "sent": [{"alertname": "LookoutDown", "severity": "critical", "job": "lookout", "instance": "l1"}],
        "muted": [of(DOWN, "l1", "shop"), of(DOWN, "l1", "shop", **DRILL),
                  {"alertname": "LookoutConfigurationReloadFailed", "severity": "warning", "job": "lookout", "instance": "l1"}],
        "heard": [of(DOWN, "l2", "shop"), {"alertname": "LookoutWatchdog", "severity": "none"}]},
    "a Lookout that distrusts itself has said why": {
        "sent": [{"alertname": "LookoutIsolated", "severity": "critical", "job": "lookout", "instance": "m1"}],
        "muted": [{"alertname": "LookoutSamplesStale", "severity": "warning", "job": "lookout", "instance": "m1", "target": "shop"},
                  {"alertname": "LookoutProbesInconclusive", "severity": "warning", "job": "lookout", "instance": "m1"}],
        "heard": [of(DOWN, "m1", "shop"),
                  {"alertname": "LookoutJournalFailing", "severity": "warning", "job": "lookout", "instance": "m1"}]},
}

LOOKOUT_CONFIG = """
modules: {{tcp: {{prober: tcp}}}}
target_defaults: {{module: tcp, interval: 500ms, timeout: 300ms, failure_threshold: 1, severity: critical}}
targets:
  - {{name: shop, address: "127.0.0.1:{nobody}", recovery: by-alert}}
  - {{name: blog, address: "127.0.0.1:{nobody}"}}
recovery:
  mode: auto
  brake: {{min_targets: 5}}
  actions: {{restart: {{exec: {{argv: [touch, "{mark}"]}}}}}}
  plans: {{by-alert: {{trigger: alertmanager, steps: [{{action: restart}}]}}}}
"""
USERS = "basic_auth_users: {alertmanager: $2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW}\n"  # "secret"
USER = {"Authorization": "Basic " + base64.b64encode(b"alertmanager:secret").decode()}
PROMETHEUS_CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}", "{fitted}"]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alertmanager}"]}}]}}]}}
scrape_configs:
  - job_name: lookout
    basic_auth: {{username: alertmanager, password: secret}}
    static_configs: [{{targets: ["127.0.0.1:{lookout}"]}}]
"""


class Receivers:
    """All web hooks of the shipped configuration: what each was told, as (path, alert's labels, group's labels)."""

    def __init__(self, scenario):
        receivers = self

        class Handler(QuietHandler):
            def do_POST(self):
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with receivers.lock:
                    receivers.told += [(self.path, alert["labels"], told["groupLabels"]) for alert in told["alerts"]]
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.told, self.lock = [], threading.Lock()
        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        scenario.addCleanup(self._server.server_close)
        scenario.addCleanup(self._server.shutdown)

    def of(self, **labels):
        with self.lock:
            return [(path, group) for path, alert, group in self.told if labels.items() <= alert.items()]


class AlertmanagerTest(Scenario):
    def setUp(self):
        super().setUp()
        self.receivers = Receivers(self)

    def alertmanager(self, lookout_port=9):
        """With the shipped configuration, but for ports and for the patience with alerts that may come together."""
        shipped = SHIPPED.read_text(encoding="utf-8")
        config = shipped.replace("127.0.0.1:5001", f"127.0.0.1:{self.receivers.port}").replace("127.0.0.1:9115", f"127.0.0.1:{lookout_port}")
        for patience in ("group_wait: 30s", "group_wait: 5s"):
            self.assertIn(patience, config)
            config = config.replace(patience, "group_wait: 1s")
        self.file("lookout.password", "secret")
        return Alertmanager(self, config)

    def post(self, alertmanager, alerts):
        body = json.dumps([{"labels": labels} for labels in alerts])
        answer = http(alertmanager.url + "/api/v2/alerts", "POST", {"Content-Type": "application/json"}, body=body)
        self.assertEqual(answer.status, 200, answer.body)

    def name(self, labels):
        return json.dumps(labels, sort_keys=True)

    def muted(self, alertmanager):
        alerts = json.loads(http(alertmanager.url + "/api/v2/alerts").body)
        return {self.name(alert["labels"]) for alert in alerts if alert["status"]["inhibitedBy"]}

    def test_what_explains_others_mutes_them(self):
        alertmanager = self.alertmanager()
        everything = [alert for each in INHIBITIONS.values() for kind in ("sent", "muted", "heard") for alert in each[kind]]
        names = {self.name(alert) for alert in everything}
        self.assertEqual(len(names), len(everything), "an alert stands in two places")
        self.post(alertmanager, everything)
        expected = {self.name(alert) for each in INHIBITIONS.values() for alert in each["muted"]}
        wait_for("as many muted alerts as are expected", lambda: len(self.muted(alertmanager)) >= len(expected), 15)
        muted = self.muted(alertmanager)
        for what, each in INHIBITIONS.items():
            with self.subTest(what):
                of_these = {self.name(alert) for kind in ("sent", "muted", "heard") for alert in each[kind]}
                self.assertEqual(sorted(muted & of_these), sorted(map(self.name, each["muted"])))

    def test_a_drill_reaches_the_receiver_of_the_real_alert_and_says_what_it_is(self):
        alertmanager = self.alertmanager()
        for severity, receiver in (("critical", "/pager"), ("warning", "/tickets")):
            with self.subTest(severity=severity):
                real = of(DOWN, "a", severity, severity=severity)
                self.post(alertmanager, [real, real | DRILL])
                wait_for(f"both at {receiver}", lambda target=severity: len(self.receivers.of(target=target)) == 2, 15)
                (path, group), = self.receivers.of(target=severity, **DRILL)
                self.assertEqual((path, group["drill"]), (receiver, "true"))
                self.assertEqual({path for path, _ in self.receivers.of(target=severity)}, {receiver})

    def test_an_alert_asks_for_the_recovery_that_waits_for_it(self):
        mark = self.folder / "restarted"
        config = LOOKOUT_CONFIG.format(nobody=free_port(), mark=mark)
        watcher = Lookout(self, config, [f"--web.config.file={self.file('web.yml', USERS)}", "--storage.path=data"])
        alertmanager = self.alertmanager(watcher.port)
        written = self.lookout("rules", f"--config.file={watcher.config}")
        fitted = self.file("fitted.rules.yml", written.stdout)
        watcher.get = lambda path, **options: http(watcher.url + path, headers=USER, **options)
        wait_for("probes during the incident", lambda: watcher.value("lookout_probes_total", target="shop", verdict="down") > 3, 10)
        self.assertFalse(mark.exists(), "nobody has asked yet")
        Prometheus(self, PROMETHEUS_CONFIG.format(rules=ROOT / "deploy/prometheus/rules/*.yml", fitted=fitted, lookout=watcher.port,
                                                  alertmanager=alertmanager.port))
        wait_for("the action", mark.exists, 30)
        for target in ("shop", "blog"):
            wait_for(f"a page about {target}", lambda target=target: self.receivers.of(alertname="LookoutTargetDown", target=target), 15)
            self.assertEqual({path for path, _ in self.receivers.of(alertname="LookoutTargetDown", target=target)}, {"/pager"})


if __name__ == "__main__":
    unittest.main()
