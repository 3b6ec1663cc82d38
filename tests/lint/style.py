#!/usr/bin/env python3
"""The shape of the tree: sizes of files, who may include what, headers that say what they are for, and words that have no
place in finished work."""
import os
import re
from pathlib import Path

from checking import ROOT, Check

LEFT_OUT = {".git", "node_modules", "__pycache__"}
LEFT_OUT_AT_THE_TOP = {"build", "data"}
CODE = {".cc", ".h"}
TEXT = CODE | {".py", ".sh", ".yml", ".yaml", ".json", ".md", ".txt", ".cmake", ".service", ".html", ".js", ".css", ""}
LONGEST_FILE = 400

# A header that one place owns, and how many files may include it. Fewer than the least means that the owner moved away.
OWNED_HEADERS = {
    r"curl/": {"least": 1, "most": 1, "suffix": None},
    r"nghttp2/": {"least": 1, "most": 1, "suffix": ".cc"},
    r"spdlog/": {"least": 1, "most": 1, "suffix": ".cc"},
    r"boost/beast": {"least": 0, "most": 3, "suffix": None},
}
# Folder -> beginnings of includes that it must not have.
FORBIDDEN_INCLUDES = {"probes": ("exporter/", "tests/"), "exporter": ("tests/",)}
# Work is handed between loops by posting, never by sharing.
LOCKS = ("mutex", "shared_mutex", "condition_variable")

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|GTEST_SKIP|\bDISABLED_|(EXPECT|ASSERT)_TRUE\(true\)")
VAGUE_TYPE = re.compile(r"\b(?:class|struct|enum class)\s+(\w*(?:Manager|Helper|Util|Utils|Impl|Mgr|Ctx))\b")
VAGUE_FILE = re.compile(r"(^|_)(manager|helper|helpers|util|utils|impl|misc|common)(_|\.|$)")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def files(suffixes):
    """Paths below the root, without following links."""
    for folder, folders, names in os.walk(ROOT):
        left_out = LEFT_OUT | (LEFT_OUT_AT_THE_TOP if Path(folder) == ROOT else set())
        folders[:] = sorted(set(folders) - left_out)
        for path in (Path(folder) / name for name in sorted(names)):
            if path.suffix in suffixes and not path.is_symlink():
                yield path.relative_to(ROOT)


def read(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def check_code(check, path, text):
    lines = text.count("\n")
    check.expect(lines <= LONGEST_FILE, path, f"{lines} lines, more than {LONGEST_FILE}: is it still one room?")
    for name in VAGUE_TYPE.findall(text):
        check.fail(path, f"type {name} is named after nothing in particular")
    check.expect(not VAGUE_FILE.search(path.name), path, "a file is named after what is in it")
    if path.suffix == ".h":
        check.expect(text.startswith("//"), path, "a header begins with what it is for")
        check.expect("#pragma once" in text, path, "no #pragma once")


def check_includes(check, sources):
    owners = {header: [] for header in OWNED_HEADERS}
    for path, text in sources.items():
        for include in INCLUDE.findall(text):
            for beginning in FORBIDDEN_INCLUDES.get(path.parts[0], ()):
                check.expect(not include.startswith(beginning), path, f"includes {include}: {path.parts[0]}/ knows nothing of {beginning}")
            if path.parts[0] in FORBIDDEN_INCLUDES:
                check.expect(include not in LOCKS, path, f"includes <{include}>: nothing is shared between loops")
                for header in owners:
                    if include.startswith(header):
                        owners[header].append(path)
    for header, found in owners.items():
        rule = OWNED_HEADERS[header]
        users = sorted(set(found))
        check.expect(rule["least"] <= len(users) <= rule["most"], ROOT,
                     f"<{header}...> is included by {len(users)} files ({', '.join(map(str, users)) or 'none'}), "
                     f"expected {rule['least']} to {rule['most']}")
        for user in users:
            check.expect(rule["suffix"] in (None, user.suffix), user, f"includes <{header}...>, which only a {rule['suffix']} file may")


def check_words(check, path, text):
    for number, line in enumerate(text.splitlines(), 1):
        match = UNFINISHED.search(line)
        if match:
            check.fail(f"{path}:{number}", f"{match.group()} is unfinished or skipped")


def main():
    check = Check("shape of the tree")
    sources = {path: read(path) for path in files(CODE)}
    check.expect(any(path.parts[0] == "probes" for path in sources) and any(path.parts[0] == "exporter" for path in sources), ROOT,
                 "no sources found")
    for path, text in sources.items():
        check_code(check, path, text)
    check_includes(check, sources)
    for path in files(TEXT):
        if path.parts[:2] != ("tests", "lint"):  # where these words stand as what is looked for
            check.looked_at += 1
            check_words(check, path, read(path))
    check.finish()


if __name__ == "__main__":
    main()
