"""The way from a service to whoever is notified, as deploy/demo and the tests build it: the shipped configurations of Prometheus
and Alertmanager with this place's ports, the receivers behind them, and a Mockoon under a supervisor."""

import base64
import json
import os
import signal
import subprocess
import threading
from typing import NamedTuple

from lookout_e2e import PEERS, ROOT, Lookout, QuietHandler, QuietServer, http, wait_for

PASSWORD = "demo"
USER = {"Authorization": "Basic " + base64.b64encode(f"demo:{PASSWORD}".encode()).decode()}
HASH = "$2b$04$abcdefghijklmnopqrstuukpT6/rAWFFcbBfEblfGqmNEecvFUNVy"
USERS = f"basic_auth_users: {{demo: {HASH}, alertmanager: {HASH}}}\n"
MOCKOON = f"""#!/bin/sh
# Dies with its supervisor; takes its time to start, but for the first time.
exec setpriv --pdeathsig KILL sh -c '[ ! -e started ] || sleep {{warm_up}}; : >started; exec "$@"' sh \\
  node {ROOT}/tests/e2e/node_modules/.bin/mockoon-cli start --data {ROOT}/tests/e2e/mockoon.json \\
  --hostname 127.0.0.1 --port {{port}} --disable-log-to-file --disable-admin-api
"""


def replaced(text, changes):
    for old, new in changes.items():
        if old not in text:
            raise AssertionError(f"no {old!r} in:\n{text}")
        text = text.replace(old, new)
    return text


def alertmanager_config(receivers_port, lookout_port):
    """The shipped one, with less patience, so that nobody has to wait. It wants a file `lookout.password` beside it."""
    return replaced((ROOT / "deploy/alertmanager/alertmanager.yml").read_text(encoding="utf-8"), {
        "127.0.0.1:5001": f"127.0.0.1:{receivers_port}", "127.0.0.1:9115": f"127.0.0.1:{lookout_port}",
        "group_wait: 30s": "group_wait: 1s", "group_wait: 5s": "group_wait: 1s", "group_interval: 30s": "group_interval: 5s"})


def prometheus_config(lookout_ports, alertmanager_port, prometheus_port, labels="{}"):
    """The shipped one with the shipped rules and, if it is there, `fitted.rules.yml` beside it; it looks once a second."""
    users = f"\n    basic_auth: {{username: demo, password: {PASSWORD}}}\n"
    lookouts = [f"127.0.0.1:{port}" for port in lookout_ports]
    return replaced((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"), {
        "- rules/*.yml": f"- {ROOT}/deploy/prometheus/rules/*.yml\n  - fitted.rules.yml",
        "evaluation_interval: 5s": "evaluation_interval: 1s", "scrape_interval: 5s": "scrape_interval: 1s",
        "job_name: lookout\n": "job_name: lookout" + users, "job_name: lookout-probe\n": "job_name: lookout-probe" + users,
        '- targets: ["127.0.0.1:9115"]': f"- targets: {json.dumps(lookouts)}\n        labels: {labels}",
        "replacement: 127.0.0.1:9115": f"replacement: {lookouts[0]}",
        "127.0.0.1:9093": f"127.0.0.1:{alertmanager_port}", "127.0.0.1:9090": f"127.0.0.1:{prometheus_port}"})


class GuardedLookout(Lookout):
    """One that wants a password."""

    def get(self, path, **options):
        return super().get(path, **({"headers": USER} | options))


class Notice(NamedTuple):
    receiver: str
    status: str
    labels: dict
    annotations: dict
    group: dict


class Receivers:
    """All web hooks of the shipped configuration, and what each was told."""

    def __init__(self, scenario):
        receivers = self

        class Handler(QuietHandler):
            def do_POST(self):
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with receivers.lock:
                    receivers.told += [Notice(self.path, alert["status"], alert["labels"], alert["annotations"], told["groupLabels"])
                                       for alert in told["alerts"]]
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.told, self.lock = [], threading.Lock()
        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        scenario.addCleanup(self._server.server_close)
        scenario.addCleanup(self._server.shutdown)

    def notices(self, status=None, **labels):
        with self.lock:
            return [each for each in self.told if labels.items() <= each.labels.items() and status in (None, each.status)]


class SupervisedMockoon:
    """Under runit's runsv, which leaves it alone when it dies and starts it when it is told to: by `start_command`."""

    def __init__(self, place, port, warm_up):
        self.url = f"http://127.0.0.1:{port}/health"
        self._folder = place.script("mockoon/run", MOCKOON.format(port=port, warm_up=warm_up)).parent
        place.file("mockoon/down", "")
        # Newer releases of Prometheus and Alertmanager may be looked for in a folder that has no supervisor.
        programs = PEERS if (PEERS / "runsv").exists() else ROOT / "build/peers/bin"
        self.start_command = [str(programs / "sv"), "once", str(self._folder)]
        place.start("mockoon", [programs / "runsv", self._folder])
        wait_for("the supervisor", (self._folder / "supervise/ok").exists, 5)
        subprocess.run(self.start_command, check=True, capture_output=True)
        wait_for("Mockoon to serve /health", self.serves, 30)

    def serves(self):
        return http(self.url).status == 200

    def kill(self):
        """Ends it by SIGKILL; the process's number."""
        pid = int((self._folder / "supervise/pid").read_text())
        os.kill(pid, signal.SIGKILL)
        return pid
