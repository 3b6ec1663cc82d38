"""From two Lookouts that vote to whoever is notified, with real programs and the shipped rules and configurations: one that sees a
target down is not enough, and a Prometheus that is killed on the way alerts once all the same."""

import re
import subprocess
import unittest
from types import SimpleNamespace

from lookout_e2e import Alertmanager, Lookout, Prometheus, Scenario, free_port, http, wait_for
from pipeline import PASSWORD, Receivers, SupervisedMockoon, alertmanager_config, prometheus_config

VOTER = """
modules: {{http_2xx: {{prober: http}}}}
target_defaults: {{interval: 500ms, timeout: 450ms, failure_threshold: 2, success_threshold: 1}}
targets: [{{name: mockoon, address: "{address}", severity: critical}}]
"""
QUORUM = {"alertname": "LookoutTargetDownByQuorum", "job": "lookout", "quorum": "world", "target": "mockoon", "severity": "critical"}


class QuorumTest(Scenario):
    def setUp(self):
        super().setUp()
        self.receivers = Receivers(self)
        self.mockoon = SupervisedMockoon(self, free_port(), warm_up=0)
        self.sees_it = self.voter("sees-it", self.mockoon.url)
        self.cut_off = self.voter("cut-off", f"http://127.0.0.1:{free_port()}/health")
        self.file("lookout.password", PASSWORD)
        self.alertmanager = Alertmanager(self, alertmanager_config(self.receivers.port, self.sees_it.port))
        self.port = free_port()
        self.start_prometheus()

    def voter(self, name, address):
        place = SimpleNamespace(folder=self.folder / name, own=self.own, file=lambda file, text: self.file(f"{name}/{file}", text))
        return Lookout(place, VOTER.format(address=address), [f"--storage.path={self.folder}/{name}/data", f"--checkpoint={name}"])

    def start_prometheus(self):
        """An alert that fires in a Prometheus's first seconds, when it knows no Alertmanager yet, is sent when it is due again."""
        config = prometheus_config([self.sees_it.port, self.cut_off.port], self.alertmanager.port, self.port, "{quorum: world}")
        self.prometheus = Prometheus(self, config, self.port, ["--rules.alert.resend-delay=2s"])

    def restart_prometheus(self):
        self.prometheus.kill()
        self.start_prometheus()

    def received(self):
        """How many firing alerts Alertmanager has been sent; the same one several times."""
        return sum(float(value) for value in re.findall(r'(?m)^alertmanager_alerts_received_total\{status="firing".*\} (\S+)$',
                                                        http(self.alertmanager.url + "/metrics").body))

    def test_two_must_see_it_and_a_killed_prometheus_alerts_once(self):
        self.prometheus.wait_for('quorum_target:lookout_target_down:count{target="mockoon"}', 1, 20)
        self.prometheus.wait_for("quorum:up:majority", 2, 10)
        self.prometheus.wait_for('lookout_checkpoint_up{target="mockoon", checkpoint="cut-off"}', 0, 10)
        self.prometheus.wait_for('count_over_time(quorum_target:lookout_target_down:count{target="mockoon"}[1m]) > bool 3', 1, 10)
        self.assertEqual(self.prometheus.query('ALERTS{alertname=~"LookoutTargetDown.*"}'), [], "one of two is not most of them")

        self.mockoon.kill()
        self.sees_it.wait_for_value(0, 5, "lookout_target_up", target="mockoon")
        self.restart_prometheus()
        notice = wait_for("the page", lambda: self.receivers.notices("firing", **QUORUM), 30)[0]
        self.assertEqual((notice.receiver, notice.labels), ("/pager", QUORUM))
        self.assertTrue(notice.annotations["runbook_url"].endswith("runbooks.md#lookouttargetdownbyquorum"), notice.annotations)

        heard = self.received()
        self.restart_prometheus()
        wait_for("the alert to be sent again", lambda: self.received() > heard, 20)

        subprocess.run(self.mockoon.start_command, check=True, capture_output=True)
        wait_for("its end to be told", lambda: self.receivers.notices("resolved", **QUORUM), 40)
        pages = [(each.status, each.labels["alertname"]) for each in self.receivers.told if each.receiver == "/pager"]
        self.assertEqual(pages, [("firing", QUORUM["alertname"]), ("resolved", QUORUM["alertname"])])


if __name__ == "__main__":
    unittest.main()
