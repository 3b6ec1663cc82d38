"""Probing while actions of recovery begin and while they hang, beside probing while there are none: the same process, in turn."""

import json
import re
import socket
import statistics
import time

from programs import Failed, free_port, get
from table import Row

DOWN = 30  # targets whose actions hang
ACTIONS = """
recovery:
  mode: auto
  max_actions_per_hour: 1000
  actions:
    hang-as-program: {{exec: {{argv: [sleep, "3600"], timeout: {timeout}s}}}}
    hang-as-request: {{http: {{url: "http://127.0.0.1:{silent_port}/", timeout: {timeout}s}}}}
  plans:
    as-program: {{steps: [{{action: hang-as-program}}]}}
    as-request: {{steps: [{{action: hang-as-request}}]}}
"""
SUM_OR_COUNT = re.compile(r"^(lookout_scheduler_lag_seconds|lookout_probe_latency_seconds)_(sum|count)(?:\{target=\"up-.*\})? (\S+)$", re.MULTILINE)


def configuration(ground, sizes, targets, silent_port, closed_port):
    lines = [ground.modules_file.read_text(), f"target_defaults: {{interval: {sizes.interval}s, timeout: 2s, module: http}}", "targets:"]
    lines += [f'  - {{name: up-{number}, address: "http://127.0.0.1:{ground.http_port}/{number}"}}' for number in range(targets)]
    lines += [f'  - {{name: down-{number}, address: "http://127.0.0.1:{closed_port}/", recovery: {plan}}}'
              for number, plan in enumerate(["as-program", "as-request"] * (DOWN // 2))]
    path = ground.folder / "acting.yml"
    path.write_text("\n".join(lines) + "\n" + ACTIONS.format(timeout=4 * sizes.interval, silent_port=silent_port))
    return path


def hanging(exporter):
    attempts = json.loads(get(exporter.port, "/api/v1/recovery"))["attempts"]
    return sum(attempt["state"] == "reserved" for attempt in attempts)


def wait_for_hanging(exporter, number, seconds):
    end = time.monotonic() + seconds
    while (found := hanging(exporter)) != number:
        if time.monotonic() > end:
            raise Failed(f"{found} actions hang after {seconds} s, and {number} should")
        time.sleep(0.2)


def sums(exporter):
    totals = {}
    for name, kind, value in SUM_OR_COUNT.findall(get(exporter.port, "/metrics").decode()):
        totals[name, kind] = totals.get((name, kind), 0) + float(value)
    return totals


def means_of_a_while(exporter, seconds):
    """Start lag of all, latency of those that are up, and CPU per probe; in microseconds."""
    before, cpu = sums(exporter), exporter.cpu_seconds()
    time.sleep(seconds)
    cpu, after = exporter.cpu_seconds() - cpu, sums(exporter)
    def grown(name, kind):
        return after[name, kind] - before[name, kind]
    lag, latency = "lookout_scheduler_lag_seconds", "lookout_probe_latency_seconds"
    probes = max(1, grown(lag, "count"))
    return {"start lag": grown(lag, "sum") / probes * 1e6, "latency": grown(latency, "sum") / max(1, grown(latency, "count")) * 1e6,
            "CPU per probe": cpu / probes * 1e6}


def missed(exporter):
    return int(re.search(r"^lookout_probes_missed_total (\d+)", get(exporter.port, "/metrics").decode(), re.MULTILINE)[1])


def stretches(exporter, sizes, stop_file):
    """One without actions, one in which as many begin as there are targets that are down, one in which they hang; none is ever done twice."""
    exporter.wait_until_healthy()
    time.sleep(2 * sizes.interval)
    if hanging(exporter) != 0:
        raise Failed("actions have begun in spite of the stop file")
    without = means_of_a_while(exporter, sizes.interval)
    stop_file.unlink()
    beginning = means_of_a_while(exporter, sizes.interval)
    wait_for_hanging(exporter, DOWN, 2 * sizes.interval)
    while_they_hang = means_of_a_while(exporter, sizes.interval)
    if hanging(exporter) != DOWN:
        raise Failed("actions ended while probing was measured")
    return without, beginning, while_they_hang, missed(exporter)


def acting(ground, sizes):
    targets = sizes.watched // 4
    rounds = []
    with socket.create_server(("127.0.0.1", 0), backlog=DOWN * sizes.rounds) as silent:  # accepts nobody
        file = configuration(ground, sizes, targets, silent.getsockname()[1], free_port())
        for number in range(sizes.rounds):
            stop_file = ground.folder / f"acting-{number}" / "recovery.stop"
            stop_file.parent.mkdir()
            stop_file.touch()
            with ground.lookout(file, f"--storage.path={stop_file.parent}") as exporter:
                rounds.append(stretches(exporter, sizes, stop_file))
    without, beginning, while_they_hang, lost = zip(*rounds)
    rows = [Row(f"{targets} targets every {sizes.interval} s, with {DOWN} actions and without: missed", str(sum(lost)),
                limit="0", within=sum(lost) == 0)]
    for when, measured in (("as they begin", beginning), ("while they hang", while_they_hang)):
        for what in ("start lag", "latency", "CPU per probe"):
            ratio = statistics.median(each[what] / other[what] for each, other in zip(measured, without))
            medians = [statistics.median(each[what] for each in side) for side in (measured, without)]
            rows.append(Row(f"  {what}, mean, {when}, and without", *(f"{each:.0f} us" for each in medians), f"{ratio:.3f}"))
    return rows
