"""What shells complete: asked of the shells themselves."""

import re
import subprocess
import unittest

from lookout_e2e import LOOKOUT, Scenario

# What zsh would hand to its own completion; the rest of it needs a terminal.
ZSH = r"""
compdef() { :; }
_arguments() { print -rl -- "$@"; }
source $1
words=(${=2})
_lookout
"""


class CompletionTest(Scenario):
    def setUp(self):
        super().setUp()
        told = self.lookout("--help").stdout.partition("Subcommands:\n")[2]
        self.commands = set(re.findall(r"^  ([a-z]+)", told, re.MULTILINE))
        self.assertGreaterEqual(self.commands, {"probe", "check", "completion"})

    def script(self, shell):
        ran = self.lookout("completion", shell)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        return self.file(f"lookout.{shell}", ran.stdout)

    def ask(self, *argv):
        ran = subprocess.run([str(word) for word in argv], capture_output=True, text=True, timeout=20, cwd=self.folder, check=False)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        return ran.stdout.splitlines()

    def bash(self, *words):
        """Split as readline does: the equals sign is a word of its own."""
        split = [part for word in words for part in re.split(r"(=)", word) if part] + [""] * (words[-1] == "")
        quoted = " ".join(f"'{word}'" for word in ["lookout", *split])
        return set(self.ask("bash", "-c", f"compopt() {{ :; }}; source {self.script('bash')}; COMP_WORDS=({quoted}); "
                                          f"COMP_CWORD={len(split)}; _lookout; printf '%s\\n' \"${{COMPREPLY[@]}}\"")) - {""}

    def fish(self, line):
        return {word.split("\t")[0] for word in self.ask("fish", "--no-config", "-c", f"source {self.script('fish')}; complete -C '{line}'")}

    def zsh(self, line):
        return self.ask("zsh", "-f", "-c", ZSH, "zsh", self.script("zsh"), line)

    def flags(self, *command):
        """As the help has them, with both forms of a switch."""
        ran = self.lookout(*command, "--help")
        flags = set()
        for switch, name in re.findall(r"^  (?:-h, )?--(\[no-\])?([a-z.-]+)", ran.stdout, re.MULTILINE):
            flags |= {f"--{name}"} | ({f"--no-{name}"} if switch else set())
        return flags

    def test_every_flag_of_every_command_is_known(self):
        for command in [(), *((name,) for name in sorted(self.commands))]:
            with self.subTest(command=command):
                flags = self.flags(*command)
                self.assertGreaterEqual(len(flags), 1)
                self.assertEqual({flag.rstrip("=") for flag in self.bash(*command, "--")}, flags)
                self.assertEqual({flag.rstrip("=") for flag in self.fish(" ".join(["lookout", *command, "--"]))}, flags)
                offered = {re.match(r"--[a-z.-]+", line)[0] for line in self.zsh(" ".join(["lookout", *command])) if line.startswith("--")}
                self.assertEqual(offered, flags)

    def test_bash(self):
        self.assertEqual(self.bash(""), self.commands)
        self.assertEqual(self.bash("re"), {"report"})
        self.assertEqual(self.bash("--log.f"), {"--log.format="})
        for words in (("--log.format=",), ("--log.format", "")):
            self.assertEqual(self.bash(*words), {"logfmt", "json"}, words)
        self.assertEqual(self.bash("--log.level=w"), {"warn"})
        self.assertEqual(self.bash("report", "--format=h"), {"html"})
        self.assertEqual(self.bash("completion", ""), {"bash", "zsh", "fish"})
        for words in (("--config.file=",), ("check", ""), ("probe", "")):
            self.assertEqual(self.bash(*words), set(), f"{words}: left to bash, which completes files")

    def test_fish(self):
        self.assertEqual(self.fish("lookout "), self.commands)
        self.assertEqual(self.fish("lookout --log.format="), {"--log.format=logfmt", "--log.format=json"})
        self.assertEqual(self.fish("lookout completion "), {"bash", "zsh", "fish"})
        self.file("mine.yml", "")
        self.assertEqual(self.fish("lookout --config.file=mi"), {"--config.file=mine.yml"})
        self.assertEqual(self.fish("lookout check mi"), {"mine.yml"})

    def test_zsh(self):
        lines = self.zsh("lookout ")
        self.assertEqual(set(re.findall(r'([a-z]+)\\:"', lines[-1])), self.commands)
        self.assertIn("--config.file=[Configuration]:file:_files", lines)
        self.assertIn("--format=[md, json or html]:value:(html json md)", [re.sub(r"\(.*\)", "(html json md)", line) for line in self.zsh("lookout report ")])

    def test_another_shell_is_refused(self):
        ran = self.lookout("completion", "csh")
        self.assertEqual((ran.returncode, ran.stdout), (1, ""))
        self.assertIn("csh", ran.stderr)


if __name__ == "__main__":
    unittest.main()
