"""`lookout probe` against services that are well and others that are not, as a person and as a script see it."""

import json
import os
import pty
import subprocess
import unittest

from lookout_e2e import LOOKOUT, Scenario, ScriptedService, free_port


class ProbeCommandTest(Scenario):
    def probe(self, *arguments, **variables):
        """On a terminal of 80 columns: what it shows."""
        leader, follower = pty.openpty()
        environment = {"PATH": os.environ["PATH"], "TERM": "xterm", "LANG": "C.UTF-8"} | variables
        subprocess.run(["stty", "cols", "80"], stdin=follower, check=True)
        process = subprocess.Popen([LOOKOUT, "probe", *arguments], stdout=follower, stderr=follower, env=environment, cwd=self.folder)
        self.addCleanup(process.wait, 20)
        os.close(follower)
        shown = b""
        try:
            while piece := os.read(leader, 65536):
                shown += piece
        except OSError:  # all of it has been read
            pass
        os.close(leader)
        return shown.decode()

    def test_a_refused_connection_says_what_to_look_at(self):
        port = free_port()
        ran = self.lookout("probe", f"127.0.0.1:{port}")
        self.assertEqual(ran.returncode, 1)
        for words in ("module tcp_connect", "connect/refused", "failed here", f"sport = :{port}"):
            self.assertIn(words, ran.stdout)
        told = json.loads(self.lookout("probe", "--json", f"127.0.0.1:{port}").stdout)
        self.assertEqual((told["module"], told["prober"], told["failure"]["cause"]), ("tcp_connect", "tcp", "refused"))
        self.assertIn(f"sport = :{port}", told["advice"][0])
        self.assertEqual([stage["stage"] for stage in told["stages"]], ["resolve", "connect"])

    def test_colours_are_for_terminals_that_want_them(self):
        service = ScriptedService(self)
        self.assertIn("\x1b[32mup\x1b[0m", self.probe(service.url))
        self.assertNotIn("\x1b", self.probe(service.url, NO_COLOR="1"))
        self.assertNotIn("\x1b", self.probe(service.url, TERM="dumb"))
        self.assertNotIn("\x1b", self.lookout("probe", service.url).stdout)

    def test_an_unknown_module_names_those_that_there_are(self):
        ran = self.lookout("probe", "--module=http_2x", "http://127.0.0.1:1/")
        self.assertEqual(ran.returncode, 2)
        self.assertIn('did you mean "http_2xx"', ran.stderr)
        self.assertIn("dns_a, ", ran.stderr)
        file = self.file("own.yml", "modules: {web: {prober: http}, mail: {prober: tcp}}\n")
        ran = self.lookout("probe", f"--config.file={file}", "127.0.0.1")
        self.assertEqual(ran.returncode, 2)
        self.assertIn("choose with --module", ran.stderr)
        self.assertIn("mail, web", ran.stderr)


if __name__ == "__main__":
    unittest.main()
