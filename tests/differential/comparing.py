"""What differs between two answers to the same request, as sentences that the list of known differences can name."""

from typing import NamedTuple, Optional

from exposition import Malformed, family_of, parse

DURATIONS = {
    "probe_duration_seconds", "probe_dns_lookup_time_seconds", "probe_http_duration_seconds", "probe_icmp_duration_seconds",
    "probe_dns_duration_seconds", "probe_grpc_duration_seconds", "probe_websocket_duration_seconds"}
CLOSE_SECONDS = 0.25  # a duration says where the time went; which of the programs is faster is for the benchmarks


class Answer(NamedTuple):
    status: Optional[int]  # None: the connection was closed without an answer
    content_type: str
    body: str
    heard: tuple = ()  # what the probed server saw and got, one line each
    headers: tuple = ()  # (name, value)


class Difference(NamedTuple):
    text: str
    timing: bool = False  # may be the machine's doing, so it is looked at again


def compare_metrics(ours, theirs):
    """Every difference between two answers of /probe."""
    yield from compare_heads(ours, theirs)
    if ours.status != 200 or theirs.status != 200:
        if ours.body != theirs.body:
            yield Difference(f"body: {ours.body!r} / {theirs.body!r}")
    else:
        yield from compare_pages(ours.body, theirs.body)
    yield from one_sided("heard", ours.heard, theirs.heard)


def compare_heads(ours, theirs):
    for what in ("status", "content_type"):
        mine, other = getattr(ours, what), getattr(theirs, what)
        if mine != other:
            yield Difference(f"{what}: {mine} / {other}")


def compare_pages(ours, theirs):
    try:
        mine, other = parse(ours), parse(theirs)
    except Malformed as error:
        yield Difference(f"malformed: {error}")
        return
    yield from one_sided("family", mine.types, other.types)
    yield from one_sided("help", mine.helped, other.helped, unless=set(mine.types) ^ set(other.types))
    for family in mine.types:
        if mine.types[family] != other.types.get(family, mine.types[family]):
            yield Difference(f"type {family}: {mine.types[family]} / {other.types[family]}")
    shared = mine.types.keys() & other.types.keys()
    yield from one_sided("series", [each for each in mine.samples if family_of(each) in shared],
                         [each for each in other.samples if family_of(each) in shared])
    for series in mine.samples:
        if series in other.samples:
            yield from compare_values(series, mine.samples[series], other.samples[series])
    for what, our_order, their_order in (("families", mine.types, other.types), ("series", mine.samples, other.samples)):
        both = our_order.keys() & their_order.keys()
        if [each for each in our_order if each in both] != [each for each in their_order if each in both]:
            yield Difference(f"order of {what}")


def compare_values(series, mine, other):
    if mine == other:
        return
    if family_of(series) not in DURATIONS:
        yield Difference(f"value {series}: {mine} / {other}")
    elif (float(mine) == 0) != (float(other) == 0) or abs(float(mine) - float(other)) > CLOSE_SECONDS:
        # Rounded, so that the list can name it.
        yield Difference(f"time {series}: {float(mine):.1f} / {float(other):.1f}"
                         + (" (one is 0)" if (float(mine) == 0) != (float(other) == 0) else ""), timing=True)


def one_sided(what, ours, theirs, unless=()):
    """Things that only one side has; things are counted, so that twice is not once."""
    remaining = list(theirs)
    for each in ours:
        if each in remaining:
            remaining.remove(each)
        elif each not in unless:
            yield Difference(f"{what} only ours: {each}")
    for each in remaining:
        if each not in unless:
            yield Difference(f"{what} only theirs: {each}")
