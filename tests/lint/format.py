#!/usr/bin/env python3
"""All C++ is formatted as .clang-format says. To mend what this finds: clang-format-19 -i FILE."""
import style
from checking import ROOT, Check, tool


def main():
    check = Check("formatting")
    program = tool("clang-format-19", "clang-format-19")
    for path in style.files(style.CODE):
        check.run(program, "--dry-run", "-Werror", ROOT / path, where=path, most_words=200)
    check.finish()


if __name__ == "__main__":
    main()
