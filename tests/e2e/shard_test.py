"""Several Lookouts with one configuration, each with its shard of the targets."""

import json
import signal
import unittest

from lookout_e2e import Lookout, Scenario, ScriptedService, wait_for

SHARDS = 3
HEAD = """
target_defaults: {interval: 1s, timeout: 500ms, failure_threshold: 1, success_threshold: 1}
reference_targets: [gateway]
targets:
"""


class ShardTest(Scenario):
    def configuration(self, names):
        lines = [f'  - {{name: {name}, address: "{self.service.url}{name}"}}\n' for name in ["gateway", *names]]
        lines += [f'  - {{name: api-{name}, address: "{self.service.url}", depends_on: [{name}]}}\n' for name in names]
        return HEAD + "".join(lines)

    def names_of(self, watcher):
        return {target["name"] for target in json.loads(watcher.get("/api/v1/targets").body)["targets"]}

    def test_each_target_is_watched_by_one(self):
        self.service = ScriptedService(self)
        names = [f"host-{i}" for i in range(12)]
        watchers = [Lookout(self, self.configuration(names), (f"--shard={i}/{SHARDS}", f"--storage.path={self.folder}/data-{i}"))
                    for i in range(SHARDS)]
        watched = [self.names_of(watcher) for watcher in watchers]
        for i, (watcher, own) in enumerate(zip(watchers, watched)):
            with self.subTest(shard=i):
                self.assertIn("gateway", own, "a reference target is everybody's")
                self.assertGreater(len(own), 1)
                for name in names:
                    self.assertEqual(name in own, f"api-{name}" in own, "what depends on each other was torn apart")
                left_out = 2 * len(names) + 1 - len(own)
                self.assertEqual(json.loads(watcher.get("/api/v1/targets").body)["shard"], {"index": i, "count": SHARDS, "left_out": left_out})
                self.assertIn(f"shard={i}/{SHARDS} targets={len(own)} left_out={left_out}", watcher.output())
                self.assertIn(f"This is shard {i}/{SHARDS}: {left_out} more targets are watched by the others.", watcher.get("/").body)
                self.assertTrue(watcher.get("/config").body.startswith(f"# Shard {i}/{SHARDS} watches {len(own)} of these targets"))
                wait_for("all of its own, and no others, on /metrics", lambda: self.up(watcher) == own, 10)
                self.assertIn("probe_success 1", watcher.get(f"/probe?target={self.service.url}").body)
        self.assertEqual(sum(len(own - {"gateway"}) for own in watched), 2 * len(names))
        self.assertEqual(set().union(*watched), {"gateway", *names, *(f"api-{name}" for name in names)})

    def up(self, watcher):
        return {sample.labels["target"] for sample in watcher.samples("lookout_target_up")}

    def test_a_reload_keeps_to_its_shard(self):
        self.service = ScriptedService(self)
        watcher = Lookout(self, self.configuration(["a", "b", "c", "d"]), ("--shard=1/2",))
        before = self.names_of(watcher)
        added = [f"more-{i}" for i in range(8)]
        self.file("lookout.yml", self.configuration(["a", "b", "c", "d", *added]))
        watcher.send(signal.SIGHUP)
        wait_for("more targets", lambda: len(self.names_of(watcher)) > len(before), 10)
        after = self.names_of(watcher)
        self.assertLess(before, after)
        self.assertLess(len(after), 2 * (4 + len(added)))

    def test_without_shards_nothing_is_said_of_them(self):
        self.service = ScriptedService(self)
        watcher = Lookout(self, self.configuration(["a"]))
        self.assertNotIn("shard", json.loads(watcher.get("/api/v1/targets").body))
        self.assertNotIn("shard", watcher.get("/").body)
        self.assertNotIn("shard", watcher.output())

    def test_a_shard_that_is_none_is_refused(self):
        for text in ("3/3", "0/0", "1", "a/b", "-1/3", "1/2/3", "1/3 "):
            with self.subTest(shard=text):
                ran = self.lookout(f"--shard={text}")
                self.assertEqual((ran.returncode, ran.stdout), (1, ""))
                self.assertEqual(ran.stderr, f'lookout: error: --shard: "{text}" is no shard; write I/N with I from 0 to N-1, e.g. 0/3, try --help\n')

    def test_the_check_tells_the_share(self):
        config = self.file("checked.yml", "targets: [{name: a, address: b}, {name: c, address: d}]\n")
        said = [self.lookout(f"--shard={i}/2", "check", config).stdout.splitlines()[-1] for i in range(2)]
        shares = [int(line.split(" watches ")[1].split()[0]) for line in said]
        self.assertEqual(sum(shares), 2, said)


if __name__ == "__main__":
    unittest.main()
