"""The Debian package: made from this build, looked at by lintian, then installed, used, removed and purged by the real dpkg in
a copy of this machine's file system, an overlay that nobody else sees and that is gone with the test."""

import os
import re
import subprocess
import unittest
from pathlib import Path

from lookout_e2e import LOOKOUT, Process, Scenario, free_port, http, wait_for

BUILD = Path(LOOKOUT).resolve().parents[1]
ROOT = Path(__file__).resolve().parents[2]
MINE = ["setpriv", "--reuid=lookout", "--regid=lookout", "--init-groups", "--no-new-privs"]
UNIT = "/usr/lib/systemd/system/lookout.service"
LINK = "/etc/systemd/system/multi-user.target.wants/lookout.service"
CONFIG = "/etc/lookout/lookout.yml"
DEFAULTS = "/etc/default/lookout"
# The overlay is one file system; what is mounted below / is not part of it.
MACHINE = """
mount -t tmpfs overlay "$1" && mkdir "$1/changes" "$1/work" "$1/root" &&
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/changes,workdir=$1/work" "$1/root" &&
for folder in proc dev sys; do mount --rbind /$folder "$1/root/$folder" || exit; done &&
mount -t tmpfs run "$1/root/run" && mkdir -m 1777 -p "$1/root/tmp" && echo there && exec sleep infinity
"""


class Machine:
    """A throw-away copy of this one, for root to change. Processes, network and devices are those of this one."""

    def __init__(self, scenario):
        self.scenario = scenario
        folder = scenario.folder / "machine"
        folder.mkdir()
        self.root = folder / "root"
        self.holder = scenario.start("machine", ["unshare", "--mount", "--propagation=private", "sh", "-c", MACHINE, "sh", folder])
        wait_for("the overlay; it takes root and a kernel that lets it mount", self.made, 20)
        self.enter = ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt"]
        self.do("rm", "-f", "/var/lib/man-db/auto-update")  # it would look at every page there is, four times

    def made(self):
        if not self.holder.running():
            raise AssertionError(f"no overlay could be mounted: {self.holder.output()}")
        return "there" in self.holder.output()

    def inside(self, *words):
        return [*self.enter, "chroot", str(self.root), *map(str, words)]

    def copy(self, file, place):
        subprocess.run([*self.enter, "cp", file, f"{self.root}{place}"], check=True)

    def do(self, *words, status=0):
        """Runs a program that must end so; what it printed."""
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        ran = subprocess.run(self.inside(*words), capture_output=True, text=True, env=environment, timeout=60, check=False)
        self.scenario.assertEqual(ran.returncode, status, f"{words}: {ran.stdout}{ran.stderr}")
        return ran.stdout + ran.stderr

    def has(self, place):
        return subprocess.run(self.inside("test", "-e", place), check=False).returncode == 0

    def traces(self):
        """Every file that bears the name, but for what dpkg and the log remember."""
        found = self.do("find", "/etc", "/usr/bin", "/usr/lib/systemd", "/usr/share", "/var", "-xdev", "-name", "*lookout*",
                        "-not", "-path", "/var/lib/dpkg/*", "-not", "-path", "/var/log/*")
        return set(found.splitlines())


class PackageTest(Scenario):
    def setUp(self):
        super().setUp()
        self.assertEqual(os.geteuid(), 0, "only root may mount and install")

    def make(self):
        made = self.folder / "made"
        ran = subprocess.run(["cpack", "--config", BUILD / "CPackConfig.cmake", "-B", made], capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        (package,) = made.glob("lookout_*.deb")
        return package

    def test_from_its_making_to_its_purge(self):
        package = self.make()
        self.check_by_lintian(package)
        self.machine = Machine(self)
        self.machine.do("dpkg", "--purge", "lookout")  # where this machine has one
        self.clean = self.machine.traces()
        self.machine.copy(package, "/root/lookout.deb")
        self.machine.do("dpkg", "--install", "/root/lookout.deb")
        self.assertIn(f"version {self.machine.do('dpkg-query', '--show', '--showformat=${source:Upstream-Version}', 'lookout')} ",
                      (self.machine.do("lookout", "--version")))
        self.check_program()
        self.check_service()
        self.check_documents()
        self.check_upgrade(package)
        self.check_removal()

    def check_by_lintian(self, package):
        ran = subprocess.run(["lintian", "--allow-root", "--fail-on=error,warning", "--tag-display-limit=0", package],
                             capture_output=True, text=True, check=False)
        self.assertEqual((ran.returncode, ran.stdout), (0, ""), ran.stderr)

    def check_program(self):
        mine = subprocess.run([LOOKOUT, "--version"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(self.machine.do("lookout", "--version"), mine)
        self.assertRegex(self.machine.do("getent", "passwd", "lookout"), r"^lookout:x:\d+:\d+:Lookout,*:/var/lib/lookout:/usr/sbin/nologin\n$")
        self.assertIn("ok, ", self.machine.do(*MINE, "lookout", "check", CONFIG))
        port = free_port()
        service = self.own(Process("service", self.machine.inside(*MINE, "lookout", f"--config.file={CONFIG}", "--no-storage",
                                                                  f"--web.listen-address=127.0.0.1:{port}"), self.folder))
        wait_for("what is installed to serve", lambda: http(f"http://127.0.0.1:{port}/-/ready").status == 200, 15)
        self.assertEqual(service.end(), 0)

    def check_service(self):
        self.assertTrue(self.machine.has(LINK), "the service is not enabled")
        self.assertEqual(self.machine.do("systemd-analyze", "verify", "--man=no", UNIT), "")

    def check_documents(self):
        page = self.machine.do("man", "--encoding=utf-8", "lookout")
        for word in ("--config.file", "--shard", "lookout probe", "SIGHUP"):
            self.assertIn(word, page)
        self.assertEqual(self.machine.do("sh", "-c", "man --warnings --encoding=utf-8 lookout 2>&1 >/dev/null"), "")
        self.assertIn("_lookout", self.machine.do("bash", "-c", "source /usr/share/bash-completion/completions/lookout; complete -p lookout"))
        for place in ("zsh/vendor-completions/_lookout", "fish/vendor_completions.d/lookout.fish", "lookout/lookout.schema.json",
                      "lookout/alertmanager/alertmanager.yml", "doc/lookout/copyright", "doc/lookout/README.md"):
            self.assertTrue(self.machine.has(f"/usr/share/{place}"), place)
        for place, pattern in (("prometheus/rules", "deploy/prometheus/rules/*.yml"), ("dashboards", "dashboards/*.json")):
            shipped = {file.name for file in ROOT.glob(pattern)}
            self.assertGreaterEqual(len(shipped), 1)
            self.assertLessEqual(shipped, set(self.machine.do("ls", f"/usr/share/lookout/{place}").split()))
        examples = [file.name for file in (ROOT / "deploy/examples").glob("*.yml")]
        self.assertGreaterEqual(len(examples), 1)
        for name in examples:
            self.machine.do("lookout", "check", f"/usr/share/doc/lookout/examples/{name}")

    def make_newer(self, package):
        """The next release, whose conffiles have changed."""
        folder, newer = self.folder / "newer", self.folder / "newer.deb"
        subprocess.run(["dpkg-deb", "--raw-extract", package, folder], check=True)
        control = folder / "DEBIAN/control"
        control.write_text(re.sub(r"^(Version: .*)-1$", r"\1-2", control.read_text(), flags=re.MULTILINE))
        for place in (CONFIG, DEFAULTS):
            with open(folder / place[1:], "a", encoding="utf-8") as file:
                file.write("# newer\n")
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "--build", folder, newer], check=True, capture_output=True)
        return newer

    def check_upgrade(self, package):
        """What a person changed stays theirs, what they did not is followed, and who disabled the service is not overruled."""
        self.machine.do("sh", "-c", f"echo '# mine' >>{CONFIG} && rm {LINK}")
        self.machine.copy(self.make_newer(package), "/root/newer.deb")
        self.machine.do("dpkg", "--force-confold", "--install", "/root/newer.deb")
        self.assertRegex(self.machine.do("dpkg-query", "--show", "lookout"), "-2\n$")
        self.assertIn("# mine", self.machine.do("cat", CONFIG))
        self.assertNotIn("# newer", self.machine.do("cat", CONFIG))
        self.assertIn("# newer", self.machine.do("cat", DEFAULTS))
        self.assertFalse(self.machine.has(LINK))

    def check_removal(self):
        self.machine.do("sh", "-c", "mkdir -p /var/lib/private/lookout/data && ln -s private/lookout /var/lib/lookout")
        self.machine.do("dpkg", "--remove", "lookout")
        for place in ("/usr/bin/lookout", UNIT, "/usr/share/lookout"):
            self.assertFalse(self.machine.has(place), f"{place} is left after removal")
        self.assertIn("# mine", self.machine.do("cat", CONFIG), "a removal takes no configuration")
        self.assertTrue(self.machine.has("/var/lib/lookout/data"), "nor the journal")
        self.machine.do("dpkg", "--purge", "lookout")
        self.assertEqual(self.machine.traces(), self.clean, "left after the purge")
        self.machine.do("dpkg-query", "--show", "lookout", status=1)
        self.assertEqual(self.machine.do("dpkg", "--audit"), "")


if __name__ == "__main__":
    unittest.main()
