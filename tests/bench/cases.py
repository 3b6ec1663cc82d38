"""The benchmarks. Each is a function that takes the ground and the sizes, and returns rows of the table.

CPU is the exporter's own, in user and kernel mode: wall time would measure nginx, the load and whoever else is busy here.
"""

import gzip
import re
import socket
import ssl
import statistics
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlencode

from acting import acting
from ground import ADDRESSES
from programs import Failed, get
from table import Row

CONNECTIONS = 64
POOL = 512  # connections that a scraper of very many targets keeps


@dataclass(frozen=True)
class Sizes:
    rounds: int = 5  # pairs of runs, Lookout's and the peer's first in turn
    probes: float = 1  # share of each benchmark's usual number
    interval: int = 15
    scrape_seconds: int = 45
    own_connections: int = 5000
    pooled: int = 20000
    watched: int = 20000
    starts: int = 7


QUICK = Sizes(rounds=1, probes=0.05, interval=5, scrape_seconds=5, own_connections=300, pooled=1000, watched=1000, starts=1)


PEER_MAY_FAIL = 0.01  # of its probes, and the comparison still holds


def cpu_per_probe(ground, exporter, path, probes):
    """Seconds, and how many probes failed."""
    before = exporter.cpu_seconds()
    tally = ground.load(exporter, path, connections=CONNECTIONS, requests=probes)
    return (exporter.cpu_seconds() - before) / probes, tally["failed"]


def probe_cost(ground, sizes, module, target, probes, limit):
    path = "/probe?" + urlencode({"module": module, "target": target})
    probes = max(CONNECTIONS, int(probes * sizes.probes))
    costs, failed = {"lookout": [], "peer": []}, Counter()
    with ground.lookout() as lookout, ground.blackbox_exporter() as peer:
        exporters = {"lookout": lookout, "peer": peer}
        for exporter in exporters.values():
            exporter.wait_until_healthy()
            cpu_per_probe(ground, exporter, path, CONNECTIONS * 4)
        for turn in range(sizes.rounds):
            for name in sorted(exporters, reverse=turn % 2 == 1):
                seconds, failures = cpu_per_probe(ground, exporters[name], path, probes)
                costs[name].append(seconds)
                failed[name] += failures
    ratio = statistics.median(ours / max(theirs, 1e-9) for ours, theirs in zip(costs["lookout"], costs["peer"]))
    too_many = failed["lookout"] > 0 or failed["peer"] > PEER_MAY_FAIL * probes * sizes.rounds
    cells = [f"{statistics.median(costs[name]) * 1e6:.0f} us" for name in ("lookout", "peer")]
    return [Row(f"CPU per probe, {module}", *cells, f"{ratio:.3f}", f"<= {limit:.2f}", ratio <= limit,
                f"{failed['lookout']} probes, {failed['peer']} of the peer's" if too_many else "")]


def http(ground, sizes):
    return probe_cost(ground, sizes, "http", f"http://127.0.0.1:{ground.http_port}/", 4000, 0.30)


def http_body(ground, sizes):
    return probe_cost(ground, sizes, "http_body", f"http://127.0.0.1:{ground.http_port}/large", 2000, 0.30)


def https(ground, sizes):
    return probe_cost(ground, sizes, "https", f"https://127.0.0.1:{ground.tls_port}/", 1000, 0.85)


def tcp(ground, sizes):
    return probe_cost(ground, sizes, "tcp", f"127.0.0.1:{ground.http_port}", 6000, 0.30)


def tcp_tls(ground, sizes):
    return probe_cost(ground, sizes, "tcp_tls", f"127.0.0.1:{ground.tls_port}", 1000, 0.85)


def dns(ground, sizes):
    return probe_cost(ground, sizes, "dns", f"127.0.0.1:{ground.dns_port}", 6000, 0.30)


def dns_tcp(ground, sizes):
    return probe_cost(ground, sizes, "dns_tcp", f"127.0.0.1:{ground.dns_port}", 4000, 0.30)


def dns_tls(ground, sizes):
    return probe_cost(ground, sizes, "dns_tls", f"127.0.0.1:{ground.dns_tls_port}", 1000, 0.85)


def icmp(ground, sizes):
    return probe_cost(ground, sizes, "icmp", "127.0.0.1", 6000, 0.30)


def grpc(ground, sizes):
    return probe_cost(ground, sizes, "grpc", f"127.0.0.1:{ground.grpc_port}", 4000, 0.30)


def unix(ground, sizes):
    if not ground.has_unix:
        return [Row("CPU per probe, unix: has a peer since blackbox_exporter 0.28, which BLACKBOX_EXPORTER may name")]
    return probe_cost(ground, sizes, "unix", ground.unix_path, 6000, 0.30)


def scraped(ground, exporter, sizes, targets, **options):
    """The tally of open-loop scraping, peak memory in MiB, cores used."""
    exporter.wait_until_healthy()
    path = f"/probe?module=http&target=http://127.0.0.1:{ground.http_port}/{{}}"
    before, start = exporter.cpu_seconds(), time.monotonic()
    tally = ground.load(exporter, path, targets=targets, interval=sizes.interval, seconds=sizes.scrape_seconds, **options)
    cores = (exporter.cpu_seconds() - before) / (time.monotonic() - start)
    return tally, exporter.memory("VmHWM"), cores


def share_missed(tally):
    total = tally["ok"] + tally["failed"] + tally["missed"]
    return f"{tally['missed'] + tally['failed']} of {total}"


def scrape(ground, sizes, targets, connections, memory_limit, **options):
    name = f"{targets} targets through /probe every {sizes.interval} s, {connections}"
    with ground.lookout() as exporter:
        tally, memory, cores = scraped(ground, exporter, sizes, targets, **options)
    with ground.blackbox_exporter() as exporter:
        peer, peer_memory, peer_cores = scraped(ground, exporter, sizes, targets, **options)
    none_lost = tally["failed"] + tally["missed"] == 0
    return [
        Row(f"{name}: lost", share_missed(tally), share_missed(peer), limit="0", within=none_lost,
            failure=f"{tally['failed']} probes" if tally["failed"] else ""),
        Row("  longest answer", f"{tally['max'] * 1e3:.0f} ms", f"{peer['max'] * 1e3:.0f} ms"),
        Row("  cores used", f"{cores:.2f}", f"{peer_cores:.2f}", f"{cores / max(peer_cores, 1e-9):.3f}"),
        Row("  most memory", f"{memory:.1f} MiB", f"{peer_memory:.1f} MiB", f"{memory / peer_memory:.3f}",
            f"<= {memory_limit} MiB" if memory_limit else "", memory <= memory_limit if memory_limit else None),
    ]


def scrape_own(ground, sizes):
    return scrape(ground, sizes, sizes.own_connections, "a connection each", 60)


def scrape_pooled(ground, sizes):
    return scrape(ground, sizes, sizes.pooled, f"{POOL} connections", None, pool=POOL)


class Page:
    """/metrics at one moment, and what the benchmark of configured targets reads off it."""

    WANTED = "^lookout_(probes_total|target_up|probes_missed_total|scheduler_lag_seconds_bucket)[ {]"
    SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
    BOUND = re.compile(r'le="([^"]+)"')

    def __init__(self, port):
        start = time.monotonic()
        self.packed = get(port, "/metrics", headers={"Accept-Encoding": "gzip"})
        self.seconds = time.monotonic() - start

    def read(self):
        """Apart from fetching, because a hundred megabytes take a while."""
        page = gzip.decompress(self.packed)
        wanted = subprocess.run(["grep", "-E", self.WANTED], input=page, env={"LC_ALL": "C"}, capture_output=True, check=True)
        self.size = len(page)
        self.up, self.missed, self.probes, self.lag = 0, 0, Counter(), {}
        for name, labels, value in self.SAMPLE.findall(wanted.stdout.decode()):
            if name == "lookout_target_up":
                self.up += float(value) == 1
            elif name == "lookout_probes_total":
                self.probes['verdict="up"' in labels] += int(float(value))
            elif name == "lookout_probes_missed_total":
                self.missed = int(float(value))
            else:
                self.lag[float(self.BOUND.search(labels).group(1))] = int(float(value))
        return self


def lag_between(before, after):
    """The start-lag histogram of a stretch of time in words: the shares within the bounds that tell something."""
    counts = {bound: after.lag[bound] - before.lag.get(bound, 0) for bound in sorted(after.lag)}
    total = counts[float("inf")]
    words, last = [], 0
    for bound, count in counts.items():
        if count == last or (count < total * 0.9 and bound != float("inf")):
            continue
        words.append(f"{100 * count / total:.2f} % <= {bound * 1e3:g} ms")
        last = count
    return ", ".join(words)


def watched_configuration(ground, sizes):
    lines = [ground.modules_file.read_text(), f"target_defaults: {{interval: {sizes.interval}s, timeout: 5s}}", "targets:"]
    for number in range(sizes.watched):
        address = f"http://{ADDRESSES[number % len(ADDRESSES)]}:{ground.http_port}/{number}"
        lines.append(f'  - {{name: target-{number}, address: "{address}", module: http}}')
    path = ground.folder / "lookout.yml"
    path.write_text("\n".join(lines) + "\n")
    return path


def wait_until_all_are_up(exporter, sizes):
    end = time.monotonic() + 3 * sizes.interval
    while (page := Page(exporter.port).read()).up < sizes.watched:
        if time.monotonic() > end:
            raise Failed(f"{page.up} of {sizes.watched} targets are up after {3 * sizes.interval} s")
        time.sleep(sizes.interval / 5)


def watch(ground, sizes):
    with ground.lookout() as exporter:
        exporter.wait_until_healthy()
        time.sleep(1)
        empty = exporter.memory()
    with ground.lookout(watched_configuration(ground, sizes)) as exporter:
        exporter.wait_until_healthy()
        wait_until_all_are_up(exporter, sizes)
        first, cpu = Page(exporter.port), exporter.cpu_seconds()
        time.sleep(sizes.interval)  # probing only
        cpu = exporter.cpu_seconds() - cpu
        quiet = Page(exporter.port)
        for _ in range(4):  # probing while being scraped
            time.sleep(sizes.interval / 4)
            last = Page(exporter.port)
        memory = exporter.memory()
    for page in (first, quiet, last):
        page.read()
    probes = sum(quiet.probes.values()) - sum(first.probes.values())
    name = f"{sizes.watched} configured targets every {sizes.interval} s"
    failed = last.probes[False]
    return [
        Row(f"{name}: missed", str(last.missed), limit="0", within=last.missed == 0,
            failure=f"{failed} probes" if failed else "no probes" if probes == 0 else ""),
        Row("  up", f"{last.up}", limit=f"{sizes.watched}", within=last.up == sizes.watched),
        Row("  CPU per probe", f"{cpu / max(probes, 1) * 1e6:.0f} us"),
        Row("  memory per target", f"{(memory - empty) * 1024 / sizes.watched:.1f} KiB"),
        Row("  memory", f"{memory:.0f} MiB"),
        Row(f"  start lag, probing only: {lag_between(first, quiet)}"),
        Row(f"  start lag, and scraped 4 times: {lag_between(quiet, last)}"),
        Row("  answer of /metrics, gzip", f"{last.seconds:.2f} s, {last.size / 1e6:.0f} MB"),
    ]


def render(ground, sizes):
    status, said = ground.programs.run(ground.build / "tests/bench/bench_render", sizes.watched)
    times = re.findall(r"^  (?:Lookout, streamed|prometheus-cpp) +([\d.]+) ms", said, re.MULTILINE)
    if status not in (0, 1) or len(times) != 2:
        raise Failed(f"bench_render ended with {status}: {said}")
    faster = float(times[1]) / float(times[0])
    rows = [Row(f"/metrics of {sizes.watched} targets, rendering", f"{times[0]} ms", f"{times[1]} ms", f"{faster:.1f} x",
                ">= 10 x", faster >= 10)]
    stall = re.search(r"snapshot ([\d.]+) ms, longest piece of 64 KiB ([\d.]+) ms", said)
    if stall:
        rows.append(Row("  longest hold of the main loop", f"{max(map(float, stall.groups())):.1f} ms"))
    return rows


def journal(ground, sizes):
    """Of a year; few targets of a few days when it is only to be seen that it works."""
    days = 365 if sizes.probes == 1 else 30
    targets = sizes.watched // 2
    status, said = ground.programs.run(ground.build / "tests/bench/bench_journal_size", ground.folder / "journal", targets, days)
    size = re.search(r"targets, \d+ days: (\d+) MiB", said)
    times = {what: re.search(rf"^{what} +([\d.]+) ms", said, re.MULTILINE) for what in
             ("past of all targets, 90 days", "restoring at a start", "writing summaries, every five minutes",
              "forgetting, longest portion")}
    if status != 0 or not size or not all(times.values()):
        raise Failed(f"bench_journal_size ended with {status}: {said}")
    return [Row(f"journal of {targets} targets after {days} days", f"{size[1]} MiB")] + [
        Row(f"  {what}", f"{found[1]} ms") for what, found in times.items()]


def start_up_seconds(running):
    start = time.monotonic()
    with running as exporter:
        exporter.wait_until_healthy()
        return time.monotonic() - start


def idle_memory(running):
    """MiB: all of it, and what no file backs; the rest are programs and libraries, which others may share."""
    with running as exporter:
        exporter.wait_until_healthy()
        time.sleep(2)
        return exporter.memory(), exporter.memory("RssAnon")


def stripped_size(program, folder):
    """MiB on disk without debugging information."""
    out = folder / "stripped"
    subprocess.run(["llvm-strip-19", "-o", out, program.resolve()], check=True)
    return out.stat().st_size / 1024 / 1024


def beside(benchmark, ours, theirs, unit):
    return Row(benchmark, f"{ours:.1f} {unit}", f"{theirs:.1f} {unit}", f"{ours / theirs:.3f}")


def footprint(ground, sizes):
    ours, theirs = [], []
    for _ in range(sizes.starts):
        ours.append(start_up_seconds(ground.lookout()))
        theirs.append(start_up_seconds(ground.blackbox_exporter()))
    memory, anonymous = idle_memory(ground.lookout())
    peer_memory, peer_anonymous = idle_memory(ground.blackbox_exporter())
    size = stripped_size(ground.build / "exporter/lookout", ground.folder)
    peer_size = stripped_size(ground.peer, ground.folder)
    return [
        beside("start to the first answer", statistics.median(ours) * 1e3, statistics.median(theirs) * 1e3, "ms"),
        beside("memory, idle", memory, peer_memory, "MiB"),
        beside("  of it not backed by files", anonymous, peer_anonymous, "MiB"),
        beside("program, stripped (Lookout's libraries are Debian's)", size, peer_size, "MiB"),
    ]


def tls_client():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def kept_connection(context, exporter):
    """A connection over TLS that has had an answer and is kept."""
    plain = socket.create_connection(("127.0.0.1", exporter.port), timeout=30)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = context.wrap_socket(plain)
    connection.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    answer = connection.recv(4096)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise Failed(f"{exporter.name} answered {answer[:60]!r}")
    return connection


def memory_of_idle_connections(running, count):
    """KiB of the server's for each."""
    context, kept = tls_client(), []
    with running as exporter:
        exporter.wait_until_listening()
        kept_connection(context, exporter).close()
        before = exporter.memory("RssAnon")
        try:
            for _ in range(count):
                kept.append(kept_connection(context, exporter))
            time.sleep(2)
            return (exporter.memory("RssAnon") - before) * 1024 / count
        finally:
            for connection in kept:
                connection.close()


def idle_tls(ground, sizes):
    flag, count = ground.web_with_tls(), sizes.own_connections
    ours = memory_of_idle_connections(ground.lookout(None, flag), count)
    theirs = memory_of_idle_connections(ground.blackbox_exporter(None, flag), count)
    return [beside(f"memory for each of {count} idle connections over TLS", ours, theirs, "KiB")]


CASES = {case.__name__: case for case in
         (http, http_body, https, tcp, tcp_tls, dns, dns_tcp, dns_tls, icmp, grpc, unix, scrape_own, scrape_pooled, watch, acting, render, journal, footprint, idle_tls)}
