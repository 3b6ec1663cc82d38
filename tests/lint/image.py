#!/usr/bin/env python3
"""The Dockerfile, as far as it can be checked without building it: what it copies exists and is part of the build context,
stages and paths agree, and it runs as a numbered user."""
import fnmatch
import json
import re

from checking import ROOT, Check

DOCKERFILE = ROOT / "deploy/Dockerfile"


def instructions(text):
    """(instruction, rest) of each, continued lines joined and comments left out."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\\n", " ", lines).splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, rest.strip()


def in_context(path, ignore):
    """Whether a .dockerignore lets a path through; the last line that fits decides."""
    let_through = True
    for pattern in ignore:
        wanted = pattern.startswith("!")
        pattern = pattern.lstrip("!")
        if fnmatch.fnmatch(path, pattern) or path.startswith(pattern + "/"):
            let_through = wanted
    return let_through


def main():
    check = Check("image")
    ignore_file = DOCKERFILE.with_name("Dockerfile.dockerignore")
    ignore = [line for line in ignore_file.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]
    stages, user, installed, entry = [], None, set(), []
    for name, rest in instructions(DOCKERFILE.read_text(encoding="utf-8")):
        if name == "FROM":
            stages.append(rest.split(" AS ")[-1])
            installed = set()
        elif name == "COPY":
            words = rest.split()
            stage = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else None
            if stage:
                check.expect(stage in stages[:-1], DOCKERFILE, f"copies from {stage}, which is no earlier stage")
            for source in words[:-1] if not stage else []:
                check.expect((ROOT / source).exists(), DOCKERFILE, f"copies {source}, which does not exist")
                check.expect(in_context(source, ignore), ignore_file, f"leaves out {source}, which the image is built from")
            installed.add(words[-1])
        elif name == "USER":
            user = rest
        elif name == "ENTRYPOINT":
            entry = json.loads(rest)
    check.expect(len(stages) == 2, DOCKERFILE, f"has {len(stages)} stages, expected one that builds and one that runs")
    check.expect(user and re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), DOCKERFILE, f"runs as {user!r}, expected a number other than 0")
    check.expect(entry and entry[0] in installed, DOCKERFILE, f"starts {entry}, which it does not copy into the last stage")
    check.finish()


if __name__ == "__main__":
    main()
