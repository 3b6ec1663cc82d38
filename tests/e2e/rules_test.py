"""`lookout rules`: what it writes is accepted by Prometheus, and alerts as the configuration says."""

import json
import subprocess
import unittest

from lookout_e2e import PEERS, ROOT, Lookout, Prometheus, Scenario, free_port

CONFIG = r"""
modules: {http_2xx: {prober: http}}
recovery:
  actions: {restart: {exec: {argv: ["true"]}}}
  plans: {by-alert: {trigger: alertmanager, steps: [{action: restart}]}}
targets:
  - name: shop
    address: http://127.0.0.1:1/
    severity: critical
    interval: 20s
    timeout: 5s
    failure_threshold: 4
    labels: {team: demo, instance: "one {{ two"}
    runbook_url: https://example.com/{{shop}}
    depends_on: [gateway]
    recovery: by-alert
  - {name: gateway, address: "http://127.0.0.2:1/", interval: 1m, depends_on: [wire]}
  - {name: wire, address: "http://127.0.0.3:1/", severity: info, failure_threshold: 1}
  - {name: 'a "quoted\name" {{ .Value }}', address: "http://127.0.0.4:1/"}
"""

DRILLED = 'lookout_incident_active{job="lookout", instance="a", target="shop", severity="critical", stage="tls", cause="timeout", drill="true"}'
SHOP = {"target": "shop", "team": "demo", "exported_instance": "one {{ two"}
def series(metric, values, **labels):
    text = ", ".join(f"{name}={json.dumps(value)}" for name, value in labels.items())
    return {"series": f"{metric}{{{text}}}", "values": values}


def alerts(eval_time, selector, *expected):
    """What fires, by its labels alone, whatever it says."""
    return {"eval_time": eval_time, "expr": f"ALERTS{{{selector}, alertstate=\"firing\"}}",
            "exp_samples": [{"labels": "ALERTS{" + ", ".join(f"{name}={json.dumps(value)}" for name, value in each.items()) + "}",
                             "value": 1} for each in expected]}


def firing(alertname, **labels):
    return {"alertname": alertname, "alertstate": "firing"} | labels


def lookout(target, severity, values, suppressed="0x60"):
    return [series("lookout_target_up", values, job="lookout", instance="a", target=target, severity=severity),
            series("lookout_target_suppressed", suppressed, job="lookout", instance="a", target=target),
            series("lookout_target_info", "1x60", job="lookout", instance="a", target=target, severity=severity)]


UP = series("up", "1x60", job="lookout", instance="a")

SHOP_DOWN = {"job": "lookout", "instance": "a", "severity": "critical"} | SHOP
WIRE_FAILED = firing("LookoutProbeFailed", job="sd", instance="http://127.0.0.3:1/", severity="info", target="wire")
SHOP_FAILED = firing("LookoutProbeFailed", job="sd", instance="http://127.0.0.1:1/", severity="critical", **SHOP)
GATEWAY_FAILED = firing("LookoutDependencyDown", job="sd", severity="none", target="shop", dependency="gateway")

TESTS = [{
    "name": "a target that is down has its own labels once, and the rules for all say nothing of it",
    "interval": "15s",
    "input_series": [UP, *lookout("shop", "critical", "1x3 0x10 1x40"), *lookout("stranger", "info", "0x60"),
                     {"series": DRILLED, "values": "_x30 1x4 stale"}],
    "promql_expr_test": [
        alerts("45s", 'alertname="LookoutTargetDown"',
               firing("LookoutTargetDown", job="lookout", instance="a", severity="info", target="stranger")),
        alerts("1m", 'alertname="LookoutTargetDown", target="shop"', firing("LookoutTargetDown", recovery="alertmanager", **SHOP_DOWN)),
        alerts("8m", 'alertname="LookoutTargetDown", target="shop"', firing("LookoutTargetDown", drill="true", **SHOP_DOWN))],
}, {
    "name": "what a target depends on, at any distance, is down",
    "interval": "15s",
    "input_series": [UP, *lookout("shop", "critical", "0x60"), *lookout("gateway", "warning", "1x60"), *lookout("wire", "info", "1x3 0x10 1x40"),
                     series("probe_success", "1x3 0x40", job="sd", instance="http://127.0.0.2:1/", target="gateway", severity="warning")],
    "promql_expr_test": [
        alerts("45s", 'alertname="LookoutDependencyDown"'),
        alerts("2m", 'alertname="LookoutDependencyDown"', GATEWAY_FAILED,
               *(firing("LookoutDependencyDown", job="lookout", instance="a", severity="none", target=target, dependency="wire")
                 for target in ("shop", "gateway"))),
        alerts("4m", 'alertname="LookoutDependencyDown"', GATEWAY_FAILED)],
}, {
    "name": "a target that no Lookout has is missed, and what a Lookout that is away has is not",
    "interval": "15s",
    "input_series": [series("up", "1x30 0x30", job="lookout", instance="a"), *lookout("shop", "critical", "1x60"),
                     *lookout("wire", "info", "1x60")],
    "promql_expr_test": [
        alerts("4m45s", 'alertname="LookoutTargetAbsent"'),
        alerts("5m", 'alertname="LookoutTargetAbsent"', firing("LookoutTargetAbsent", severity="warning", target="gateway"),
               firing("LookoutTargetAbsent", severity="warning", target='a "quoted\\name" {{ .Value }}')),
        alerts("10m", 'alertname="LookoutTargetAbsent"')],
}, {
    "name": "as many failures of /probe as the threshold says",
    "interval": "20s",
    "input_series": [series("probe_success", "1x3 0x10", job="sd", instance="http://127.0.0.1:1/", target="shop", severity="critical"),
                     series("probe_success", "1x3 0x10", job="sd", instance="http://127.0.0.3:1/", target="wire", severity="info")],
    "promql_expr_test": [
        alerts("2m", 'alertname="LookoutProbeFailed"', WIRE_FAILED),
        alerts("2m20s", 'alertname="LookoutProbeFailed"', WIRE_FAILED, SHOP_FAILED)],
}, {
    "name": "a sample is old after four intervals",
    "interval": "20s",
    "input_series": [series("lookout_target_sample_age_seconds", "80x15 90x10", job="lookout", instance="a", target="shop"),
                     series("lookout_target_sample_age_seconds", "90x30", job="lookout", instance="a", target="gateway")],
    "promql_expr_test": [
        alerts("6m", 'alertname="LookoutSamplesStale"'),
        alerts("7m", 'alertname="LookoutSamplesStale"',
               firing("LookoutSamplesStale", job="lookout", instance="a", severity="warning", **SHOP))],
}, {
    "name": "its own runbook",
    "interval": "15s",
    "input_series": [UP, *lookout("shop", "critical", "0x60")],
    "alert_rule_test": [{"eval_time": "1m", "alertname": "LookoutTargetDown", "exp_alerts": [{
        "exp_labels": SHOP_DOWN | {"recovery": "alertmanager"},
        "exp_annotations": {"summary": "A target that Lookout watches is down.", "description": "shop is down, as a sees it.",
                            "runbook_url": "https://example.com/{{shop}}"}}]}],
}]


# As README has it for /probe, with Lookout's own list of targets.
DISCOVERING = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}", "{fitted}"]
scrape_configs:
  - job_name: sd
    metrics_path: /probe
    http_sd_configs: [{{url: "http://{lookout}/api/v1/sd"}}]
    relabel_configs:
      - {{source_labels: [__address__], target_label: __param_target}}
      - {{source_labels: [__param_target], target_label: instance}}
      - {{target_label: __address__, replacement: "{lookout}"}}
"""
NOBODY = """
modules: {{tcp: {{prober: tcp}}}}
target_defaults: {{module: tcp, mode: scrape, failure_threshold: 1}}
targets:
  - {{name: shop, address: "127.0.0.1:{port}", severity: critical, labels: {{team: demo}}}}
  - {{name: blog, address: "127.0.0.1:{port}", severity: info, failure_threshold: 100}}
"""


class RulesTest(Scenario):
    def promtool(self, *arguments):
        ran = subprocess.run([PEERS / "promtool", *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def written(self, config):
        ran = self.lookout("rules", f"--config.file={self.file('lookout.yml', config)}")
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        return self.file("fitted.rules.yml", ran.stdout)

    def test_what_it_writes_alerts_as_the_configuration_says(self):
        rules = self.written(CONFIG)
        self.promtool("check", "rules", "--lint=all", "--lint-fatal", rules)
        # A recording rule of one group leaves out targets in the other.
        test = {"rule_files": [str(rules), str(ROOT / "deploy/prometheus/rules/lookout-down.rules.yml")], "evaluation_interval": "5s",
                "group_eval_order": ["lookout-fitted.rules", "lookout-down.rules"], "tests": TESTS}
        self.promtool("test", "rules", self.file("test.yml", json.dumps(test)))

    def test_targets_of_the_discovery_alert_by_their_thresholds(self):
        watcher = Lookout(self, NOBODY.format(port=free_port()))
        fitted = self.written(watcher.config.read_text())
        prometheus = Prometheus(self, DISCOVERING.format(rules=ROOT / "deploy/prometheus/rules/*.yml", fitted=fitted,
                                                         lookout=f"127.0.0.1:{watcher.port}"))
        down = 'ALERTS{alertname="LookoutProbeFailed",job="sd",target="shop",severity="critical",team="demo",alertstate="firing"}'
        prometheus.wait_for(down, 1, 30)
        prometheus.wait_for('ALERTS{alertname="LookoutProbeFailed",target="blog",severity="info",alertstate="pending"}', 1, 10)
        prometheus.wait_for('count(ALERTS{alertname="LookoutProbeFailed"})', 2, 5)

    def test_without_targets_it_writes_no_rules(self):
        self.promtool("check", "rules", self.written("modules: {http_2xx: {prober: http}}\n"))

    def test_a_bad_configuration_is_told(self):
        ran = self.lookout("rules", f"--config.file={self.file('lookout.yml', 'targets: [{name: shop}]')}")
        self.assertEqual((ran.returncode, ran.stdout), (1, ""))
        self.assertIn("lookout.yml:1:", ran.stderr)


if __name__ == "__main__":
    unittest.main()
