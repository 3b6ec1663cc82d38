"""Programs that the benchmarks start: what each has cost so far, and its certain end."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_used_ports = set()


class Failed(Exception):
    """A benchmark could not be carried out, or its probes did not succeed."""


def free_port():
    """A port of 127.0.0.1 that nobody listens on, below those that the kernel hands to outgoing connections."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _used_ports:
                _used_ports.add(port)
                return port


def get(port, path, timeout=30, headers=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers or {})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return answer.read()


class Program:
    """One process. `port` is where it listens, if it does."""

    def __init__(self, command, log, port=None):
        self.name = Path(command[0]).name
        self.port = port
        self.log = log
        with open(log, "wb") as out:
            # A session of its own: Ctrl-C reaches us alone, and we end it.
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                            start_new_session=True)

    def cpu_seconds(self):
        """Of all its threads, in user and in kernel mode."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def memory(self, field="VmRSS"):
        """MiB: VmRSS is what it has now, VmHWM the most it ever had."""
        for line in self._proc("status").splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
        raise Failed(f"{self.name} tells no {field}")

    def wait_until_healthy(self, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError):
                get(self.port, "/-/healthy", timeout=5)
                return
            time.sleep(0.001)
        raise Failed(f"{self.name} does not get healthy; it said: {self.said()}")

    def wait_until_listening(self, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return
            time.sleep(0.001)
        raise Failed(f"{self.name} does not listen; it said: {self.said()}")

    def finish(self, seconds=600):
        """Waits for its end and returns what it printed; any exit status is the caller's to judge."""
        self.process.wait(seconds)
        return self.said()

    def said(self):
        return Path(self.log).read_text(errors="replace")[-3000:].strip()

    def end(self):
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is not None:
                return
            self.process.send_signal(signal_number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)

    def _proc(self, name):
        try:
            return Path(f"/proc/{self.process.pid}/{name}").read_text()
        except OSError as error:
            raise Failed(f"{self.name} is gone; it said: {self.said()}") from error


class Programs:
    """Starts programs in a folder, and ends those that still run when its block is left, however that happens."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.running = []
        self.started = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for impatience in (signal.SIGINT, signal.SIGTERM):
            signal.signal(impatience, signal.SIG_IGN)
        while self.running:
            self.running.pop().end()

    def start(self, *command, port=None):
        self.started += 1
        log = self.folder / f"{self.started}-{Path(command[0]).name}.log"
        program = Program([str(word) for word in command], log, port)
        self.running.append(program)
        return program

    def run(self, *command):
        """(exit status, what it printed) of a program that ends by itself."""
        program = self.start(*command)
        said = program.finish()
        self.running.remove(program)
        return program.process.returncode, said

    @contextlib.contextmanager
    def running_for(self, *command, port=None):
        program = self.start(*command, port=port)
        try:
            yield program
        finally:
            program.end()
            self.running.remove(program)
