"""Every query of every dashboard is asked of a Prometheus that has scraped Lookout through a scripted day, and has data."""
import sys
import time
import unittest

from dashboard_day import Day
from dashboard_pictures import draw
from lookout_e2e import ROOT, Scenario, wait_for

sys.path[:0] = [str(ROOT / "dashboards"), str(ROOT / "tests/lint")]
from checking import load_json  # noqa: E402
from expressions import expressions  # noqa: E402

# Queries that the day has no data for, and why.
WITHOUT_DATA = {
    ("lookout-incidents", "Last drill that succeeded"): "the day has no drill",
    ("lookout-incidents", "Oldest proof"): "the day has no drill",
    ("lookout-target", "annotation Quiet"): "the shop is never in maintenance",
    ("lookout-itself", "annotation Restarts"): "Lookout starts before Prometheus looks",
    ("lookout-itself", "annotation Reloads"): "the configuration is loaded once",
}
ONLY_LOOKOUT = {"Why it failed"}  # of what blackbox_exporter is asked for


class DashboardsTest(Scenario):
    def test_every_query_has_data(self):
        day = Day(self)
        day.live()
        self.every_query_has_data(day, {"target": "shop", "job": "lookout"}, "lookout*.json")
        for job in ("lookout-probe", "blackbox"):
            self.every_query_has_data(day, {"instance": day.shop.url, "job": job}, "blackbox-instance.json")
            self.every_query_has_data(day, {"job": job}, "blackbox-overview.json")

        self.it_can_be_drawn(day)

    def it_can_be_drawn(self, day):
        dashboard, picture, now = load_json(ROOT / "dashboards/lookout-target.json"), self.folder / "target.png", time.time()
        panels = sum(panel["type"] != "row" for panel in dashboard["panels"])
        said = draw(dashboard, day.prometheus, (now - 60, now), {"target": "shop", "job": "lookout"}, picture)
        self.assertEqual(said, f"{picture}: {panels} panels, 0 of them without data\n")
        self.assertEqual(picture.read_bytes()[:4], b"\x89PNG")

    def every_query_has_data(self, day, chosen, files):
        found = sorted((ROOT / "dashboards").glob(files))
        self.assertTrue(found, files)
        for file in found:
            dashboard = load_json(file)
            for each in expressions(dashboard, "5m", "10s", self.chosen(dashboard, chosen)):
                if (file.stem, each["panel"]) in WITHOUT_DATA or (chosen["job"] == "blackbox" and each["panel"] in ONLY_LOOKOUT):
                    continue
                with self.subTest(dashboard=file.stem, panel=each["panel"], query=each["ref"], **chosen):
                    wait_for(f"data for {each['expr']}", lambda each=each: day.prometheus.query(each["expr"]), 5)

    def chosen(self, dashboard, chosen):
        """A variable that takes several keeps its All."""
        one = {variable["name"] for variable in dashboard["templating"]["list"] if not variable.get("includeAll")} | {"job"}
        return {name: value for name, value in chosen.items() if name in one}


if __name__ == "__main__":
    unittest.main()
