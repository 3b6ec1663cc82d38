"""What a real Alertmanager makes of the shipped configuration: which alerts it mutes, whom it notifies of a drill, and recovery
that an alert asks for, from the rules that `lookout rules` writes to the action."""

import json
import unittest

from lookout_e2e import Alertmanager, Prometheus, Scenario, free_port, http, wait_for
from pipeline import PASSWORD, USERS, GuardedLookout, Receivers, alertmanager_config, prometheus_config
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



class AlertmanagerTest(Scenario):
    def setUp(self):
        super().setUp()
        self.receivers = Receivers(self)

    def alertmanager(self, lookout_port=9):
        """With the shipped configuration, but for ports and for the patience with alerts that may come together."""
        self.file("lookout.password", PASSWORD)
        return Alertmanager(self, alertmanager_config(self.receivers.port, lookout_port))

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
                wait_for(f"both at {receiver}", lambda target=severity: len(self.receivers.notices(target=target)) == 2, 15)
                drill, = self.receivers.notices(target=severity, **DRILL)
                self.assertEqual((drill.receiver, drill.group["drill"]), (receiver, "true"))
                self.assertEqual({each.receiver for each in self.receivers.notices(target=severity)}, {receiver})

    def test_an_alert_asks_for_the_recovery_that_waits_for_it(self):
        mark = self.folder / "restarted"
        config = LOOKOUT_CONFIG.format(nobody=free_port(), mark=mark)
        watcher = GuardedLookout(self, config, [f"--web.config.file={self.file('web.yml', USERS)}", "--storage.path=data"])
        alertmanager = self.alertmanager(watcher.port)
        written = self.lookout("rules", f"--config.file={watcher.config}")
        self.file("fitted.rules.yml", written.stdout)
        wait_for("probes during the incident", lambda: watcher.value("lookout_probes_total", target="shop", verdict="down") > 3, 10)
        self.assertFalse(mark.exists(), "nobody has asked yet")
        port = free_port()
        Prometheus(self, prometheus_config([watcher.port], alertmanager.port, port), port)
        wait_for("the action", mark.exists, 30)
        for target in ("shop", "blog"):
            wait_for(f"a page about {target}", lambda target=target: self.receivers.notices(alertname="LookoutTargetDown", target=target), 15)
            self.assertEqual({each.receiver for each in self.receivers.notices(alertname="LookoutTargetDown", target=target)}, {"/pager"})


if __name__ == "__main__":
    unittest.main()
