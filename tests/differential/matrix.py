"""The matrix: every case through both exporters, several cases at a time."""

from concurrent.futures import ThreadPoolExecutor

import cases_dns
import cases_grpc
import cases_http
import cases_icmp
import cases_streams
import cases_tls
import cases_websocket
import exporters
from comparing import compare_metrics
from ground import Ground
from known import version as as_version

AT_A_TIME = 8
TIMING_ATTEMPTS = 3  # a difference in time alone counts when it is there each time


def all_cases():
    return [*cases_http.CASES, *cases_tls.CASES, *cases_streams.CASES, *cases_dns.CASES,
            *cases_icmp.CASES, *cases_grpc.CASES, *cases_websocket.CASES]


def compare_all(folder, version, wanted, known, verbose):
    chosen = [case for case in all_cases() if wanted(case.name)]
    cases = [case for case in chosen if as_version(case.since) <= version]
    if len(cases) < len(chosen):
        print(f"{len(chosen) - len(cases)} cases are not compared: this blackbox_exporter is older than what they ask for")
    ground = Ground(folder, cases)
    pair = ()
    try:
        modules = ground.modules()
        refused = {} if exporters.load_alike(ground, modules) else dict(exporters.refused_modules(ground, modules))
        for name, found in refused.items():
            for difference in found:
                known.judge(name, difference.text)
        pair = exporters.start_with(folder, {name: module for name, module in modules.items() if name not in refused})
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            probed = [case for case in cases if case.name not in refused]
            for case, found, answers in pool.map(lambda each: compare(ground, pair, each, known), probed):
                before = len(known.unlisted)
                for difference in found:
                    known.judge(case.name, difference.text)
                if verbose and len(known.unlisted) > before:
                    show(case, answers)
    finally:
        for process in pair:
            process.end()
        ground.end()
    return len(cases)


def compare(ground, pair, case, known):
    for attempt in range(TIMING_ATTEMPTS):
        answers = [ask(ground, exporter, case) for exporter in pair]
        found = list(compare_metrics(*answers))
        if not any(each.timing and not known.is_listed(case.name, each.text) for each in found):
            break
    return case, found, answers


def ask(ground, exporter, case):
    answer = exporter.probe(case.name, ground.target(case), ground.parameters(case))
    heard = ground.heard(case)
    return answer._replace(heard=() if case.blind else heard)


def show(case, answers):
    print(f"=== {case.name}: {case.module()}")
    for name, answer in zip(("Lookout", "blackbox_exporter"), answers):
        print(f"--- {name}: {answer.status} {answer.content_type}")
        print("\n".join(line for line in answer.body.splitlines() if not line.startswith("#")))
        print("heard:", *answer.heard, sep="\n  ")
