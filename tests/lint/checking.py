"""What every check here shares: the project's root, the tools it runs, and how it tells what it found.

A check prints what it looked at, prints every failure, and exits 1 if there was any. A tool that is missing is a failure
with a sentence that says what to install.
"""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

try:
    import yaml
except ImportError:
    sys.exit("This check reads YAML: install the package python3-yaml.")

ROOT = Path(__file__).resolve().parents[2]


class Check:
    def __init__(self, subject):
        self.subject = subject
        self.looked_at = 0
        self.failures = 0

    def fail(self, where, what):
        self.failures += 1
        print(f"FAIL {shown(where)}: {what}")

    def expect(self, condition, where, what):
        self.looked_at += 1
        if not condition:
            self.fail(where, what)
        return condition

    def run(self, *command, where, accept=lambda result: result.returncode == 0, most_words=4000, **options):
        """Runs a tool that must succeed; its own words are the failure's."""
        result = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, **options)
        words = (result.stdout + result.stderr).strip()[:most_words]
        self.expect(accept(result), where, f"{Path(command[0]).name} exit {result.returncode}:\n{words}")
        return result

    def finish(self):
        print(f"{self.subject}: {self.looked_at} checks, {self.failures} failures")
        sys.exit(1 if self.failures or not self.looked_at else 0)


def shown(path):
    path = Path(path)
    return path.relative_to(ROOT) if path.is_absolute() and path.is_relative_to(ROOT) else path


def tool(name, package):
    """A program: of the folder that tests/support/peers makes, or LOOKOUT_PEERS names in its place, else of PATH."""
    folder = Path(os.environ.get("LOOKOUT_PEERS") or ROOT / "build/peers") / "bin"
    found = shutil.which(name, path=str(folder)) or shutil.which(name)
    if found:
        return found
    sys.exit(f"{name} is needed and is neither in {folder} nor on PATH: install the package {package}.")


class UniqueKeys(yaml.SafeLoader):
    """YAML where a key that stands twice is an error; PyYAML alone lets the last one win."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def documents(path):
    with open(path, encoding="utf-8") as file:
        return list(yaml.load_all(file, Loader=UniqueKeys))


def load_yaml(path):
    return documents(path)[0]


def load_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)
