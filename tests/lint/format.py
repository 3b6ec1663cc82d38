#!/usr/bin/env python3
"""All C++ is formatted as .clang-format says. To mend what this finds: clang-format-19 -i FILE."""
import style
from checking import ROOT, Check, tool

FILES_AT_ONCE = 40  # starting the program takes longer than looking at a file


def main():
    check = Check("formatting")
    program = tool("clang-format-19", "clang-format-19")
    paths = list(style.files(style.CODE))
    for first in range(0, len(paths), FILES_AT_ONCE):
        files = paths[first:first + FILES_AT_ONCE]
        check.run(program, "--dry-run", "-Werror", *(ROOT / path for path in files), where=f"{files[0]} to {files[-1]}", most_words=2000)
    check.finish()


if __name__ == "__main__":
    main()
