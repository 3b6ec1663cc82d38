"""`lookout dashboards`: what is shipped, fitted to a configuration."""

import json
import re
import unittest

from lookout_e2e import ROOT, Scenario

CONFIG = """
targets:
  - {name: "shop \\"west\\"", address: "http://127.0.0.1:1/", degraded_above: 120ms}
  - {name: docs, address: "http://127.0.0.1:1/", degraded_above: 1s}
"""


def variable(dashboard, name):
    return next(each for each in dashboard["templating"]["list"] if each["name"] == name)


class DashboardsCommandTest(Scenario):
    def setUp(self):
        super().setUp()
        self.shipped = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in (ROOT / "dashboards").glob("*.json")}
        self.assertGreater(len(self.shipped), 6)

    def written(self, *arguments):
        """What a run writes into a folder that it has to make, by the names of the files."""
        folder = self.folder / "grafana" / "dashboards"
        ran = self.lookout("dashboards", *arguments, folder)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        files = sorted(folder.glob("*"))
        self.assertEqual(ran.stdout.splitlines(), [str(file) for file in files])
        return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}

    def test_without_a_configuration_they_are_as_shipped(self):
        ran = self.lookout("dashboards")
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        self.assertEqual({each["uid"]: each for each in json.loads(ran.stdout)}, self.shipped)
        self.assertEqual(self.written(), self.shipped)

    def test_they_choose_what_the_configuration_says(self):
        config = self.file("lookout.yml", CONFIG)
        found = self.written(f"--config.file={config}", "--web.external-url=https://watch.example.org/lookout/")
        self.assertEqual(found.keys(), self.shipped.keys())
        for name, dashboard in found.items():
            if not name.startswith("blackbox"):
                page = variable(dashboard, "status_page")
                self.assertEqual((page["query"], page["current"]["value"], page["options"][0]["value"]), ("https://watch.example.org/lookout",) * 3)
        self.assertEqual(variable(found["lookout-target"], "target")["current"]["value"], 'shop "west"')
        self.assertEqual(variable(found["lookout"], "target")["current"]["value"], ["$__all"])
        quick = variable(found["lookout-slo"], "quick")
        self.assertEqual(quick["current"]["value"], "1")
        self.assertEqual([each["value"] for each in quick["options"] if each["selected"]], ["1"])
        self.assertEqual(found["lookout-target"]["panels"], self.shipped["lookout-target"]["panels"])

    def test_those_of_several_stand_beside_one_another(self):
        found = self.written("--name=staging")
        self.assertEqual(found.keys(), {f"staging-{name}" for name in self.shipped})
        for name, dashboard in found.items():
            self.assertEqual(dashboard["uid"], name)
            self.assertEqual(dashboard["title"], f"staging: {self.shipped[name.removeprefix('staging-')]['title']}")
            self.assertIn("staging", dashboard["tags"])
            self.assertTrue(all("staging" in link["tags"] for link in dashboard["links"] if link["type"] == "dashboards"))
            self.assertLessEqual(set(re.findall(r"/d/([\w-]+)", json.dumps(dashboard))), found.keys())

    def test_without_targets_there_is_nothing_about_targets(self):
        config = self.file("lookout.yml", "modules: {http_2xx: {prober: http}}\n")
        self.assertEqual(self.written(f"--config.file={config}").keys(), {"blackbox-overview", "blackbox-instance", "lookout-itself"})

    def test_what_is_wrong_is_said(self):
        config = self.file("wrong.yml", "targts: []\n")
        ran = self.lookout("dashboards", f"--config.file={config}")
        self.assertEqual((ran.returncode, ran.stdout), (1, ""))
        self.assertIn("wrong.yml:1:1: ", ran.stderr)
        for name in ("", "9", "a b", "a" * 21):
            ran = self.lookout("dashboards", f"--name={name}")
            self.assertEqual((ran.returncode, ran.stdout), (2, ""), name)
            self.assertIn("--name", ran.stderr)
        taken = self.file("taken", "")
        ran = self.lookout("dashboards", taken / "below")
        self.assertEqual((ran.returncode, ran.stdout), (1, ""))
        self.assertRegex(ran.stderr, "^lookout: error: .*taken")


if __name__ == "__main__":
    unittest.main()
