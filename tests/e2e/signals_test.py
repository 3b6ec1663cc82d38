"""How Lookout stops: it drains what is under way and exits with 0."""

import signal
import socket
import threading
import unittest

from lookout_e2e import Lookout, Scenario, ScriptedService, wait_for


class SilentService:
    """Accepts connections and never says a word."""

    def __init__(self, scenario):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self.accepted = []
        threading.Thread(target=self._accept, daemon=True).start()
        scenario.addCleanup(self.close)

    def _accept(self):
        while True:
            try:
                self.accepted.append(self._listener.accept()[0])
            except OSError:
                return

    def close(self):
        self._listener.close()
        for connection in self.accepted:
            connection.close()


class SignalsTest(Scenario):
    def test_it_ends_with_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            service = ScriptedService(self)
            with self.subTest(signal=number):
                watcher = Lookout(self, f'targets: [{{name: one, address: "{service.url}", interval: 1s, timeout: 500ms}}]\n')
                wait_for("a first probe", lambda: service.requests > 0, 10)
                watcher.send(number)
                self.assertEqual(watcher.wait(5), 0)

    def test_a_probe_under_way_does_not_hold_it_up(self):
        service = SilentService(self)
        watcher = Lookout(self, f'targets: [{{name: one, address: "{service.url}", interval: 10s, timeout: 9s}}]\n')
        wait_for("a probe to be under way", lambda: watcher.value("lookout_probes_in_flight") == 1, 15)
        watcher.send(signal.SIGTERM)
        self.assertEqual(watcher.wait(5), 0)

    def test_a_request_under_way_is_answered(self):
        service = SilentService(self)
        watcher = Lookout(self)
        answers = []
        request = threading.Thread(target=lambda: answers.append(watcher.get(
            f"/probe?target={service.url}", headers={"X-Prometheus-Scrape-Timeout-Seconds": "2.5"})))
        request.start()
        wait_for("the probe to have connected", lambda: service.accepted, 5)
        watcher.send(signal.SIGTERM)
        request.join(10)
        self.assertEqual([each.status for each in answers], [200])
        self.assertIn("probe_success 0", answers[0].body)
        self.assertEqual(watcher.wait(10), 0)

    def test_an_idle_connection_does_not_hold_it_up(self):
        watcher = Lookout(self)
        with socket.create_connection(("127.0.0.1", watcher.port)):
            self.assertEqual(watcher.get("/-/healthy").status, 200)
            watcher.send(signal.SIGTERM)
            self.assertEqual(watcher.wait(5), 0)

    def test_a_taken_port_is_an_error_that_names_it(self):
        watcher = Lookout(self)
        ran = self.lookout(f"--web.listen-address=127.0.0.1:{watcher.port}")
        self.assertEqual(ran.returncode, 1)
        self.assertIn(str(watcher.port), ran.stderr)


if __name__ == "__main__":
    unittest.main()
