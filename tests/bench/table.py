"""The table that a run of the benchmarks ends with."""

from dataclasses import dataclass
from typing import Optional

TITLES = ("benchmark", "Lookout", "peer", "ratio", "limit", "")


@dataclass
class Row:
    benchmark: str
    lookout: str = ""  # empty: the row is a remark
    peer: str = ""
    ratio: str = ""
    limit: str = ""
    within: Optional[bool] = None  # of the limit; None where there is none
    failure: str = ""  # why the numbers say nothing

    def verdict(self, timed):
        if self.failure:
            return f"FAILED: {self.failure}"
        if self.within is None or not timed:
            return ""
        return "ok" if self.within else "MISSED"

    def cells(self, timed):
        return (self.benchmark, self.lookout, self.peer, self.ratio, self.limit, self.verdict(timed))


def print_table(rows, timed):
    """timed: the limits hold; otherwise only failures count."""
    lines = [TITLES] + [row.cells(timed) for row in rows]
    widths = [max(len(line[column]) for line in lines if line[1]) for column in range(len(TITLES))]
    for line in lines:
        cells = [line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:-1], widths[1:-1])]
        print("  ".join(cells + [line[-1]]).rstrip(), flush=True)


def all_well(rows, timed):
    return not any(row.failure or (timed and row.within is False) for row in rows)
