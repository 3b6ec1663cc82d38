"""The two programs that are compared, and one request to one of them."""

import http.client
import os
import re
import socket
import ssl
import subprocess
import urllib.parse

import yaml
from comparing import Answer, Difference
from lookout_e2e import LOOKOUT, PEERS, Process, free_port, wait_for
from lookout_e2e import http as fetch

BLACKBOX = os.environ.get("BLACKBOX_EXPORTER", str(PEERS / "blackbox_exporter"))
SCRAPE_TIMEOUT = "10"


def peer_version():
    said = subprocess.run([BLACKBOX, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"version (\d+\.\d+)\.", said.stdout + said.stderr)
    if not found:
        raise SystemExit(f"{BLACKBOX} tells no version: {said.stdout}{said.stderr}")
    return tuple(map(int, found[1].split(".")))


def checks(program, path, folder):
    """Whether it takes a configuration file, and what it said."""
    done = subprocess.run([program, "--config.check", f"--config.file={path}"], cwd=folder, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=30)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


class Exporter(Process):
    def __init__(self, name, program, modules_file, folder, flags=(), awaits_health=True):
        self.port = free_port()
        # No proxies but those that cases name, and no name of the environment's in what is sent.
        bare = {each: "" for each in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY")}
        super().__init__(name, [program, f"--config.file={modules_file}", f"--web.listen-address=127.0.0.1:{self.port}", *flags],
                         folder, bare)
        if awaits_health:
            wait_for(f"{name} to be healthy", self._healthy, 15)
        else:
            wait_for(f"{name} to listen or to end", self._decided, 15)

    def _decided(self):
        """It listens, for whomever, or has ended."""
        with socket.socket() as visitor:
            return not self.running() or visitor.connect_ex(("127.0.0.1", self.port)) == 0

    def _healthy(self):
        if not self.running():
            raise AssertionError(f"{self.name} ended with {self.wait(0)}:\n{self.output()}")
        return fetch(f"http://127.0.0.1:{self.port}/-/healthy").status == 200

    def ask(self, path, method="GET", headers=None, body=None, tls=None):
        """tls: the context of a client that speaks it."""
        connection = (http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=tls) if tls else
                      http.client.HTTPConnection("127.0.0.1", self.port, timeout=60))
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers.get("Content-Type", ""), answer.read().decode("utf-8", "replace"),
                          headers=tuple(answer.headers.items()))
        except (http.client.HTTPException, ConnectionError, ssl.SSLError):
            return Answer(None, "", "")
        finally:
            connection.close()

    def probe(self, module, target, parameters):
        query = urllib.parse.urlencode({"module": module, "target": target, **parameters})
        return self.ask(f"/probe?{query}", headers={"X-Prometheus-Scrape-Timeout-Seconds": SCRAPE_TIMEOUT})


def refused_modules(ground, modules):
    """(name, differences) of those that not both programs load; each alone, because one spoils a file."""
    path = ground.folder / "one_module.yml"
    for name in modules:
        path.write_text(yaml.safe_dump({"modules": {name: modules[name]}}, width=1000))
        ours, theirs = (checks(program, path, ground.folder) for program in (LOOKOUT, BLACKBOX))
        if not ours[0] or not theirs[0]:
            says = [f"refused: {words.strip().splitlines()[0]}" if not taken else "loads" for taken, words in (ours, theirs)]
            yield name, [Difference(f"module: {says[0]} / {says[1]}".replace(str(path), "FILE"))]


def start_with(folder, modules, flags=(), awaits_health=True):
    """(Lookout, the peer), with the same modules."""
    path = folder / "modules.yml"
    path.write_text(yaml.safe_dump({"modules": modules}, sort_keys=False, width=1000))
    return tuple(Exporter(name, program, path, folder, flags, awaits_health) for name, program in (("lookout", LOOKOUT), ("blackbox_exporter", BLACKBOX)))


def load_alike(ground, modules):
    """Whether both load all of them."""
    path = ground.folder / "all_modules.yml"
    path.write_text(yaml.safe_dump({"modules": modules}, width=1000))
    return all(checks(program, path, ground.folder)[0] for program in (LOOKOUT, BLACKBOX))
