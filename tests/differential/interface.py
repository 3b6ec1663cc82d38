"""What is not a probe's result: errors of /probe, its parameters and timeout, the debug page, paths that are no probe."""

import re
import time

import exporters
from comparing import Difference, compare_heads, compare_pages
from http_scripts import TEXT, read_request, response
from listeners import Listeners

MODULES = {
    "http_2xx": {"prober": "http"}, "patient": {"prober": "http", "timeout": "20s"}, "hasty": {"prober": "http", "timeout": "3s"},
    "named": {"prober": "http", "http": {"headers": {"Host": "www.example.org"}}},
    "secret": {"prober": "http", "timeout": "2s", "http": {"basic_auth": {"username": "user", "password": "hidden"}}},
    "tcp": {"prober": "tcp"}, "ping": {"prober": "icmp"},
}
TIMEOUT = "X-Prometheus-Scrape-Timeout-Seconds"


def requests(target):
    """name, path, headers; the answers' statuses, types and bodies are compared."""
    probe = f"/probe?target={target}"
    for name, path in {
            "no_target": "/probe", "empty_target": "/probe?target=", "unknown_module": f"{probe}&module=nothing",
            "unknown_module_without_target": "/probe?module=nothing", "module_with_quotes": f"{probe}&module=%22a%0Ab%C3%A4%FF%22",
            "empty_module": f"{probe}&module=", "repeated_module": f"{probe}&module=tcp&module=http_2xx", "repeated_target": f"{probe}&target=other",
            "unknown_parameter": f"{probe}&more=1", "semicolon": f"/probe?x;y=1&target={target}", "bad_escape": f"/probe?x=%zz&target={target}",
            "bad_escape_in_target": "/probe?target=%zz", "debug_1": f"{probe}&debug=1", "debug_True": f"{probe}&debug=True",
            "hostname_conflict": f"{probe}&module=named&hostname=other.example", "hostname_same": f"{probe}&module=named&hostname=www.example.org",
            "hostname_for_icmp": "/probe?target=127.0.0.1&module=ping&hostname=x", "hostname_empty": f"{probe}&hostname=",
            "encoded_target": "/probe?target=" + target.replace(":", "%3A").replace("/", "%2F"), "plus_in_target": f"{probe}/a%2Bb",
            "healthy": "/-/healthy", "reload_by_get": "/-/reload", "trailing_slash": f"/probe/?target={target}", "double_slash": f"//probe?target={target}",
            "dots": f"/x/../probe?target={target}", "unknown_path": "/nothing"}.items():
        yield name, path, {}
    for value in ("abc", "", "0", "-1", "1e1", "0x10", "inf", "1_0", " 5", "+5", "5s", "0.2", "10", "15", "1e400"):
        yield f"timeout_{value or 'empty'}", f"{probe}&module=hasty", {TIMEOUT: value}
        yield f"timeout_{value or 'empty'}_beyond", f"{probe}&module=patient", {TIMEOUT: value}
    for value in ("NaN", "0.5"):  # no time at all: nothing can be well, if the server takes some
        yield f"timeout_{value}", f"{probe}/slow&module=hasty", {TIMEOUT: value}
    for name, accept in {
            "openmetrics": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5", "any": "*/*", "html": "text/html",
            "prometheus_3": "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
                            "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"}.items():
        yield f"accept_{name}", probe, {"Accept": accept}


def server(connection):
    request = read_request(connection)
    if request.path == "/slow":
        time.sleep(0.3)
    connection.send(response(TEXT))


def compare_all(folder, version, wanted, known, verbose):
    listener = Listeners().tcp(server)
    pair = exporters.start_with(folder, MODULES)
    compared = 0
    try:
        for name, path, headers in requests(f"http://127.0.0.1:{listener.port}"):
            if not wanted(f"page_{name}"):
                continue
            compared += 1
            judge(known, f"page_{name}", [exporter.ask(path, headers=headers) for exporter in pair], verbose)
        for name, difference in debug_pages(pair, listener.port):
            if wanted(name):
                known.judge(name, difference.text)
        compared += 2
    finally:
        for process in pair:
            process.end()
    return compared


def judge(known, name, answers_of_both, verbose):
    ours, theirs = answers_of_both
    found = list(compare_heads(ours, theirs))
    if all(each.content_type.startswith("text/plain") and each.body.startswith("# HELP") for each in answers_of_both):
        found += [each for each in compare_pages(ours.body, theirs.body) if not each.timing]  # a timeout of 0 is a race
    elif not found and ours.body != theirs.body:
        found.append(Difference(f"body: {ours.body.strip()[:200]} / {theirs.body.strip()[:200]}"))
    for difference in found:
        known.judge(name, difference.text)
        if verbose:
            print(f"=== {name}: {difference.text}")


SECTIONS = ["Logs for the probe:", "Metrics that would have been returned:", "Module configuration:"]


def debug_pages(pair, port):
    """Their sections, the metrics in them, and that no secret is shown; neither logs nor configuration have the same words."""
    target = f"http://127.0.0.1:{port}"
    for name, path in (("page_debug", f"/probe?target={target}&debug=true"), ("page_debug_secret", f"/probe?target={target}&module=secret&debug=true")):
        ours, theirs = (exporter.ask(path) for exporter in pair)
        yield from ((name, each) for each in compare_heads(ours, theirs))
        parts = [re.split("|".join(f"^{each}$" for each in SECTIONS), page.body, flags=re.MULTILINE) for page in (ours, theirs)]
        if [len(each) for each in parts] != [4, 4]:
            yield name, Difference(f"sections: {[len(each) for each in parts]}")
            continue
        yield from ((name, each) for each in compare_pages(parts[0][2].strip(), parts[1][2].strip()))
        gaps = [[len(part) - len(part.rstrip("\n")) for part in each[1:3]] for each in parts]
        if gaps[0] != gaps[1]:
            yield name, Difference(f"newlines before sections: {gaps[0]} / {gaps[1]}")
        for whose, page in (("ours", ours), ("theirs", theirs)):
            if "hidden" in page.body:
                yield name, Difference(f"a secret is shown by {whose}")
        if name == "page_debug_secret" and "<secret>" not in ours.body:
            yield name, Difference("no <secret> in ours")
