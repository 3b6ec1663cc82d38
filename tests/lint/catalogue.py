"""The metrics that exist, with their labels, as the program's sources declare them; and whether an expression names only such."""
import re

import promql
from checking import ROOT, load_yaml

CATALOGUE = ROOT / "exporter/metrics/catalogue.cc"
RULES = ROOT / "deploy/prometheus/rules"
SCRAPE_LABELS = {"job", "instance", "quorum"}  # by Prometheus, and by its configuration for Lookouts that vote together
DISCOVERED_LABELS = {"probe_success": {"severity"}}  # of targets that /api/v1/sd names
# Families of single kinds of probes stand in their sources without labels; these have one besides the target.
FACT_LABELS = {
    "probe_http_duration_seconds": {"phase"}, "probe_dns_duration_seconds": {"phase"}, "probe_icmp_duration_seconds": {"phase"},
    "probe_grpc_duration_seconds": {"phase"}, "probe_grpc_healthcheck_response": {"serving_status"},
    "probe_tls_version_info": {"version"}, "probe_tls_cipher_info": {"cipher"},
}
FROM_PROMETHEUS = {"up": ("gauge", set()), "scrape_duration_seconds": ("gauge", set())}
HISTOGRAM_SUFFIXES = ("_bucket", "_sum", "_count")

ROW = re.compile(r'Metric\{\s*"(\w+)",\s*(counter|gauge|histogram),\s*"([^"]*)"')
FACT = re.compile(r'FactFamily\s+k\w+\s*\{\s*"(\w+)"')


def read_metrics():
    rows = ROW.findall(CATALOGUE.read_text(encoding="utf-8"))
    metrics = {name: (kind, set(filter(None, labels.split(",")))) for name, kind, labels in rows}
    for header in sorted((ROOT / "probes").rglob("*.h")):
        for name in FACT.findall(header.read_text(encoding="utf-8")):
            metrics[name] = ("gauge", {"target"} | FACT_LABELS.get(name, set()))
    for name in metrics:
        if name.startswith("probe_"):
            metrics[name][1].add("checkpoint")
    return metrics | FROM_PROMETHEUS


METRICS = read_metrics()


def add_recorded_metrics():
    """What rules record has, at most, the labels of what they record it from."""
    METRICS["target:lookout_rules:fitted"] = ("gauge", {"target"})  # by what `lookout rules` writes
    for file in sorted(RULES.glob("*.yml")):
        for rule in (rule for group in load_yaml(file)["groups"] for rule in group["rules"] if "record" in rule):
            selectors = promql.parse(str(rule["expr"])).selectors
            METRICS[rule["record"]] = ("gauge", set().union(*(labels(each.metric) for each in selectors if family(each.metric))))


def family(metric):
    """The family that a sample belongs to, or None."""
    if metric in METRICS:
        return metric if METRICS[metric][0] != "histogram" else None
    for suffix in HISTOGRAM_SUFFIXES:
        base = metric.removesuffix(suffix)
        if base != metric and METRICS.get(base, ("", set()))[0] == "histogram":
            return base
    return None


def labels(metric):
    known = SCRAPE_LABELS | METRICS[family(metric)][1] | DISCOVERED_LABELS.get(metric, set())
    return known | {"le"} if metric.endswith("_bucket") else known


def check_names(check, where, expression):
    """Every metric exists and has every label that it is asked for; every grouping label exists on some metric of the expression."""
    available = set()
    for selector in expression.selectors:
        if not check.expect(family(selector.metric), where, f"no metric {selector.metric}: neither in {CATALOGUE.name} nor among the facts of a probe"):
            continue
        available |= labels(selector.metric)
        for label, _, _ in selector.matchers:
            check.expect(label in labels(selector.metric), where, f"{selector.metric} has no label {label}")
    for label in expression.grouping:
        check.expect(label in available, where, f"groups by {label}, which no metric of the expression has")


add_recorded_metrics()
