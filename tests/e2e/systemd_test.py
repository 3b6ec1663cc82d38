"""Lookout as a service of systemd: what it tells, and sockets that it is handed."""

import contextlib
import http.client
import re
import signal
import socket
import unittest

from lookout_e2e import LOOKOUT, Scenario, free_port, http as ask, wait_for


class Notifications:
    """The socket that systemd listens on."""

    def __init__(self, scenario):
        self.path = str(scenario.folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._socket.settimeout(15)
        scenario.addCleanup(self._socket.close)

    def next(self, beside=()):
        """The next one that is not among `beside`."""
        while True:
            text = self._socket.recv(4096).decode()
            if text not in beside:
                return text


class SystemdTest(Scenario):
    def test_it_tells_what_it_does(self):
        told = Notifications(self)
        config = self.file("lookout.yml", "modules: {m: {prober: tcp}}\n")
        service = self.start("lookout", [LOOKOUT, f"--web.listen-address=127.0.0.1:{free_port()}", f"--config.file={config}"],
                             {"NOTIFY_SOCKET": told.path})
        self.assertEqual(told.next(), "READY=1")
        service.send(signal.SIGHUP)
        self.assertRegex(told.next(), r"^RELOADING=1\nMONOTONIC_USEC=\d+$")
        self.assertEqual(told.next(), "READY=1")
        service.send(signal.SIGTERM)
        self.assertEqual(told.next(), "STOPPING=1")
        self.assertEqual(service.wait(10), 0)

    def test_it_feeds_the_watchdog(self):
        told = Notifications(self)
        service = self.start("lookout", [LOOKOUT, f"--web.listen-address=127.0.0.1:{free_port()}"],
                             {"NOTIFY_SOCKET": told.path, "WATCHDOG_USEC": "200000"})
        for _ in range(3):
            self.assertEqual(told.next(beside=("READY=1",)), "WATCHDOG=1")
        service.send(signal.SIGSTOP)
        with contextlib.suppress(socket.timeout):
            told._socket.settimeout(1)
            for _ in range(20):
                self.assertIn(told.next(), ("READY=1", "WATCHDOG=1"))
            self.fail("a process that stands still goes on feeding its watchdog")
        service.send(signal.SIGCONT)

    def serve(self, listeners):
        """Hands the sockets over as systemd does: as descriptors from 3 on, named by number and process."""
        numbers = [each.fileno() for each in listeners]
        redirections = " ".join(f"{3 + i}<&{number}" for i, number in enumerate(numbers))
        script = f'export LISTEN_PID=$$ LISTEN_FDS={len(numbers)}; exec "$0" --web.systemd-socket {redirections}'
        return self.start("lookout", ["bash", "-c", script, LOOKOUT], descriptors=numbers)

    def test_it_serves_on_sockets_that_it_is_handed(self):
        tcp = socket.create_server(("127.0.0.1", 0))
        path = str(self.folder / "lookout.sock")
        local = socket.socket(socket.AF_UNIX)
        local.bind(path)
        local.listen()
        self.addCleanup(tcp.close)
        self.addCleanup(local.close)
        service = self.serve([tcp, local])
        url = f"http://127.0.0.1:{tcp.getsockname()[1]}"
        wait_for("an answer", lambda: ask(url + "/-/healthy").status == 200, 15)
        connection = http.client.HTTPConnection("local")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(path)
        connection.request("GET", "/-/healthy")
        self.assertEqual(connection.getresponse().read(), b"Healthy")
        connection.close()
        self.assertIn(f"address=unix:{path}", re.sub('"', "", service.output()))

    def test_it_says_when_it_is_handed_nothing(self):
        ran = self.lookout("--web.systemd-socket")
        self.assertEqual(ran.returncode, 1)
        self.assertIn("systemd passed no socket", ran.stderr)


if __name__ == "__main__":
    unittest.main()
