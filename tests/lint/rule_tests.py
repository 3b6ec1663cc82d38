#!/usr/bin/env python3
"""The unit tests of the alerting rules pass, and every alert has one in which it fires and one in which it does not."""
from checking import ROOT, Check, load_yaml, tool

RULES = ROOT / "deploy/prometheus/rules"
TARGET_SEVERITIES = ("critical", "warning", "info")


def alerts(files):
    """(alert, severity) of every rule; a rule without a severity of its own has each that a target can have."""
    for file in files:
        for group in load_yaml(file)["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    severity = rule.get("labels", {}).get("severity")
                    for one in [severity] if severity else TARGET_SEVERITIES:
                        yield rule["alert"], one, "vector(1)" == str(rule["expr"]).strip()


def tested(files):
    """What the tests expect: the (alert, severity) pairs that fire, and the alerts that stay silent."""
    fires, silent = set(), set()
    for file in files:
        for test in load_yaml(file)["tests"]:
            for case in test.get("alert_rule_test", []):
                expected = case.get("exp_alerts") or []
                fires |= {(case["alertname"], alert["exp_labels"].get("severity")) for alert in expected}
                if not expected:
                    silent.add(case["alertname"])
    return fires, silent


def main():
    check = Check("unit tests of the alerting rules")
    promtool = tool("promtool", "prometheus")
    tests = sorted((RULES / "tests").glob("*.yml"))
    check.expect(tests, RULES / "tests", "no test files")
    for file in tests:
        check.run(promtool, "test", "rules", file.name, where=file, cwd=file.parent)
    fires, silent = tested(tests)
    for alert, severity, always in alerts(sorted(RULES.glob("*.yml"))):
        check.expect((alert, severity) in fires, RULES, f"no test in which {alert} fires with severity {severity}")
        check.expect(always or alert in silent, RULES, f"no test in which {alert} stays silent")
    check.finish()


if __name__ == "__main__":
    main()
