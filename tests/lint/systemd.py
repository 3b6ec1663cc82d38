#!/usr/bin/env python3
"""The systemd unit: accepted by systemd-analyze without a word, exposed to little, and what Lookout relies on is set."""
import re
import tempfile
from pathlib import Path

from checking import ROOT, Check, tool

UNIT = ROOT / "deploy/systemd/lookout.service"
HIGHEST_EXPOSURE = 2.0
REQUIRED = {
    "Type": "notify", "DynamicUser": "yes", "AmbientCapabilities": "CAP_NET_RAW", "CapabilityBoundingSet": "CAP_NET_RAW",
    "StateDirectory": "lookout", "ExecReload": "/bin/kill -HUP $MAINPID", "NoNewPrivileges": "yes", "Restart": "on-failure", "WatchdogSec": "30s",
}
LEAST_DESCRIPTORS = 65536


def settings(text):
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


def verify(check, analyze, text):
    """On a copy, because verify wants to see every program, and Lookout is not installed where this check runs."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program"
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o755)
        copy = Path(folder) / UNIT.name
        copy.write_text(re.sub(r"^(Exec\w+=)\S+", rf"\g<1>{program}", text, flags=re.MULTILINE), encoding="utf-8")
        # It exits 0 on many a mistake, having written about it.
        check.run(analyze, "verify", "--man=no", copy, where=UNIT,
                  accept=lambda result: result.returncode == 0 and not (result.stdout + result.stderr).strip())


def main():
    check = Check("systemd unit")
    analyze = tool("systemd-analyze", "systemd")
    text = UNIT.read_text(encoding="utf-8")
    verify(check, analyze, text)
    result = check.run(analyze, "security", "--offline=true", f"--threshold={int(HIGHEST_EXPOSURE * 10)}", "--no-pager", UNIT, where=UNIT)
    print(*[line.strip() for line in result.stdout.splitlines() if "Overall exposure" in line])
    found = settings(text)
    for name, value in REQUIRED.items():
        check.expect(found.get(name) == value, UNIT, f"{name} is {found.get(name)!r}, expected {value!r}")
    check.expect(int(found.get("LimitNOFILE", 0)) >= LEAST_DESCRIPTORS, UNIT, f"LimitNOFILE is below {LEAST_DESCRIPTORS}")
    check.expect("--config.file=/etc/lookout/lookout.yml" in found.get("ExecStart", ""), UNIT, "does not read /etc/lookout/lookout.yml")
    check.finish()


if __name__ == "__main__":
    main()
