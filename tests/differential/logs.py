"""What is remembered of probes: /logs by number and by target, in a history that some have fallen out of."""

import re

import exporters
from comparing import Difference, compare_heads, compare_pages
from http_scripts import read_request, response
from known import version as as_version
from listeners import Listeners

MODULES = {"http_2xx": {"prober": "http"}, "other": {"prober": "http"}, "post": {"prober": "http", "http": {"method": "POST"}}}
LIMIT = 3  # of the history
# In this order, numbered from 0: the first is a success that falls out, the second a failure that stays.
PROBES = [("http_2xx", "/gone"), ("http_2xx", "/fails"), ("http_2xx", "/a"), ("other", "/a"), ("post", "/b%20c")]


def requests(target):
    """name, first version of the peer that has it, query"""
    for name, query in {
            "last": "id=4", "failure_kept": "id=1", "fallen_out": "id=0", "number_not_reached": "id=5", "number_negative": "id=-1",
            "number_below": "id=-2", "word": "id=abc", "number_empty": "id=", "number_signed": "id=%2B4", "number_with_zeros": "id=004",
            "number_hex": "id=0x4", "number_fraction": "id=4.0", "number_blank": "id=%204", "number_underscore": "id=0_4",
            "number_huge": "id=99999999999999999999", "two_numbers": "id=4&id=5", "unknown_parameter": "id=4&more=1"}.items():
        yield f"logs_{name}", "0.23", query
    for name, query in {
            "nothing": "", "target": f"target={target}/a", "target_failed": f"target={target}/fails", "target_fallen_out": f"target={target}/gone",
            "target_unknown": "target=nobody", "target_empty": "target=", "target_and_module": f"target={target}/a&module=other",
            "target_and_wrong_module": f"target={target}/a&module=post", "target_and_empty_module": f"target={target}/a&module=",
            "module_alone": "module=other", "number_and_target": f"id=4&target={target}/a", "number_and_module": "id=4&module=other",
            "word_and_target": f"id=abc&target={target}/a", "negative_and_target": f"id=-1&target={target}/a",
            "number_and_empty_target": "id=4&target=", "target_decoded": f"target={target}/b%20c", "target_encoded": f"target={target}/b%2520c"}.items():
        yield f"logs_{name}", "0.28", query


def server(connection):
    """Its answer's length tells which probe it was for."""
    request = read_request(connection)
    length = connection.listener.answered = getattr(connection.listener, "answered", 0) + 1
    connection.send(response(b"x" * length, status="500 No" if request.path == "/fails" else "200 OK"))


def compare_all(folder, version, wanted, known, verbose):
    listeners = Listeners()
    pair = exporters.start_with(folder, MODULES, [f"--history.limit={LIMIT}"])
    targets = [f"http://127.0.0.1:{listeners.tcp(server).port}" for _ in pair]
    compared = 0
    try:
        for exporter, target in zip(pair, targets):
            for module, path in PROBES:
                exporter.ask(f"/probe?module={module}&target={target}{path}")
        for ours, theirs in zip(*map(requests, targets)):
            name, since, _ = ours
            if as_version(since) <= version and wanted(name):
                compared += 1
                judge(known, name, [exporter.ask(f"/logs?{query}") for exporter, (_, _, query) in zip(pair, (ours, theirs))], verbose)
    finally:
        for process in pair:
            process.end()
    return compared


def judge(known, name, answers, verbose):
    ours, theirs = answers
    found = list(compare_heads(ours, theirs))
    if ours.status == theirs.status == 200:
        found += compare_pages(*(metrics_of(each.body) for each in answers))
    elif ours.body != theirs.body:
        found.append(Difference(f"body: {ours.body!r} / {theirs.body!r}"))
    for difference in found:
        known.judge(name, difference.text)
        if verbose:
            print(f"=== {name}: {difference.text}")


def metrics_of(page):
    return re.split("^Metrics that would have been returned:$|^Module configuration:$", page, flags=re.MULTILINE)[1].strip()
