#!/usr/bin/env python3
"""README.md and README.zh-CN.md: what they link to and run is there, the subcommands and flags of `lookout` exist, their
configuration is accepted, their pictures are small, and what the Chinese one runs the English one runs too.

    readme.py PROGRAM"""
import re
import sys
import tempfile
from pathlib import Path

from checking import ROOT, Check

READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
LARGEST_PICTURE = 150 * 1024
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
CONFIGURATION = "# lookout.yml\n"


def commands(text):
    """What stands in code and may be a command, without what follows it in a column of its own."""
    code = [line for _, block in BLOCK.findall(text) for line in block.splitlines()]
    code += INLINE.findall(BLOCK.sub("", text))
    for line in code:
        command = re.split(r"\s{2,}|$", line.removeprefix("$ "), maxsplit=1)[0]
        if re.match(r"(deploy|tests)/[\w/-]+( |$)|lookout( |$)", command):
            yield command


def check_links(check, readme, text):
    for link in LINK.findall(text):
        if link.startswith(("https://", "http://")):
            continue
        target = readme.parent / link.split("#")[0]
        if check.expect(target.exists(), readme, f"links to {link}, which is not there") and target.suffix == ".png":
            check.expect(target.stat().st_size < LARGEST_PICTURE, target, f"is larger than {LARGEST_PICTURE // 1024} KiB")


def check_flags(check, program, readme, command):
    """Of `lookout [SUBCOMMAND] ...`, as its own help has them."""
    words = command.split()
    subcommand = [words[1]] if len(words) > 1 and re.fullmatch(r"[a-z]+", words[1]) else []
    printed = check.run(program, *subcommand, "--help", where=f"{readme.name}: {command}").stdout
    known = set(re.findall(r"--[\w.-]+", printed))
    for flag in re.findall(r"--[a-z][\w.-]*", command):
        check.expect(flag in known or flag == "--help", readme, f"{command}: there is no flag {flag}")


def check_commands(check, program, readme, text):
    for command in commands(text):
        if command.startswith("lookout"):
            check_flags(check, program, readme, command)
        else:
            check.expect((ROOT / command.split()[0]).exists(), readme, f"{command} is not there")


def check_configurations(check, program, readme, text):
    examples = [block for language, block in BLOCK.findall(text) if language == "yaml" and block.startswith(CONFIGURATION)]
    check.expect(examples, readme, "has no example of a configuration")
    with tempfile.TemporaryDirectory() as folder:
        for number, example in enumerate(examples):
            file = Path(folder) / f"{number}.yml"
            file.write_text(example, encoding="utf-8")
            check.run(program, "check", file, where=readme)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = Path(sys.argv[1]).resolve()
    check = Check("READMEs")
    texts = {readme: readme.read_text(encoding="utf-8") for readme in READMES}
    for readme, text in texts.items():
        check_links(check, readme, text)
        check_commands(check, program, readme, text)
        check_configurations(check, program, readme, text)
        for other in READMES:
            check.expect(other == readme or f"]({other.name})" in text, readme, f"does not link to {other.name}")
    english, chinese = (list(commands(texts[readme])) for readme in READMES)
    check.expect(chinese, READMES[1], "has no commands")
    for command in chinese:
        check.expect(command in english, READMES[1], f"has `{command}`, which README.md has not")
    check.finish()


if __name__ == "__main__":
    main()
