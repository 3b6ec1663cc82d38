#!/usr/bin/env python3
"""The unit tests of the alerting rules pass, and every rule has one in which it fires, one in which it stays silent although
its metric is there, and one that says what it does while its metric is missing."""
import math
import re
from collections import defaultdict

import promql
from checking import ROOT, Check, load_yaml, tool

RULES = ROOT / "deploy/prometheus/rules"
TARGET_SEVERITIES = ("critical", "warning", "info")
LOOKBACK = 300  # seconds for which Prometheus takes a sample for the current one
UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def seconds(duration):
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([dhms])", str(duration)))


def expand(values):
    """promtool's notation as a list of "sample", "stale" and None."""
    for word in values.split():
        value, _, times = word.rpartition("x") if re.search(r"x\d+$", word) else (word, "", "0")
        if value == "_":
            yield from [None] * max(1, int(times))
        else:
            yield from ["stale" if value == "stale" else "sample"] * (int(times) + 1)


def is_present(values, interval, time):
    samples = list(expand(values))[:math.floor(time / interval) + 1]
    for index in range(len(samples) - 1, -1, -1):
        if samples[index] is not None:
            return samples[index] == "sample" and time - index * interval < LOOKBACK
    return False


class Rule:
    def __init__(self, rule, recorded):
        self.alert = rule["alert"]
        self.labels = rule.get("labels", {})
        self.subject = subject(rule["expr"], recorded)
        self.severities = [self.labels["severity"]] if "severity" in self.labels else TARGET_SEVERITIES
        self.fired, self.silent, self.missing = set(), False, False

    def marks(self):
        """How many labels tell it from others of its alert's name, whose severity is the target's."""
        return len(self.labels.keys() - {"severity"})

    def __str__(self):
        return f"{self.alert} {self.labels or ''}".strip()


def subject(expression, recorded):
    """The metric that an expression is about, which is the first that it names; None for a constant."""
    selectors = promql.parse(str(expression)).selectors
    if not selectors:
        return None
    first = selectors[0].metric
    return subject(recorded[first], recorded) if first in recorded else first


def read_rules(files):
    rules = [rule for file in files for group in load_yaml(file)["groups"] for rule in group["rules"]]
    recorded = {rule["record"]: rule["expr"] for rule in rules if "record" in rule}
    by_alert = defaultdict(list)
    for rule in rules:
        if "alert" in rule:
            by_alert[rule["alert"]].append(Rule(rule, recorded))
    return by_alert


def take_case(rules, case, present):
    """Notes what this case of a test tells about the rules of its alert's name."""
    fired = defaultdict(set)
    for expected in case.get("exp_alerts") or []:
        labels = expected["exp_labels"]
        raised_by = [rule for rule in rules if rule.labels.items() <= labels.items()]
        closest = max((rule.marks() for rule in raised_by), default=0)
        for rule in raised_by:
            if rule.marks() == closest:
                fired[rule].add(labels.get("severity"))
    for rule in rules:
        rule.fired |= fired[rule]
        rule.missing |= rule.subject not in present
        rule.silent |= not fired[rule] and rule.subject in present


def take_tests(by_alert, files):
    for file in files:
        for test in load_yaml(file)["tests"]:
            series = [(promql.parse(each["series"]).selectors[0].metric, str(each["values"])) for each in test.get("input_series", [])]
            for case in test.get("alert_rule_test", []):
                time = seconds(case["eval_time"])
                present = {metric for metric, values in series if is_present(values, seconds(test["interval"]), time)}
                take_case(by_alert[case["alertname"]], case, present)


def check_kinds(check, by_alert):
    for rule in (rule for rules in by_alert.values() for rule in rules):
        for severity in rule.severities:
            check.expect(severity in rule.fired, RULES, f"no test in which {rule} fires with severity {severity}")
        if rule.subject:
            check.expect(rule.silent, RULES, f"no test in which {rule} stays silent while there is {rule.subject}")
            check.expect(rule.missing, RULES, f"no test of {rule} while {rule.subject} is missing")


def main():
    check = Check("unit tests of the alerting rules")
    promtool = tool("promtool", "prometheus")
    tests = sorted((RULES / "tests").glob("*.yml"))
    check.expect(tests, RULES / "tests", "no test files")
    for file in tests:
        check.run(promtool, "test", "rules", file.name, where=file, cwd=file.parent)
    by_alert = read_rules(sorted(RULES.glob("*.yml")))
    take_tests(by_alert, tests)
    check_kinds(check, by_alert)
    check.finish()


if __name__ == "__main__":
    main()
