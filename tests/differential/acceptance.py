"""Which configuration files are taken, by `--config.check` of both programs: acceptance.yml has one of them for each rule.

A snippet is the text of a module's body, of its block's body (`http: method: X`), or a whole file.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import exporters
import yaml
from known import version as as_version

AT_A_TIME = 4
CORPUS = Path(__file__).with_name("acceptance.yml")


def files():
    """(name, first version of the peer that has it, text)"""
    for group, fields in yaml.safe_load(CORPUS.read_text()).items():
        for name, snippet in fields["files"].items():
            yield f"config_{group}_{name}", fields.get("since", "0.23"), text_of(fields.get("within", ""), snippet)


def text_of(within, snippet):
    """The file: `within` has a line @SNIPPET@, which the snippet's lines take the place of, indented alike."""
    if isinstance(snippet, bytes) or not within:
        return snippet
    lines = []
    for line in within.splitlines():
        indent = line[:len(line) - len(line.lstrip())]
        lines += [indent + each for each in snippet.splitlines()] if line.strip() == "@SNIPPET@" else [line]
    return "\n".join(lines) + "\n"


def compare_all(folder, version, wanted, known, verbose):
    chosen = [(name, text) for name, since, text in files() if as_version(since) <= version and wanted(name)]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for name, verdicts in pool.map(lambda each: check(folder, *each), chosen):
            (ours, our_words), (theirs, their_words) = verdicts
            if ours != theirs:
                words = [("taken" if taken else "refused") for taken in (ours, theirs)]
                known.judge(name, f"config: {words[0]} / {words[1]}")
                if verbose:
                    print(f"=== {name}\n--- Lookout: {our_words}\n--- blackbox_exporter: {their_words[-300:]}")
            if not ours and not our_words:
                known.judge(name, "config: refused by ours without a word")
    return len(chosen)


def check(folder, name, text):
    path = folder / f"{name}.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return name, [exporters.checks(program, path, folder) for program in (exporters.LOOKOUT, exporters.BLACKBOX)]
