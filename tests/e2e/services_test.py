"""Recovery of services as people run them: two nginx behind a third, a program under a supervisor, a unit of systemd."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
import unittest

from lookout_e2e import PEERS, ROOT, Lookout, Scenario, free_port, http, wait_for

NGINX = """
pid {folder}/{name}.pid; error_log {folder}/{name}.error.log; worker_processes 1; daemon off; master_process on;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/{name}.1; proxy_temp_path {folder}/{name}.2; fastcgi_temp_path {folder}/{name}.3;
  uwsgi_temp_path {folder}/{name}.4; scgi_temp_path {folder}/{name}.5;
  {more}
}}
"""
SERVER = 'server {{ listen 127.0.0.1:{port}; location / {{ return 200 "{name}"; }} }}'
BALANCER = """include {folder}/upstream.conf;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://shop; proxy_connect_timeout 1s; }} }}"""
SWITCH = """#!/bin/sh
set -eu
echo "upstream shop {{ server 127.0.0.1:$1; }}" > {folder}/upstream.new
mv {folder}/upstream.new {folder}/upstream.conf
{nginx} -p {folder} -c {folder}/balancer.conf -s reload 2>&1
echo "the balancer sends to $1"
"""
FAILOVER = """
modules:
  http_2xx: {{prober: http}}
target_defaults: {{interval: 500ms, timeout: 400ms, failure_threshold: 2, success_threshold: 1}}
targets:
  - {{name: shop, address: "{balancer}", severity: critical, recovery: to-standby}}
  - {{name: primary, address: "{primary}"}}
  - {{name: standby, address: "{standby}"}}
recovery:
  mode: auto
  brake: {{down_fraction: 0.9, min_targets: 3}}
  actions:
    to-standby: {{exec: {{argv: ["{switch}", "{standby_port}"], timeout: 10s}}}}
    to-primary: {{exec: {{argv: ["{switch}", "{primary_port}"], timeout: 10s}}}}
  plans:
    to-standby:
      cooldown: 1s
      steps:
        - when: ["response/*", "*/timeout"]
          action: to-standby
          settle: 20s
          fail_back: {{action: to-primary, after: 2s, when_up: primary}}
"""
SUPERVISED = """
modules:
  http_2xx: {{prober: http}}
targets:
  - {{name: shop, address: "{url}", interval: 500ms, timeout: 400ms, failure_threshold: {threshold}, success_threshold: 1,
     recovery: restart-shop}}
recovery:
  mode: auto
  actions:
    restart-shop: {action}
  plans:
    restart-shop: {{steps: [{{action: restart-shop, settle: 30s}}]}}
"""
UNIT = """[Unit]
DefaultDependencies=no
[Service]
ExecStart=/bin/sh {run}
"""
# A user's manager of this machine's systemd; only in a mount namespace of its own was this machine booted with it.
MANAGER = "mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && exec /lib/systemd/systemd --user --unit=shop.service"
RUN = """#!/bin/sh
exec node {mockoon} start --data {data} --hostname 127.0.0.1 --port {port} --disable-log-to-file --disable-admin-api 2>&1
"""


class ServicesTest(Scenario):
    def nginx(self, name, more):
        file = self.file(f"{name}.conf", NGINX.format(folder=self.folder, name=name, more=more))
        return self.start(name, [PEERS / "nginx", "-p", self.folder, "-c", file])

    def incidents(self, watcher, target):
        listed = json.loads(watcher.get("/api/v1/incidents").body)["incidents"]
        return [json.loads(watcher.get(f"/api/v1/incidents/{each['id']}").body) for each in listed if each["target"] == target]

    def test_fails_over_to_a_second_nginx_and_back(self):
        ports = {name: free_port() for name in ("primary", "standby", "balancer")}
        urls = {name: f"http://127.0.0.1:{port}/" for name, port in ports.items()}
        primary = self.nginx("primary", SERVER.format(port=ports["primary"], name="primary"))
        self.nginx("standby", SERVER.format(port=ports["standby"], name="standby"))
        switch = self.script("switch", SWITCH.format(folder=self.folder, nginx=PEERS / "nginx"))
        self.file("upstream.conf", f"upstream shop {{ server 127.0.0.1:{ports['primary']}; }}")
        self.nginx("balancer", BALANCER.format(folder=self.folder, port=ports["balancer"]))
        wait_for("the balancer to serve the primary", lambda: http(urls["balancer"]).body == "primary", 15)
        watcher = Lookout(self, FAILOVER.format(**urls, switch=switch, primary_port=ports["primary"], standby_port=ports["standby"]),
                          [f"--storage.path={self.folder}/data"])
        for target in ("shop", "primary", "standby"):
            watcher.wait_for_value(1, 10, "lookout_target_up", target=target)

        primary.kill()
        wait_for("the standby to serve", lambda: http(urls["balancer"]).body == "standby", 20)
        wait_for("the shop's incident to close", lambda: [each["open"] for each in self.incidents(watcher, "shop")] == [False], 20)
        time.sleep(3)  # longer than `after`: the shop is well, and its primary is not
        self.assertEqual(http(urls["balancer"]).body, "standby")

        self.nginx("primary", SERVER.format(port=ports["primary"], name="primary"))
        wait_for("the primary to serve again", lambda: http(urls["balancer"]).body == "primary", 30)
        wait_for("the way back to be told", lambda: len(self.incidents(watcher, "shop")[0]["attempts"]) == 2, 10)
        incident = self.incidents(watcher, "shop")[0]
        self.assertEqual(incident["ended_by"]["kind"], "action")
        there, back = incident["attempts"]
        self.assertEqual((there["action"], there["failure"], there["state"], there["fail_back"]),
                         ("to-standby", "response/status", "recovered", False))
        self.assertEqual((back["action"], back["fail_back"]), ("to-primary", True))
        self.assertIn(f"the balancer sends to {ports['primary']}", back["output"])
        self.assertEqual(len(self.incidents(watcher, "shop")), 1)

    def supervise(self):
        """A Mockoon under runit's runsv; its address and its service's folder."""
        port = free_port()
        here = ROOT / "tests/e2e"
        self.script("shop/run", RUN.format(mockoon=here / "node_modules/.bin/mockoon-cli", data=here / "mockoon.json", port=port))
        self.start("runsv", [PEERS / "runsv", self.folder / "shop"])
        url = f"http://127.0.0.1:{port}/health"
        wait_for("Mockoon to serve", lambda: http(url).status == 200, 30)
        return url, self.folder / "shop"

    def test_a_unit_of_systemd_that_was_killed_is_restarted(self):
        lock = open("/tmp/lookout-test-systemd.lock", "w")  # tests/net/actions/real_systemd.h
        self.addCleanup(lock.close)
        fcntl.flock(lock, fcntl.LOCK_EX)
        port, here, runtime = free_port(), ROOT / "tests/e2e", self.folder
        run = self.script("run", RUN.format(mockoon=here / "node_modules/.bin/mockoon-cli", data=here / "mockoon.json", port=port))
        self.file("units/shop.service", UNIT.format(run=run))
        environment = {"XDG_RUNTIME_DIR": str(runtime), "SYSTEMD_UNIT_PATH": str(self.folder / "units")}
        self.start("systemd", ["unshare", "--mount", "sh", "-c", MANAGER], environment)
        url = f"http://127.0.0.1:{port}/health"
        wait_for("Mockoon to serve", lambda: http(url).status == 200, 30)
        systemctl = lambda *words: subprocess.run(["systemctl", "--user", *words], env={**os.environ, **environment}, timeout=20,
                                                  capture_output=True, text=True).stdout.strip()
        self.addCleanup(systemctl, "stop", "shop.service")
        action = f"{{systemd: {{restart: shop.service, socket: {runtime}/systemd/private}}}}"
        watcher = Lookout(self, SUPERVISED.format(url=url, threshold=1, action=action), [f"--storage.path={self.folder}/data"])
        watcher.wait_for_value(1, 10, "lookout_target_up", target="shop")
        systemctl("kill", "--signal=KILL", "shop.service")
        wait_for("the incident to close", lambda: [each["open"] for each in self.incidents(watcher, "shop")] == [False], 60)
        [incident] = self.incidents(watcher, "shop")
        self.assertEqual(incident["ended_by"]["kind"], "action")
        self.assertEqual([(each["state"], each["result"]) for each in incident["attempts"]],
                         [("recovered", "job done: shop.service is active (running)")])
        self.assertEqual(systemctl("show", "--value", "-p", "ActiveState", "shop.service"), "active")

    def pid_of(self, service):
        return int((service / "supervise/pid").read_text())

    def force_restart(self, service):
        return f'{{exec: {{argv: ["{PEERS / "sv"}", -w, "3", force-restart, "{service}"], timeout: 20s}}}}'

    def test_a_supervised_service_that_hangs_is_restarted(self):
        url, service = self.supervise()
        watcher = Lookout(self, SUPERVISED.format(url=url, threshold=1, action=self.force_restart(service)), [f"--storage.path={self.folder}/data"])
        watcher.wait_for_value(1, 10, "lookout_target_up", target="shop")
        hanging = self.pid_of(service)
        os.kill(hanging, signal.SIGSTOP)  # its supervisor sees nothing of that
        wait_for("the incident to close", lambda: [each["open"] for each in self.incidents(watcher, "shop")] == [False], 60)
        [incident] = self.incidents(watcher, "shop")
        self.assertEqual(incident["ended_by"]["kind"], "action")
        self.assertEqual([(each["failure"], each["state"]) for each in incident["attempts"]], [("request/timeout", "recovered")])
        self.assertNotEqual(self.pid_of(service), hanging)

    def test_what_its_supervisor_brings_back_is_left_to_it(self):
        url, service = self.supervise()
        watcher = Lookout(self, SUPERVISED.format(url=url, threshold=20, action=self.force_restart(service)), [f"--storage.path={self.folder}/data"])
        watcher.wait_for_value(1, 10, "lookout_target_up", target="shop")
        killed = self.pid_of(service)
        os.kill(killed, signal.SIGKILL)
        wait_for("the supervisor to start another", lambda: self.pid_of(service) != killed, 10)
        revived = self.pid_of(service)
        wait_for("a probe to fail", lambda: watcher.value("lookout_probe_failures_total", target="shop", cause="refused"), 10)
        wait_for("Mockoon to serve", lambda: http(url).status == 200, 10)
        time.sleep(2)
        self.assertEqual(self.incidents(watcher, "shop"), [])
        self.assertEqual(self.pid_of(service), revived)


if __name__ == "__main__":
    unittest.main(verbosity=2)
