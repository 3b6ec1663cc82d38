#!/usr/bin/env python3
"""Pictures of the dashboards with the data of a scripted day, for whoever changes them and has no Grafana at hand.

    dashboard_pictures.py FOLDER [LENGTH]     LENGTH: how many seconds each part of the day takes (default 20)
"""
import json
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
from pathlib import Path

from dashboard_day import Day
from lookout_e2e import ROOT, Scenario, http

sys.path[:0] = [str(ROOT / "dashboards")]
from expressions import panels, substitute, variables  # noqa: E402

HERE = Path(__file__).resolve().parent
RATE_INTERVAL = "10s"


def step(between):
    return max(1, (between[1] - between[0]) / 200)


def ask(prometheus, expression, between, instant):
    """The result of a query as Prometheus puts it: at the end of the time, or 200 times on the way."""
    begin, end = between
    span = {"time": end} if instant else {"start": begin, "end": end, "step": step(between)}
    answer = http(f"{prometheus.url}/api/v1/{'query' if instant else 'query_range'}?" + urllib.parse.urlencode({"query": expression, **span}))
    data = json.loads(answer.body)["data"]
    return [{"metric": {}, "value": data["result"]}] if data["resultType"] == "scalar" else data["result"]


def filled(dashboard, prometheus, between, chosen):
    """The dashboard with the answers to its queries, as dashboard_page.js takes it."""
    values = variables(dashboard, f"{int(between[1] - between[0])}s", RATE_INTERVAL, chosen)
    answers = {panel["id"]: {each["refId"]: ask(prometheus, substitute(each["expr"], values), between, each["instant"]) for each in panel["targets"]}
               for panel in panels(dashboard)}
    annotations = [{"colour": each["iconColor"], "times": [float(time) for one in ask(prometheus, substitute(each["expr"], values), between, False)
                                                           for time, _ in one["values"]]}
                   for each in dashboard["annotations"]["list"] if "expr" in each]
    return {"dashboard": dashboard, "answers": answers, "annotations": annotations, "variables": chosen, "from": between[0], "to": between[1],
            "step": step(between)}


def draw(dashboard, prometheus, between, chosen, picture):
    """Returns what the drawing program says of it."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(filled(dashboard, prometheus, between, chosen), file)
        file.flush()
        done = subprocess.run(["node", HERE / "dashboard_page.js", file.name, picture], cwd=HERE, capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise AssertionError(done.stdout + done.stderr)
    return done.stdout


class Pictures(Scenario):
    def runTest(self):
        begin = time.time()
        day = Day(self)
        day.live(good=self.length, bad=self.length)
        self.pictures.mkdir(parents=True, exist_ok=True)
        for file in sorted((ROOT / "dashboards").glob("*.json")):
            chosen = {"job": "lookout", "target": "shop"} if file.stem == "lookout-target" else {"job": "lookout"}
            if file.stem.startswith("blackbox"):
                chosen = {"job": "lookout-probe|blackbox"} | ({"instance": day.shop.url} if file.stem == "blackbox-instance" else {})
            print(draw(json.loads(file.read_text(encoding="utf-8")), day.prometheus, (begin, time.time()), chosen, self.pictures / f"{file.stem}.png"), end="", flush=True)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    Pictures.pictures = Path(sys.argv[1]).resolve()
    Pictures.length = float(sys.argv[2]) if len(sys.argv) == 3 else 20
    sys.exit(not unittest.TextTestRunner().run(unittest.TestSuite([Pictures()])).wasSuccessful())
