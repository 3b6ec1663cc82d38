#!/usr/bin/env python3
"""The configurations that are shipped: `lookout check` accepts each, refuses each once it is broken, and the example shows
what it means to show.

    configurations.py PROGRAM"""
import shutil
import sys
import tempfile
from pathlib import Path

from checking import ROOT, Check, load_yaml

EXAMPLE = ROOT / "deploy/examples/lookout.yml"
JUDGING = ROOT / "deploy/examples/judging.yml"
ACTIONS = ROOT / "deploy/examples/actions.yml"
KUBERNETES = ROOT / "deploy/kubernetes/base/lookout.yml"
SHOWN_JUDGING = {"checkpoints", "quorum", "depends_on", "reference_targets", "maintenance", "retention", "drills"}
SHOWN_ACTIONS = {"exec", "http", "docker", "kubernetes"}
SHOWN_KINDS = {"http", "tcp", "dns", "icmp", "grpc", "unix", "udp", "websocket"}


def check_accepted(check, program, file):
    check.run(program, "check", file, where=file)


def check_refused_when_broken(check, program, file):
    """With one module's name misspelt among the targets: the message says where, and what was meant."""
    text = file.read_text(encoding="utf-8")
    module = load_yaml(file)["targets"][0]["module"]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(file.parent, folder, dirs_exist_ok=True)
        copy = Path(folder) / file.name
        copy.write_text(text.replace(f"module: {module}\n", f"module: {module}x\n"), encoding="utf-8")
        line = copy.read_text(encoding="utf-8")[:copy.read_text(encoding="utf-8").index(f"module: {module}x")].count("\n") + 1
        check.run(program, "check", copy, where=file,
                  accept=lambda result: result.returncode == 1 and f"{copy.name}:{line}:" in result.stdout + result.stderr)


def check_example(check):
    example = load_yaml(EXAMPLE)
    kinds = {module["prober"] for module in example["modules"].values()}
    check.expect(kinds == SHOWN_KINDS, EXAMPLE, f"shows modules of {sorted(kinds)}, expected {sorted(SHOWN_KINDS)}")
    used = {target["module"] for target in example["targets"]}
    check.expect(used <= example["modules"].keys(), EXAMPLE, f"targets name modules that it does not have: {used - example['modules'].keys()}")
    formats = set()
    for pattern in example["target_files"]:
        found = sorted(EXAMPLE.parent.glob(pattern))
        check.expect(found, EXAMPLE, f"no file fits {pattern}")
        formats |= {"file_sd" if "targets" in entry else "own" for file in found for entry in load_yaml(file)}
    check.expect(formats == {"file_sd", "own"}, EXAMPLE, f"its target files show only {formats}")


def check_judging(check):
    example = load_yaml(JUDGING)
    shown = set(example).union(*example["targets"])
    check.expect(SHOWN_JUDGING <= shown, JUDGING, f"does not show {sorted(SHOWN_JUDGING - shown)}")
    begins = {key for window in example["maintenance"] for key in ("start", "schedule") if key in window}
    check.expect(begins == {"start", "schedule"}, JUDGING, f"its maintenance begins only by {sorted(begins)}")


def check_actions(check):
    recovery = load_yaml(ACTIONS)["recovery"]
    shown = {kind for action in recovery["actions"].values() for kind in action}
    check.expect(shown == SHOWN_ACTIONS, ACTIONS, f"shows actions of {sorted(shown)}, expected {sorted(SHOWN_ACTIONS)}")
    used = {step["action"] for plan in recovery["plans"].values() for step in plan["steps"]}
    check.expect(used >= recovery["actions"].keys(), ACTIONS, f"no plan uses {sorted(recovery['actions'].keys() - used)}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = Path(sys.argv[1]).resolve()
    if not program.exists():
        sys.exit(f"{program} does not exist: build the target lookout first.")
    check = Check("configurations")
    check_example(check)
    check_judging(check)
    check_actions(check)
    for file in (EXAMPLE, JUDGING, ACTIONS, KUBERNETES):
        check_accepted(check, program, file)
        check_refused_when_broken(check, program, file)
    check.finish()


if __name__ == "__main__":
    main()
