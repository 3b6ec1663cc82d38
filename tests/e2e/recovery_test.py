"""Recovery, with real programs: a service that is killed comes back, whatever else is killed meanwhile; and nothing is done that
should not be."""

import base64
import contextlib
import json
import os
import random
import signal
import subprocess
import threading
import time
import unittest
from collections import Counter

from lookout_e2e import ROOT, Lookout, QuietHandler, QuietServer, Scenario, free_port, http, wait_for

MOCKOON_CONFIG = """
modules:
  http_2xx: {{prober: http}}
targets:
  - {{name: mockoon, address: "{url}", interval: 1s, timeout: 500ms, failure_threshold: 1, success_threshold: 1,
     severity: critical, recovery: restart-mockoon}}
recovery:
  mode: auto
  actions:
    restart-service: {{exec: {{argv: ["{restart}"], timeout: 20s}}}}
  plans:
    restart-mockoon:
      steps:
        - {{when: ["connect/*", "request/*", "response/*"], action: restart-service, attempts: 2, settle: 20s}}
        - {{when: [tls/certificate_expired], action: none, note: a restart never renews a certificate}}
"""
START = """#!/bin/sh
echo "for $LOOKOUT_TARGET, $LOOKOUT_STAGE/$LOOKOUT_CAUSE"
node {mockoon} start --data {data} --hostname 127.0.0.1 --port {port} --disable-log-to-file --disable-admin-api >/dev/null 2>&1 &
echo $! >> {pids}
"""

# An action that leaves its mark, and takes a while.
MARK = """#!/bin/sh
echo "$LOOKOUT_ATTEMPT" >> {marks}
sleep {seconds}
"""
NOBODY = """
modules:
  tcp: {{prober: tcp}}
target_defaults: {{module: tcp, interval: 200ms, timeout: 150ms, failure_threshold: 1, recovery: plan}}
targets: [{targets}]
recovery:
  mode: {mode}
  max_actions_per_hour: {budget}
  breaker: {{after: 1000}}
  {more}
  actions: {{{actions}}}
  plans:
    plan:
      {{max_attempts_per_incident: 1000, max_attempts_per_day: 1000, cooldown: 0s, steps: [{steps}]}}
"""
BUDGET = 12
USER = {"Authorization": "Basic " + base64.b64encode(b"alice:secret").decode()}
USERS = "basic_auth_users: {alice: $2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW}\n"  # "secret"


class LeaseServer:
    """As much of a Kubernetes API server as holds one Lease: a version that changes, and 409 for whoever comes late."""

    def __init__(self, scenario):
        cluster, lock = self, threading.Lock()
        self.lease = None

        class Handler(QuietHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body):
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def fail(self, status):
                self.answer(status, {"kind": "Status", "status": "Failure", "code": status, "message": f"failed with {status}"})

            def take(self, may):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with lock:
                    if not may(body):
                        return self.fail(409)
                    version = int(cluster.lease["metadata"]["resourceVersion"]) + 1 if cluster.lease else 1
                    body["metadata"]["resourceVersion"] = str(version)
                    cluster.lease = body
                    self.answer(200, body)

            def do_GET(self):
                with lock:
                    self.answer(200, cluster.lease) if cluster.lease else self.fail(404)

            def do_POST(self):
                self.take(lambda body: cluster.lease is None)

            def do_PUT(self):
                self.take(lambda body: body["metadata"]["resourceVersion"] == cluster.lease["metadata"]["resourceVersion"])

        server = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        scenario.addCleanup(server.server_close)
        scenario.addCleanup(server.shutdown)


class RecoveryTest(Scenario):
    def watch_nobody(self, count=1, mode="auto", budget=BUDGET, seconds=0, more="", flags=()):
        """Targets that nobody answers for, and an action that only leaves its mark."""
        self.marks = self.folder / "marks"
        script = self.script("mark", MARK.format(marks=self.marks, seconds=seconds))
        port = free_port()
        self.nobody = NOBODY.format(
            targets=", ".join(f'{{name: "t{i}", address: "127.0.0.1:{port}"}}' for i in range(count)), mode=mode, budget=budget,
            actions=", ".join(f'mark{i}: {{exec: {{argv: ["{script}"]}}}}' for i in range(100)),
            steps=", ".join(f"{{action: mark{i}, settle: 0s}}" for i in range(100)), more=more)
        return Lookout(self, self.nobody, [f"--storage.path={self.folder}/data", *flags])

    def marked(self):
        return self.marks.read_text().split() if self.marks.exists() else []

    def test_a_killed_service_is_restarted_and_the_report_says_so(self):
        port, pids = free_port(), self.folder / "pids"
        here = ROOT / "tests/e2e"
        restart = self.script("start", START.format(mockoon=here / "node_modules/.bin/mockoon-cli", data=here / "mockoon.json",
                                                    port=port, pids=pids))
        self.addCleanup(self.end_services, pids)
        self.start("first-start", [restart])
        url = f"http://127.0.0.1:{port}/health"
        wait_for("Mockoon to serve", lambda: http(url).status == 200, 30)
        watcher = Lookout(self, MOCKOON_CONFIG.format(url=url, restart=restart), [f"--storage.path={self.folder}/data"])
        watcher.wait_for_value(1, 10, "lookout_target_up", target="mockoon")

        os.kill(int(pids.read_text()), signal.SIGKILL)
        killed = time.monotonic()
        watcher.wait_for_value(1, 5, "lookout_incident_active", target="mockoon", severity="critical")
        watcher.wait_for_value(0, 60, "lookout_incident_active", target="mockoon", severity="critical")
        print(f"closed {time.monotonic() - killed:.1f} s after the kill", flush=True)
        self.assertLess(time.monotonic() - killed, 60)
        self.assertEqual(http(url).status, 200)

        listed = json.loads(watcher.get("/api/v1/incidents").body)["incidents"]
        self.assertEqual(len(listed), 1)
        incident = json.loads(watcher.get(f"/api/v1/incidents/{listed[0]['id']}").body)
        self.assertEqual(incident["ended_by"]["kind"], "action")
        self.assertEqual([(each["action"], each["state"], each["result"]) for each in incident["attempts"]],
                         [("restart-service", "recovered", "exit status 0")])
        self.assertIn("for mockoon, ", incident["attempts"][0]["output"])
        times = [incident["onset"], incident["detected"], incident["attempts"][0]["started"], incident["recovered"]]
        self.assertEqual(times, sorted(times))
        report = watcher.get(f"/api/v1/incidents/{incident['id']}/report.md").body
        for words in ("## Recovery", "After restart-service", "First action", "restart-service begins", "exit status 0"):
            self.assertIn(words, report)
        watcher.wait_for_value(1, 5, "lookout_recovery_actions_total", target="mockoon", action="restart-service", outcome="recovered")

    def end_services(self, pids):
        for pid in map(int, pids.read_text().split()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def test_killed_at_any_moment_no_action_is_done_twice_or_forgotten(self):
        watcher = self.watch_nobody(seconds=0.3)
        for _ in range(40):
            time.sleep(random.uniform(0, 1.0))  # not for luck: any moment is to do
            watcher.kill()
            if len(self.marked()) >= BUDGET:
                break
            watcher = Lookout(self, self.nobody, [f"--storage.path={self.folder}/data"])
        watcher = Lookout(self, self.nobody, [f"--storage.path={self.folder}/data"])
        wait_for("the budget to be used up", lambda: len(self.attempts(watcher)) == BUDGET, 60)
        wait_for("its refusal", lambda: watcher.value("lookout_recovery_refusals_total", target="t0", gate="budget"), 20)
        marks = self.marked()
        self.assertEqual([mark for mark, times in Counter(marks).items() if times > 1], [], "done twice")
        attempts = {each["id"]: each["state"] for each in json.loads(watcher.get("/api/v1/recovery").body)["attempts"]}
        self.assertEqual([mark for mark in marks if mark not in attempts], [], "forgotten")
        self.assertEqual(len(attempts), BUDGET)
        self.assertLessEqual(len(marks), BUDGET)
        print(f"{len(marks)} of {BUDGET} attempts left their mark: {Counter(attempts.values())}", flush=True)
        self.assertIn("ambiguous", attempts.values(), "it was never killed in the middle of an action")

    def test_a_mass_outage_touches_nothing(self):
        watcher = self.watch_nobody(count=40)
        wait_for("all to be down", lambda: len(watcher.samples("lookout_incident_active", cause="refused")) == 40, 20)
        wait_for("the brake", lambda: len(watcher.samples("lookout_recovery_refusals_total", gate="brake")) == 40, 20)
        time.sleep(2)  # ten further rounds
        self.assertEqual(self.marked(), [])

    def test_an_action_waits_for_a_person(self):
        users = self.file("web.yml", USERS)
        watcher = self.watch_nobody_of_users("approve", users)
        waiting = wait_for("a decision", lambda: self.attempts(watcher, "waiting"), 10)
        name = waiting[0]["id"]
        self.assertEqual(self.marked(), [])
        refused = self.lookout("approve", name, f"--url={watcher.url}")
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("401", refused.stderr)
        with_password = f"--url=http://alice:secret@127.0.0.1:{watcher.port}"
        ran = self.lookout("approve", name, with_password)
        self.assertEqual((ran.returncode, ran.stdout, ran.stderr), (0, f"{name}: begun\n", ""))
        wait_for("its mark", lambda: self.marked() == [name], 10)
        again = self.lookout("approve", name, with_password)
        self.assertEqual(again.returncode, 1)
        self.assertIn("does not wait for approval", again.stderr)
        attempts = self.attempts(watcher)
        self.assertEqual([each["by"] for each in attempts if each["id"] == name], ["alice"])

    def test_an_alert_asks_and_a_mode_is_bounded(self):
        users = self.file("web.yml", USERS)
        watcher = self.watch_nobody_of_users("auto", users)
        wait_for("a first action", self.marked, 10)
        body = json.dumps({"mode": "observe"})
        self.assertEqual(self.post(watcher, "/api/v1/recovery", body, {}).status, 401)
        self.assertEqual(json.loads(self.post(watcher, "/api/v1/recovery", body).body)["mode"], "observe")
        wait_for("an end of actions", lambda: not self.attempts(watcher, "reserved"), 10)
        done = len(self.marked())
        alert = {"version": "4", "status": "firing", "alerts": [
            {"status": "firing", "labels": {"alertname": "ShopDown", "target": "t0"}},
            {"status": "firing", "labels": {"alertname": "ShopDown", "target": "elsewhere"}},
            {"status": "resolved", "labels": {"alertname": "ShopDown", "target": "t0"}}]}
        answer = json.loads(self.post(watcher, "/api/v1/alertmanager", json.dumps(alert)).body)
        self.assertEqual([(each["target"], each["accepted"]) for each in answer["alerts"]], [("t0", True), ("elsewhere", False)])
        watcher.end()
        watcher = Lookout(self, self.nobody, [f"--storage.path={self.folder}/data"])
        wait_for("probes", lambda: watcher.value("lookout_target_up", target="t0") == 0, 10)
        time.sleep(1)  # five further rounds
        self.assertEqual(len(self.marked()), done, "the bound is forgotten by a restart")
        watcher.wait_for_value(1, 5, "lookout_recovery_mode", mode="observe")

    def test_of_two_on_one_host_one_acts(self):
        first = self.watch_nobody(budget=1000, more=f'lock_file: "{self.folder}/lock"')
        wait_for("the first to act", self.marked, 10)
        second = Lookout(self, self.nobody, [f"--storage.path={self.folder}/data-of-the-second"])
        second.wait_for_value(1, 10, "lookout_recovery_refusals_total", target="t0", gate="leader")
        self.assertEqual(self.attempts(second), [])
        first.kill()
        wait_for("the second to act", lambda: self.attempts(second), 10)

    def test_of_two_in_a_cluster_one_acts(self):
        cluster = LeaseServer(self)
        token = self.file("token", "of-the-test")
        lease = f'lease: {{api_server: "{cluster.url}", token_file: "{token}", namespace: demo}}'
        first = self.watch_nobody(budget=1000, more=lease)
        wait_for("the first to act", self.marked, 20)
        second = Lookout(self, self.nobody, [f"--storage.path={self.folder}/data-of-the-second"])
        second.wait_for_value(1, 10, "lookout_recovery_refusals_total", target="t0", gate="leader")
        self.assertEqual(self.attempts(second), [])
        first.end()  # it gives the lease back, so that nobody has to wait until it expires
        wait_for("the second to act", lambda: self.attempts(second), 12)
        self.assertEqual(cluster.lease["spec"]["leaseTransitions"], 1)

    def test_a_file_stops_it(self):
        stop = self.file("data/recovery.stop", "")
        watcher = self.watch_nobody()
        watcher.wait_for_value(1, 10, "lookout_recovery_actions_total", outcome="observed")
        self.assertEqual(self.marked(), [])
        stop.unlink()
        wait_for("an action", self.marked, 10)

    def test_a_person_approves_on_the_page(self):
        watcher = self.watch_nobody_of_users("approve", self.file("web.yml", USERS))
        waiting = wait_for("a decision", lambda: self.attempts(watcher, "waiting"), 10)
        done = subprocess.run(
            ["node", ROOT / "tests/e2e/page_browser.js", "approve", watcher.url, f"/incidents/{waiting[0]['incident']}"],
            cwd=ROOT / "tests/e2e", capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.marked()[0], waiting[0]["id"])

    def watch_nobody_of_users(self, mode, users):
        watcher = self.watch_nobody(mode=mode, flags=[f"--web.config.file={users}"])
        watcher.get = lambda path, **options: http(watcher.url + path, headers=USER, **options)
        return watcher

    def attempts(self, watcher, state=None):
        attempts = json.loads(watcher.get("/api/v1/recovery").body)["attempts"]
        return [each for each in attempts if state in (None, each["state"])]

    def post(self, watcher, path, body, headers=USER):
        return http(watcher.url + path, "POST", {"Content-Type": "application/json", **headers}, body=body)


if __name__ == "__main__":
    unittest.main()
