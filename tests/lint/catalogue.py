"""Compares the metrics and labels that an expression names with those that exist (metrics.yml)."""
from checking import ROOT, load_yaml

METRICS = load_yaml(ROOT / "tests/lint/metrics.yml")
SCRAPE_LABELS = {"job", "instance"}
HISTOGRAM_SUFFIXES = ("_bucket", "_sum", "_count")


def family(metric):
    """The family that a sample belongs to, or None."""
    if metric in METRICS:
        return metric if METRICS[metric]["type"] != "histogram" else None
    for suffix in HISTOGRAM_SUFFIXES:
        base = metric.removesuffix(suffix)
        if base != metric and METRICS.get(base, {}).get("type") == "histogram":
            return base
    return None


def labels(metric):
    known = SCRAPE_LABELS | set(METRICS[family(metric)]["labels"])
    return known | {"le"} if metric.endswith("_bucket") else known


def check_names(check, where, expression):
    """Every metric exists and has every label that it is asked for; every grouping label exists on some metric of the expression."""
    available = set()
    for selector in expression.selectors:
        if not check.expect(family(selector.metric), where, f"no metric {selector.metric} (known ones: tests/lint/metrics.yml)"):
            continue
        available |= labels(selector.metric)
        for label, _, _ in selector.matchers:
            check.expect(label in labels(selector.metric), where, f"{selector.metric} has no label {label}")
    for label in expression.grouping:
        check.expect(label in available, where, f"groups by {label}, which no metric of the expression has")
