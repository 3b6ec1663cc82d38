"""What an incident leaves behind: reports in files, over HTTP and on the command line; a feed; thresholds tried on it."""

import json
import unittest
import xml.etree.ElementTree as xml

from lookout_e2e import Lookout, Scenario, ScriptedService, wait_for

CONFIG = """
modules:
  http_2xx: {{prober: http}}
targets:
  - {{name: shop, address: "{url}", interval: 300ms, timeout: 250ms, failure_threshold: 2, success_threshold: 2,
     severity: critical, labels: {{team: sea}}, runbook_url: "https://example.org/shop"}}
"""
ATOM = "{http://www.w3.org/2005/Atom}"


class IncidentsTest(Scenario):
    def setUp(self):
        super().setUp()
        self.service = ScriptedService(self)
        self.data = self.folder / "data"
        self.watcher = Lookout(self, CONFIG.format(url=self.service.url),
                               [f"--storage.path={self.data}", "--web.external-url=http://lookout.example", "--web.route-prefix=/"])

    def listed(self, query=""):
        return json.loads(self.watcher.get("/api/v1/incidents" + query).body)["incidents"]

    def an_incident_that_is_over(self):
        self.watcher.wait_for_value(1, 10, "lookout_target_up", target="shop", severity="critical")
        self.service.fail_next(4)
        wait_for("an incident that has ended", lambda: [each["open"] for each in self.listed()] == [False], 15)
        return self.listed()[0]

    def test_an_incident_is_told_everywhere_alike(self):
        incident = self.an_incident_that_is_over()
        name = incident["id"]
        self.assertEqual((incident["target"], incident["failure"]["cause"]), ("shop", "status"))
        self.assertGreater(incident["duration_seconds"], incident["detection_seconds"])
        self.in_files(name)
        self.on_the_command_line(name)
        self.in_the_feed(name)
        self.thresholds_tried_on_it()
        self.watcher.end()
        ran = self.lookout("report", name, f"--storage.path={self.data}", "--format=json")
        self.assertEqual(json.loads(ran.stdout)["id"], name, "of a journal that nobody writes")

    def in_files(self, name):
        wait_for("the report's files", lambda: len(list(self.data.glob(f"reports/{name}.*"))) == 3, 10)
        markdown = (self.data / f"reports/{name}.md").read_text()
        self.assertIn("**Recovered after ", markdown)
        self.assertIn("`response/status`", markdown)
        self.assertIn("https://example.org/shop", markdown)
        self.assertEqual(json.loads((self.data / f"reports/{name}.json").read_text())["evidence"]["verdict"], "down")
        self.assertEqual(self.watcher.get(f"/api/v1/incidents/{name}/report.md").body, markdown)

    def on_the_command_line(self, name):
        for source in (f"--url={self.watcher.url}", f"--storage.path={self.data}"):
            with self.subTest(source=source):
                table = self.lookout("incidents", source)
                self.assertEqual((table.returncode, table.stderr), (0, ""))
                self.assertRegex(table.stdout, rf"(?m)^ID +TARGET .*\n{name}  shop    critical  .*  response/status$")
                listed = self.lookout("incidents", source, "--json", "--since=1h")
                self.assertEqual([each["id"] for each in json.loads(listed.stdout)["incidents"]], [name])
                for form, begin in (("md", "# Incident"), ("json", "{"), ("html", "<!DOCTYPE html>")):
                    report = self.lookout("report", name, f"--format={form}", source)
                    self.assertEqual((report.returncode, report.stderr), (0, ""))
                    self.assertTrue(report.stdout.startswith(begin), report.stdout[:80])

    def in_the_feed(self, name):
        feed = xml.fromstring(self.watcher.get("/incidents.atom").body)
        entries = feed.findall(f"{ATOM}entry")
        self.assertEqual(len(entries), 1)
        for element in (feed, entries[0]):
            for needed in ("id", "title", "updated"):
                self.assertTrue(element.findtext(f"{ATOM}{needed}"), needed)
        self.assertEqual(entries[0].find(f"{ATOM}link").get("href"), f"http://lookout.example/incidents/{name}")

    def thresholds_tried_on_it(self):
        self.watcher.end()  # writes what it has gathered
        ran = self.lookout("backtest", f"--storage.path={self.data}", f"--config.file={self.watcher.config}",
                           "--failure-threshold=40", "--target=shop")
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        self.assertRegex(ran.stdout, r"(?m)^shop +2/2 configured +\d+ +1 ")
        self.assertRegex(ran.stdout, r"(?m)^shop +40/2 given +\d+ +0 ")

    def test_mistakes_are_told(self):
        known = f"--storage.path={self.data}"
        for arguments, said in ((["incidents", "--since=soon"], '--since: "soon" is no duration above zero'),
                                (["incidents", known, "--url=http://127.0.0.1:1"], "excludes"),
                                (["report", known], "ID"),
                                (["report", "../x", known], "is no incident's id"),
                                (["report", "20200101-000000-00000000", "--format=pdf"], "pdf"),
                                (["backtest", "--failure-threshold=0"], "0"),
                                (["backtest", "--brief=-1s"], "--brief")):
            with self.subTest(arguments=arguments):
                ran = self.lookout(*arguments)
                self.assertEqual((ran.returncode, ran.stdout), (2, ""), ran.stderr)
                self.assertIn(said, ran.stderr)
        wait_for("the target in the journal", lambda: self.lookout("backtest", known, "--target=shopp").returncode == 2, 10)
        for arguments, said in ((["incidents", "--url=http://127.0.0.1:1"], "refused"),
                                (["incidents", "--storage.path=nowhere"], "nowhere/journal.db: there is no journal"),
                                (["report", "20200101-000000-00000000", known], "there is no incident 20200101"),
                                (["report", "20200101-000000-00000000", f"--url={self.watcher.url}"], "there is no incident")):
            with self.subTest(arguments=arguments):
                ran = self.lookout(*arguments)
                self.assertEqual((ran.returncode, ran.stdout), (1, ""), ran.stderr)
                self.assertIn(said, ran.stderr)


if __name__ == "__main__":
    unittest.main()
