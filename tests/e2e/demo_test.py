"""The demo tells its story with real programs and the shipped rules and configurations, says so when it can not, and leaves nothing."""

import os
import re
import signal
import sys
import unittest
from pathlib import Path

from lookout_e2e import LOOKOUT, PEERS, ROOT, Scenario, wait_for

DEMO = [sys.executable, "-B", ROOT / "deploy/demo_story.py"]
STORY = ["begin", "page", "kill", "detection", "page", "recovery", "alert", "receiver", "recovery", "close", "alert", "receiver", "page",
         "report", "drill", "receiver", "end"]
HEARD = r"/pager hears: {} LookoutTargetDown target=mockoon severity=critical team=demo runbook_url=https://example\.org/runbooks/mockoon"
FORGETFUL = """#!/bin/sh
case "$1" in
  --*) exec "{program}" "$@" --recovery.mode=off ;;
  *) exec "{program}" "$@" ;;
esac
"""


class DemoTest(Scenario):
    def demo(self, name="demo", program=LOOKOUT):
        """In a folder for what it makes, whose name marks whatever it starts."""
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        return self.start(name, DEMO, {"LOOKOUT": str(program), "LOOKOUT_PEERS": str(PEERS.parent), "TMPDIR": str(self.temporary)})

    def nothing_is_left(self):
        left = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if f"TMPDIR={self.temporary}".encode() in (process / "environ").read_bytes().split(b"\0"):
                    left.append((process / "cmdline").read_text())
            except OSError:  # it has ended meanwhile
                continue
        self.assertEqual(left, [])
        self.assertEqual(os.listdir(self.temporary), [])

    def test_it_tells_the_story(self):
        demo = self.demo()
        self.assertEqual(demo.wait(100), 0, demo.output())
        told = [re.fullmatch(r"(?:( *\d+\.\d) s| {7})  (\w+) +(\S.*)", line).groups() for line in demo.output().splitlines()]
        steps = [step for index, (_, step, _) in enumerate(told) if (step, told[index - 1][1]) != ("drill", "drill")]
        self.assertEqual(steps, STORY, demo.output())
        seconds = [float(since) for since, _, _ in told if since]
        self.assertEqual(seconds, sorted(seconds))
        text = demo.output()
        for told in (r"mockoon is down, connect/refused", r"1 of 3 targets is down", r"Lookout begins start-mockoon", HEARD.format("firing"),
                     r"is over, after start-mockoon", HEARD.format("resolved"), r"page +All is well: 3 targets up", r"Recovered after \d",
                     r"The drill passed", r"/pager heard: firing LookoutTargetDown target=mockoon severity=critical team=demo drill=true"):
            self.assertRegex(text, told)
        print(text)
        self.nothing_is_left()

    def test_it_names_what_does_not_come_and_ends_when_it_is_interrupted(self):
        failing = self.demo("failing", self.script("forgetful", FORGETFUL.format(program=LOOKOUT)))
        interrupted = self.demo("interrupted")
        wait_for("the kill", lambda: "  kill  " in interrupted.output(), 60)
        interrupted.send(signal.SIGINT)
        self.assertEqual(interrupted.wait(20), 130, interrupted.output())
        self.assertEqual(failing.wait(60), 1, failing.output())
        self.assertIn("demo: waited 10 s for: Lookout to begin a recovery", failing.output())
        self.assertNotIn("All of it came", failing.output())
        self.nothing_is_left()


if __name__ == "__main__":
    unittest.main()
