"""The story that deploy/demo tells with real programs, once they are installed and built: a service is killed, Lookout notices,
the alert arrives, Lookout starts the service again, the incident closes, and its report tells. Then a drill."""

import argparse
import contextlib
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/e2e"))
from lookout_e2e import LOOKOUT, Alertmanager, Place, Prometheus, free_port, wait_for  # noqa: E402
from pipeline import PASSWORD, USERS, GuardedLookout, Receivers, SupervisedMockoon, alertmanager_config, prometheus_config  # noqa: E402

WARM_UP = 6  # seconds that the service takes to start, which leaves time for the alert
CONFIG = """
modules:
  http_2xx: {{prober: http}}
target_defaults: {{interval: 500ms, timeout: 450ms, failure_threshold: 2, success_threshold: 1}}
targets:
  - name: mockoon
    address: {mockoon}
    severity: critical
    labels: {{team: demo}}
    runbook_url: https://example.org/runbooks/mockoon
    recovery: restart-mockoon
  - {{name: prometheus, address: "http://127.0.0.1:{prometheus}/-/healthy"}}
  - {{name: alertmanager, address: "http://127.0.0.1:{alertmanager}/-/healthy"}}
recovery:
  mode: auto
  actions:
    start-mockoon: {{exec: {{argv: {start}, timeout: 20s}}}}
  plans:
    restart-mockoon:
      steps:
        - {{when: [connect/refused, "request/*", "response/*", "*/timeout"], action: start-mockoon, settle: 30s}}
"""
ALERT = {"alertname": "LookoutTargetDown", "target": "mockoon"}
FIRING = 'ALERTS{alertname="LookoutTargetDown",target="mockoon",alertstate="firing"}'


class Story(Place, contextlib.ExitStack):
    addCleanup = contextlib.ExitStack.callback

    def tell(self, step, text):
        since = f"{time.monotonic() - self.killed:5.1f} s" if self.killed else "       "
        print(f"{since}  {step:<10} {text}", flush=True)

    def run(self):
        self.killed = None
        self.open_place()
        self.everything_runs()
        self.the_service_is_killed()
        self.lookout_notices()
        self.recovery_begins()
        self.the_alert_arrives()
        self.the_service_is_back()
        self.the_alert_is_over()
        self.the_report_tells()
        self.a_drill_passes()
        self.tell("end", "All of it came.")

    def everything_runs(self):
        self.receivers = Receivers(self)
        self.mockoon = SupervisedMockoon(self, free_port(), WARM_UP)
        port, prometheus, alertmanager = free_port(), free_port(), free_port()
        config = self.file("lookout.yml", CONFIG.format(mockoon=self.mockoon.url, prometheus=prometheus, alertmanager=alertmanager,
                                                        start=json.dumps(self.mockoon.start_command)))
        self.file("lookout.password", PASSWORD)
        rules = self.lookout("rules", f"--config.file={config}")
        rules.check_returncode()
        self.file("fitted.rules.yml", rules.stdout)
        self.alertmanager = Alertmanager(self, alertmanager_config(self.receivers.port, port), alertmanager)
        self.prometheus = Prometheus(self, prometheus_config([port], alertmanager, prometheus), prometheus)
        self.watcher = GuardedLookout(self, config.read_text(), [f"--web.config.file={self.file('web.yml', USERS)}",
                                                                 f"--storage.path={self.folder}/data"], port=port)
        self.prometheus.wait_for("sum(lookout_target_up)", 3, 20)
        self.tell("begin", f"Lookout watches Mockoon, Prometheus and Alertmanager: {self.watcher.url} (user demo, password {PASSWORD})")
        self.tell("page", self.headline())

    def the_service_is_killed(self):
        pid = self.mockoon.kill()
        self.killed = time.monotonic()
        self.tell("kill", f"Mockoon, process {pid}, by SIGKILL")

    def lookout_notices(self):
        incident = wait_for("an incident at Lookout", self.newest, 10)
        self.url = f"{self.watcher.url}/incidents/{incident['id']}"
        self.tell("detection", f"Lookout: mockoon is down, {incident['failure']['stage']}/{incident['failure']['cause']}")
        self.tell("page", f"{self.headline()}; {self.url}")

    def recovery_begins(self):
        attempt = wait_for("Lookout to begin a recovery", lambda: (self.newest().get("attempts") or [None])[0], 10)
        self.tell("recovery", f"Lookout begins {attempt['action']}, by the plan {attempt['plan']}")

    def the_alert_arrives(self):
        wait_for("the alert to fire in Prometheus", lambda: self.prometheus.query(FIRING), 15)
        self.tell("alert", "LookoutTargetDown fires in Prometheus")
        notice = wait_for("the alert to arrive at the receiver", lambda: self.receivers.notices("firing", **ALERT), 15)[0]
        self.tell("receiver", f"{notice.receiver} hears: {self.said(notice)}")

    def the_service_is_back(self):
        wait_for("Lookout to see Mockoon up again", lambda: self.watcher.value("lookout_target_up", target="mockoon") == 1, 40)
        self.tell("recovery", "Lookout: mockoon is up")
        wait_for("the incident to close", lambda: not self.newest()["open"], 10)
        incident, ended = self.newest(), self.newest()["ended_by"]
        self.tell("close", f"The incident is over, {ended['text']}; it lasted {incident['duration_seconds']:.1f} s")

    def the_alert_is_over(self):
        wait_for("the alert to end in Prometheus", lambda: not self.prometheus.query(FIRING), 15)
        self.tell("alert", "LookoutTargetDown is over in Prometheus")
        notice = wait_for("the receiver to hear that the alert is over", lambda: self.receivers.notices("resolved", **ALERT), 30)[0]
        self.tell("receiver", f"{notice.receiver} hears: {self.said(notice)}")
        self.tell("page", self.headline())

    def the_report_tells(self):
        incident = self.newest()["id"]
        report = self.lookout("report", incident, f"--url={self.with_password(self.watcher.url)}").stdout
        outcome = re.search(r"\*\*(Recovered after .+?)\*\*", report)
        if not outcome:
            raise AssertionError(f"the report does not tell how it ended:\n{report}")
        self.tell("report", f"{outcome[1]} {report.count(chr(10))} lines: lookout report {incident} --url={self.with_password(self.watcher.url)}")

    def a_drill_passes(self):
        drill = subprocess.Popen(
            [LOOKOUT, "drill", "mockoon", "--duration=3s", f"--url={self.with_password(self.watcher.url)}",
             f"--prometheus.url={self.prometheus.url}", f"--alertmanager.url={self.alertmanager.url}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(lambda: (drill.kill(), drill.wait()))
        for line in drill.stdout:
            self.tell("drill", line.rstrip())
        if drill.wait() != 0:
            raise AssertionError("the drill did not pass")
        notice = wait_for("the drill's alert to arrive at the receiver", lambda: self.receivers.notices("firing", drill="true", **ALERT), 5)[0]
        self.tell("receiver", f"{notice.receiver} heard: {self.said(notice)}")

    def newest(self):
        """The newest incident of Mockoon, whole; nothing as long as there is none."""
        listed = json.loads(self.watcher.get("/api/v1/incidents?target=mockoon").body)["incidents"]
        return json.loads(self.watcher.get(f"/api/v1/incidents/{listed[0]['id']}").body) if listed else None

    def headline(self):
        return re.search("<h1>(.*?)</h1>", self.watcher.get("/").body)[1]

    def said(self, notice):
        shown = [f"{name}={notice.labels[name]}" for name in ("target", "severity", "team", "drill") if name in notice.labels]
        return " ".join([notice.status, notice.labels["alertname"], *shown, f"runbook_url={notice.annotations.get('runbook_url')}"])

    def with_password(self, url):
        return url.replace("://", f"://demo:{PASSWORD}@")

    def stay(self):
        for name, url in {"Lookout": self.watcher.url, "The incident": self.url, "Prometheus": f"{self.prometheus.url}/alerts",
                          "Alertmanager": self.alertmanager.url, "Mockoon": self.mockoon.url}.items():
            print(f"  {name:<14} {url}")
        print(f"User demo, password {PASSWORD}. Ctrl-C ends it all.", flush=True)
        signal.pause()


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(prog="deploy/demo", description=__doc__)
    parser.add_argument("--stay", action="store_true", help="leave everything running for a browser until Ctrl-C")
    arguments = parser.parse_args()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, interrupt)
    told = False
    try:
        with Story() as story:
            try:
                story.run()
                told = True
                if arguments.stay:
                    story.stay()
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                story.end_processes()
                story.show_logs()
                sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        print("demo: ended", file=sys.stderr)
        sys.exit(0 if told else 130)


if __name__ == "__main__":
    main()
