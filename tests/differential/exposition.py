"""Reads a page of the text format as it is written: numbers and labels stay the text that they were."""

import re
from typing import NamedTuple

_SAMPLE = re.compile(r'^(?P<series>[a-zA-Z_:][\w:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*\})?) (?P<value>\S+)$')


class Page(NamedTuple):
    types: dict  # family -> type, in the page's order
    helped: set  # families that have a HELP
    samples: dict  # series -> number, in the page's order; both as written

    def families(self):
        return list(self.types)


class Malformed(Exception):
    pass


def family_of(series):
    return series.partition("{")[0]


def parse(text):
    page = Page({}, set(), {})
    for line in text.splitlines():
        words = line.split(" ", 3)
        if words[:2] == ["#", "HELP"]:
            page.helped.add(words[2])
        elif words[:2] == ["#", "TYPE"]:
            if words[2] in page.types:
                raise Malformed(f"{words[2]} has its type twice")
            page.types[words[2]] = words[3]
        else:
            sample = _SAMPLE.match(line)
            if not sample or sample["series"] in page.samples or family_of(sample["series"]) not in page.types:
                raise Malformed(f"no sample, or a second one, or one without a type: {line!r}")
            page.samples[sample["series"]] = sample["value"]
    return page
