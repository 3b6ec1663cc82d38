"""A configuration that changes under a running Lookout."""

import signal
import unittest

from lookout_e2e import Lookout, Scenario, ScriptedService, free_port, wait_for

HEAD = """
target_defaults: {interval: 1s, timeout: 500ms, failure_threshold: 1, success_threshold: 1}
targets:
"""


def target(name, address):
    return f'  - {{name: {name}, address: "{address}"}}\n'


class ReloadTest(Scenario):
    def setUp(self):
        super().setUp()
        self.service = ScriptedService(self)
        self.gone = f"http://127.0.0.1:{free_port()}/"

    def watch(self, *flags):
        """Two targets, judged: `kept` is down with its incident open, `leaving` is up."""
        self.watcher = Lookout(self, HEAD + target("kept", self.gone) + target("leaving", self.service.url), flags)
        self.watcher.wait_for_value(0, 10, "lookout_target_up", target="kept")
        self.watcher.wait_for_value(1, 10, "lookout_target_up", target="leaving")
        self.onset = self.watcher.value("lookout_incident_onset_timestamp_seconds", target="kept")
        self.assertIsNotNone(self.onset)

    def write_next(self):
        self.file("lookout.yml", HEAD + target("kept", self.gone) + target("arriving", self.service.url))

    def wait_for_next(self):
        self.watcher.wait_for_value(1, 10, "lookout_target_up", target="arriving")
        self.check_next()

    def check_next(self):
        names = {each.labels["target"] for each in self.watcher.metrics() if "target" in each.labels}
        self.assertEqual(names, {"kept", "arriving"}, "no series of a target that has left")
        self.assertEqual(self.watcher.value("lookout_target_up", target="kept"), 0)
        self.assertEqual(self.watcher.value("lookout_incidents_total", target="kept"), 1)
        self.assertEqual(self.watcher.value("lookout_incident_onset_timestamp_seconds", target="kept"), self.onset)
        self.assertEqual(self.watcher.value("lookout_config_last_reload_successful"), 1)

    def test_a_signal_reloads(self):
        self.watch()
        self.write_next()
        self.watcher.send(signal.SIGHUP)
        self.wait_for_next()

    def test_a_request_reloads(self):
        self.watch()
        self.write_next()
        self.assertEqual(self.watcher.get("/-/reload").status, 405)
        self.assertIsNotNone(self.watcher.value("lookout_target_up", target="leaving"))
        self.assertEqual(self.watcher.get("/-/reload", method="POST").status, 200)
        self.wait_for_next()

    def test_a_changed_file_reloads_when_asked_to(self):
        self.watch("--config.enable-auto-reload", "--config.auto-reload-interval=1")
        self.write_next()
        self.wait_for_next()

    def test_a_bad_file_changes_nothing(self):
        self.watch()
        self.file("lookout.yml", HEAD + target("kept", self.gone) + "  - {name: broken, adress: x}\n")
        refused = self.watcher.get("/-/reload", method="POST")
        self.assertEqual(refused.status, 500)
        self.assertIn("lookout.yml:5:", refused.body)
        self.assertIn("address", refused.body)
        self.assertEqual(self.watcher.value("lookout_config_last_reload_successful"), 0)
        self.assertEqual(self.watcher.value("lookout_target_up", target="leaving"), 1)
        self.assertEqual(self.watcher.value("lookout_incident_onset_timestamp_seconds", target="kept"), self.onset)
        self.assertEqual(self.watcher.get("/-/ready").status, 200)
        probes = self.watcher.value("lookout_probes_total", target="leaving", verdict="up")
        wait_for("probes to go on", lambda: self.watcher.value("lookout_probes_total", target="leaving", verdict="up") > probes, 5)
        self.write_next()
        self.assertEqual(self.watcher.get("/-/reload", method="POST").status, 200)
        self.wait_for_next()

    def test_target_files_are_read_again_by_themselves(self):
        self.file("targets.d/one.yml", target("from-a-list", self.service.url))
        self.watcher = Lookout(self, HEAD.replace("targets:\n", 'target_files: ["targets.d/*.yml"]\n'))
        self.watcher.wait_for_value(1, 10, "lookout_target_up", target="from-a-list")
        self.file("targets.d/two.yml", f'- targets: ["{self.gone}"]\n  labels: {{team: demo}}\n')
        wait_for("the target of the new file to be down",
                 lambda: any(each.value == 0 for each in self.watcher.samples("lookout_target_up")), 15)
        info = self.watcher.samples("lookout_target_info", address=self.gone)
        self.assertEqual([each.labels["team"] for each in info], ["demo"])
        (self.folder / "targets.d/one.yml").unlink()
        wait_for("the series of the removed file to go",
                 lambda: not self.watcher.samples("lookout_target_up", target="from-a-list"), 15)

    def test_secrets_stay_masked(self):
        watcher = Lookout(self, "modules: {private: {prober: http, http: {basic_auth: {username: me, password: hunter2}}}}\n")
        printed = watcher.get("/config").body
        self.assertIn("private", printed)
        self.assertIn("<secret>", printed)
        self.assertNotIn("hunter2", printed + watcher.output())


if __name__ == "__main__":
    unittest.main()
