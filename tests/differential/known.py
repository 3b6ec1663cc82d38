"""The list of differences that are meant: which were met, which came unlisted, and which are gone.

An entry of differences.yml:

    - reason: why Lookout differs here
      defect: true                             # it should not; absent: it is meant
      cases: [http_truncated, "https_*"]       # names; with * a pattern
      differences: ["value probe_x: 1 / *"]    # sentences of comparing.py; * is anything
      from: "0.24"                             # the peer's versions for which it holds: from this one on,
      before: "0.28"                           # and before this one; absent: all
"""

import re
from pathlib import Path

import yaml

KEYS = {"reason", "cases", "differences", "from", "before", "defect"}


def version(text):
    return tuple(int(part) for part in str(text).split(".")[:2])


def pattern(glob):
    return re.compile(".*".join(map(re.escape, glob.split("*"))), re.DOTALL)


class Entry:
    def __init__(self, fields):
        unknown = fields.keys() - KEYS
        if unknown or not fields.get("reason") or not fields.get("cases") or not fields.get("differences"):
            raise ValueError(f"an entry needs reason, cases and differences, and knows no {sorted(unknown)}: {fields}")
        self.reason = fields["reason"]
        self.defect = fields.get("defect", False)
        self.cases = {each: pattern(each) for each in fields["cases"]}
        self.differences = {each: pattern(each) for each in fields["differences"]}
        self.first = version(fields.get("from", "0.0"))
        self.end = version(fields.get("before", "1000.0"))
        self.unmet = {*self.cases, *self.differences}

    def covers(self, case, difference):
        cases = [each for each, its in self.cases.items() if its.fullmatch(case)]
        differences = [each for each, its in self.differences.items() if its.fullmatch(difference)]
        if cases and differences:
            self.unmet -= {*cases, *differences}
        return bool(cases and differences)


class Known:
    def __init__(self, path: Path, peer_version):
        entries = [Entry(fields) for fields in yaml.safe_load(path.read_text())]
        self.entries = [each for each in entries if each.first <= peer_version < each.end]
        self.listed = 0
        self.defects = 0
        self.unlisted = []

    def judge(self, case, difference):
        """Whether it is listed; every entry that covers it counts as met."""
        covering = [entry for entry in self.entries if entry.covers(case, difference)]
        if covering:
            self.listed += 1
            self.defects += all(entry.defect for entry in covering)
        else:
            self.unlisted.append((case, difference))

    def is_listed(self, case, difference):
        return any(entry.covers(case, difference) for entry in self.entries)

    def gone(self):
        """What entries name and nothing showed: (entry's reason, what was not met)."""
        return [(entry.reason, sorted(entry.unmet)) for entry in self.entries if entry.unmet]
