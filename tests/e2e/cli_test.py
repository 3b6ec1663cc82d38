"""What a person or a script sees of the command line."""

import json
import re
import unittest

from lookout_e2e import Lookout, Scenario, ScriptedService, free_port, parse_metrics, pick, wait_for

GOOD = """
modules:
  fast: {prober: http, timeout: 2s}
targets:
  - {name: one, address: "http://127.0.0.1:1/", module: fast, interval: 3s, timeout: 1s}
"""

BAD = """\
modules:
  fast: {prober: http, timeot: 2s}
targets:
  - name: one
    address: http://127.0.0.1:1/
    module: fats
  - name: one
    address: http://127.0.0.1:2/
    interval: soon
    module: fast
"""


class CommandLineTest(Scenario):
    def test_version_and_help_go_to_stdout_and_succeed(self):
        for flag, said in (("--version", "lookout, version"), ("--help", "--config.file"), ("-h", "probe")):
            ran = self.lookout(flag)
            self.assertEqual((ran.returncode, ran.stderr), (0, ""), flag)
            self.assertIn(said, ran.stdout)

    def test_a_usage_error_goes_to_stderr_and_fails(self):
        ran = self.lookout("--no-such-flag")
        self.assertEqual(ran.returncode, 1)
        self.assertIn("--no-such-flag", ran.stderr)
        self.assertEqual(self.lookout("probe").returncode, 2)
        self.assertEqual(self.lookout("probe", "--module=no_such", "http://127.0.0.1:1/").returncode, 2)
        self.assertEqual(self.lookout("probe", "--timeout=never", "http://127.0.0.1:1/").returncode, 2)

    def test_flags_have_blackbox_exporters_grammar(self):
        for refused in (["--config.check=true"], ["--no-config.check=false"], ["--config.check", "--config.check"],
                        ["--log.level=info", "--log.level=info"], ["-log.level", "info"], ["extra"],
                        ["--web.listen-address=127.0.0.1:1", "extra"], ["--history.limit=-1"], ["--history.limit=x"],
                        ["@nowhere"], ["--help-long"], ["--help-man"], ["--completion-bash"], ["--web.external-url='http://h'"]):
            with self.subTest(arguments=refused):
                ran = self.lookout(*refused)
                self.assertEqual((ran.returncode, ran.stdout), (1, ""), ran.stderr)
                self.assertRegex(ran.stderr, r"^lookout: error: .+, try --help\n$")

    def test_arguments_may_stand_in_a_file(self):
        config = self.file("good.yml", GOOD)
        arguments = self.file("arguments", f"# what to check\n--config.file\n{config}\n\n--config.check\n")
        self.assertEqual(self.lookout(f"@{arguments}").returncode, 0)

    def test_a_level_of_the_prober_that_is_none_is_only_a_warning(self):
        config = self.file("good.yml", GOOD)
        ran = self.lookout(f"--config.file={config}", "--config.check", "--log.prober=loud")
        self.assertEqual(ran.returncode, 0)
        self.assertIn("--log.prober is none of", ran.stderr)

    def test_a_good_configuration_checks(self):
        file = self.file("good.yml", GOOD)
        for arguments in (("check", file), (f"--config.file={file}", "--config.check")):
            ran = self.lookout(*arguments)
            self.assertEqual((ran.returncode, ran.stderr), (0, ""), arguments)

    def test_every_mistake_is_told_with_its_place(self):
        file = self.file("bad.yml", BAD)
        for arguments in (("check", file), (f"--config.file={file}", "--config.check"), (f"--config.file={file}",)):
            ran = self.lookout(*arguments)
            self.assertEqual(ran.returncode, 1, arguments)
            lines = [match[1] for match in re.finditer(rf"^{re.escape(str(file))}:(\d+):\d+: .+$", ran.stderr, re.M)]
            self.assertEqual(sorted(set(lines)), ["2", "6", "7", "9"], ran.stderr)
            self.assertIn("timeout", ran.stderr.splitlines()[0], "a misspelt key gets a suggestion")

    def test_a_missing_configuration_is_told(self):
        ran = self.lookout("check", "nowhere.yml")
        self.assertEqual(ran.returncode, 1)
        self.assertIn("nowhere.yml", ran.stderr)

    def test_one_probe(self):
        service = ScriptedService(self)
        up = self.lookout("probe", service.url)
        self.assertEqual(up.returncode, 0, up.stdout + up.stderr)
        for word in (service.url, "up", "connect", "response"):
            self.assertIn(word, up.stdout)
        down = self.lookout("probe", f"http://127.0.0.1:{free_port()}/")
        self.assertEqual(down.returncode, 1)
        self.assertIn("connect/refused", down.stdout)

    def test_one_probe_for_scripts(self):
        service = ScriptedService(self)
        up = json.loads(self.lookout("probe", "--json", service.url).stdout)
        self.assertEqual((up["verdict"], up["failure"]), ("up", None))
        down = json.loads(self.lookout("probe", "--json", f"http://127.0.0.1:{free_port()}/").stdout)
        self.assertEqual((down["verdict"], down["failure"]["stage"], down["failure"]["cause"]), ("down", "connect", "refused"))

    def test_one_probe_as_metrics(self):
        service = ScriptedService(self)
        samples = parse_metrics(self.lookout("probe", "--metrics", service.url).stdout)
        self.assertEqual([each.value for each in pick(samples, "probe_success")], [1])
        self.assertEqual([each.value for each in pick(samples, "probe_http_status_code")], [200])
        service.fail_next(1)
        ran = self.lookout("probe", "--metrics", service.url)
        self.assertEqual(ran.returncode, 1)
        self.assertEqual([each.value for each in pick(parse_metrics(ran.stdout), "probe_success")], [0])

    def test_one_probe_with_a_module_of_a_configuration(self):
        service = ScriptedService(self)
        file = self.file("strict.yml", "modules: {teapot: {prober: http, http: {valid_status_codes: [418]}}}\n")
        ran = self.lookout("probe", f"--config.file={file}", "--module=teapot", service.url)
        self.assertEqual(ran.returncode, 1)
        self.assertIn("response/status", ran.stdout)

    def test_the_table_of_a_running_instance(self):
        service = ScriptedService(self)
        watcher = Lookout(self, f"""
target_defaults: {{interval: 1s, timeout: 500ms, failure_threshold: 1, success_threshold: 1}}
targets:
  - {{name: good, address: "{service.url}"}}
  - {{name: gone, address: "http://127.0.0.1:{free_port()}/", severity: critical}}
  - {{name: behind, address: "http://127.0.0.1:{free_port()}/", depends_on: [gone]}}
""")
        watcher.wait_for_value(1, 10, "lookout_target_up", target="good")
        watcher.wait_for_value(0, 10, "lookout_target_up", target="gone")
        wait_for("a target that is held by what it depends on", lambda: (
            json.loads(watcher.get("/api/v1/targets/behind").body)["held"] or {}).get("why") == "dependency", 10)
        table = self.lookout("targets", f"--url={watcher.url}")
        self.assertEqual(table.returncode, 0, table.stderr)
        rows = {line.split()[0]: line for line in table.stdout.splitlines() if line.split()}
        self.assertIn(" up ", rows["good"] + " ")
        self.assertIn(" down ", rows["gone"] + " ")
        self.assertIn("refused", rows["gone"])
        self.assertRegex(rows["behind"], r" held .* connect/refused since \S+, held: dependency gone ")

    def test_the_table_of_nobody(self):
        ran = self.lookout("targets", f"--url=http://127.0.0.1:{free_port()}")
        self.assertEqual(ran.returncode, 1)
        self.assertNotEqual(ran.stderr, "")

    def test_it_starts_without_a_configuration(self):
        service = ScriptedService(self)
        watcher = Lookout(self)
        probed = parse_metrics(watcher.get(f"/probe?target={service.url}").body)
        self.assertEqual([each.value for each in pick(probed, "probe_success")], [1])
        self.assertEqual(watcher.samples("lookout_target_up"), [])


if __name__ == "__main__":
    unittest.main()
