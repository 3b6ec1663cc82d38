"""What the end-to-end tests share: real processes on free ports, conditions awaited with a limit, logs shown on failure.

Nothing here sleeps for luck: a test waits for something that it can see, and says what it saw last when it did not come.
Every process is ended by its own id when its test ends, however that ends.
"""

import contextlib
import ctypes
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LOOKOUT = os.environ.get("LOOKOUT", str(ROOT / "build/release/exporter/lookout"))
PEERS = Path(os.environ.get("LOOKOUT_PEERS", ROOT / "build/peers")) / "bin"

LOG_LINES = 40
_used_ports = set()


def free_port():
    """A port of 127.0.0.1 that nobody listens on, below those that the kernel hands to outgoing connections."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                if port not in _used_ports:
                    _used_ports.add(port)
                    return port


def wait_for(what, condition, seconds):
    """Returns the first truthy value of condition(); an exception of the network counts as not yet."""
    end = time.monotonic() + seconds
    while True:
        try:
            seen = condition()
            if seen:
                return seen
        except OSError as error:
            seen = error
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s for: {what}; seen last: {seen!r}")
        time.sleep(0.05)


class Response(NamedTuple):
    status: int
    headers: dict
    body: str


def http(url, method="GET", headers=None, timeout=10, body=None):
    request = urllib.request.Request(url, body.encode() if body is not None else None, headers or {}, method=method)
    try:
        answer = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return Response(answer.status, dict(answer.headers), answer.read().decode())


class Sample(NamedTuple):
    name: str
    labels: dict
    value: float


_LINE = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')


def parse_metrics(text):
    samples = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if not match:
            raise AssertionError(f"not a line of a text exposition: {line!r}")
        samples.append(Sample(match["name"], dict(_LABEL.findall(match["labels"] or "")), float(match["value"])))
    return samples


def pick(samples, name, **labels):
    return [each for each in samples if each.name == name and labels.items() <= each.labels.items()]


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: a test that ctest kills leaves nothing behind


class Process:
    """A program in its own session, its output in a file."""

    def __init__(self, name, argv, folder, environment=None, descriptors=()):
        self.name = name
        self.log = Path(folder) / f"{name}.log"
        with open(self.log, "ab") as output:
            self._process = subprocess.Popen(
                [str(word) for word in argv], cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, **(environment or {})}, start_new_session=True, preexec_fn=_die_with_parent, pass_fds=descriptors)
        self.pid = self._process.pid

    def running(self):
        return self._process.poll() is None

    def send(self, signal_number):
        self._process.send_signal(signal_number)

    def wait(self, seconds):
        """The exit code; negative for a signal."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} had not ended after {seconds:g} s") from None

    def end(self, signal_number=signal.SIGTERM, seconds=10):
        if self.running():
            self.send(signal_number)
        try:
            return self.wait(seconds)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)  # it, if it would not end, and what it started itself
            self._process.wait()

    def kill(self):
        self.end(signal.SIGKILL)

    def output(self):
        return self.log.read_text(errors="replace")


class Lookout(Process):
    def __init__(self, scenario, config=None, flags=(), launcher=(), port=None):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        argv = [*launcher, LOOKOUT, f"--web.listen-address=127.0.0.1:{self.port}", *flags]
        if config is not None:
            self.config = scenario.file("lookout.yml", config)
            argv.append(f"--config.file={self.config}")
        super().__init__("lookout", argv, scenario.folder)
        scenario.own(self)
        wait_for("Lookout to be ready", self._ready, 15)

    def _ready(self):
        if not self.running():
            raise AssertionError(f"lookout ended with {self.wait(0)}:\n{self.output()}")
        return self.get("/-/ready").status in (200, 401)

    def get(self, path, **options):
        return http(self.url + path, **options)

    def metrics(self):
        return parse_metrics(self.get("/metrics").body)

    def samples(self, name, **labels):
        return pick(self.metrics(), name, **labels)

    def value(self, name, **labels):
        """The value of the only sample that fits; None if there is none."""
        found = self.samples(name, **labels)
        if len(found) > 1:
            raise AssertionError(f"{name}{labels} is ambiguous: {found}")
        return found[0].value if found else None

    def wait_for_value(self, expected, seconds, name, **labels):
        try:
            wait_for(f"{name}{labels} == {expected}", lambda: self.value(name, **labels) == expected, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {self.value(name, **labels)}") from None


class Prometheus(Process):
    def __init__(self, scenario, config, port=None, flags=()):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        file = scenario.file("prometheus.yml", config)
        super().__init__("prometheus", [
            PEERS / "prometheus", f"--config.file={file}", f"--storage.tsdb.path={scenario.folder}/prometheus-data",
            f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn", *flags], scenario.folder)
        scenario.own(self)
        wait_for("Prometheus to be ready", lambda: http(self.url + "/-/ready").status == 200, 30)

    def query(self, expression):
        """The instant vector as samples, or a scalar as one sample without labels."""
        answer = http(f"{self.url}/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        if answer.status != 200:
            raise AssertionError(f"Prometheus refuses {expression}: {answer.body}")
        data = json.loads(answer.body)["data"]
        if data["resultType"] == "scalar":
            return [Sample("", {}, float(data["result"][1]))]
        return [Sample(each["metric"].get("__name__", ""), each["metric"], float(each["value"][1])) for each in data["result"]]

    def wait_for(self, expression, value, seconds):
        """Until the expression gives exactly one sample of that value."""
        try:
            wait_for(f"{expression} to be {value} in Prometheus",
                     lambda: [each.value for each in self.query(expression)] == [value], seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; it gives {self.query(expression)}") from None


class Alertmanager(Process):
    """Debian's, which takes its templates from one place only; nothing is installed, so that a copy is told another."""
    TEMPLATES = b"/usr/share/prometheus/alertmanager"

    def __init__(self, scenario, config, port=None):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        folder = tempfile.mkdtemp(prefix="am-", dir="/tmp")
        scenario.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        program = Path(folder) / "alertmanager"
        templates = PEERS.resolve().parent / "root" / self.TEMPLATES.decode().lstrip("/")
        (Path(folder) / "default.tmpl").symlink_to(templates / "default.tmpl")
        (Path(folder) / "email.tmpl").symlink_to(templates / "email.tmpl")
        there = folder.encode().ljust(len(self.TEMPLATES), b"/")
        if len(there) != len(self.TEMPLATES):
            raise AssertionError(f"{folder} is too long to stand in place of {self.TEMPLATES}")
        program.write_bytes((PEERS / "alertmanager").read_bytes().replace(self.TEMPLATES, there))
        program.chmod(0o755)
        file = scenario.file("alertmanager.yml", config)
        super().__init__("alertmanager", [
            program, f"--config.file={file}", f"--storage.path={scenario.folder}/alertmanager-data",
            f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address=", "--log.level=warn"], scenario.folder)
        scenario.own(self)
        wait_for("Alertmanager to be ready", lambda: http(self.url + "/-/ready").status == 200, 30)


class QuietHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass


class QuietServer(ThreadingHTTPServer):
    request_queue_size = 1024

    def handle_error(self, *_):  # a probe that gave up, or a test that has ended
        pass


class ScriptedService:
    """An HTTP service on 127.0.0.1 that answers 200, except to as many of the next requests as fail_next() says. With `tls`, a
    context of ssl, it speaks https; it takes `delay` seconds over each answer."""

    def __init__(self, scenario, tls=None, delay=0):
        service = self

        class Handler(QuietHandler):
            def do_GET(self):
                service.flowing.wait()
                time.sleep(delay)
                status = service.take_status()
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

        self.flowing = threading.Event()
        self.flowing.set()
        self.requests = 0
        self._failures = 0
        self._lock = threading.Lock()
        self._server = QuietServer(("127.0.0.1", 0), Handler)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        scenario.addCleanup(self._server.server_close)
        scenario.addCleanup(self._server.shutdown)
        scenario.addCleanup(self.flowing.set)

    def take_status(self):
        with self._lock:
            self.requests += 1
            failing = self._failures > 0
            self._failures -= failing
            return 503 if failing else 200

    def stall(self, stalled):
        """Takes requests, and answers them when it is told to go on."""
        (self.flowing.clear if stalled else self.flowing.set)()

    def fail_next(self, requests):
        with self._lock:
            self._failures = requests


class Place:
    """A folder, and processes that are started in it and end with it. Whoever is one has addCleanup()."""

    def open_place(self):
        self.folder = Path(tempfile.mkdtemp(prefix="lookout-e2e-"))
        self._processes = []
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.addCleanup(self.end_processes)

    def own(self, process):
        self._processes.append(process)
        return process

    def start(self, name, argv, environment=None, descriptors=()):
        return self.own(Process(name, argv, self.folder, environment, descriptors))

    def file(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".new")
        beside.write_text(text)
        beside.rename(path)  # nobody ever reads half of it
        return path

    def script(self, name, text):
        path = self.file(name, text)
        path.chmod(0o755)
        return path

    def lookout(self, *arguments, timeout=30):
        """One run of the binary to its end."""
        return subprocess.run([LOOKOUT, *map(str, arguments)], cwd=self.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=timeout)

    def end_processes(self):
        for process in reversed(self._processes):
            with contextlib.suppress(AssertionError):
                process.end()

    def show_logs(self):
        for name, process in {each.name: each for each in self._processes}.items():
            lines = process.output().splitlines()[-LOG_LINES:]
            print(f"--- the last lines of {name}, which ended with {process.wait(0)}", *lines, sep="\n", flush=True)


class Scenario(Place, unittest.TestCase):
    """A test with a folder of its own, whose processes end with it and whose logs are shown when it fails."""

    def setUp(self):
        self.open_place()

    def run(self, result=None):
        self._result = result
        self._faults_before = len(result.failures) + len(result.errors)
        return super().run(result)

    def end_processes(self):
        super().end_processes()
        if len(self._result.failures) + len(self._result.errors) > self._faults_before:
            self.show_logs()
