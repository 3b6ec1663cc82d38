#!/usr/bin/env python3
"""The Alertmanager configuration: amtool accepts it, every alert of the rules reaches the receiver that its severity asks for,
a drill's the same, and its inhibition rules name alerts that exist. What they mute, tests/e2e/alertmanager_test.py asks a
real Alertmanager."""
import re

from checking import ROOT, Check, load_yaml, tool

CONFIGURATION = ROOT / "deploy/alertmanager/alertmanager.yml"
RULES = ROOT / "deploy/prometheus/rules"
WRITTEN_BY_LOOKOUT = ROOT / "exporter/command_rules.cc"
BY_SEVERITY = {"critical": "pager", "warning": "tickets", "info": "nobody", "none": "nobody"}
ASKING = {"target": "shop", "recovery": "alertmanager"}

ROUTES = [
    ("tickets", {"alertname": "SomethingElse"}),
    ("watchdog", {"alertname": "LookoutWatchdog", "severity": "none"}),
    ("recovery,pager", {"alertname": "LookoutTargetDown", "severity": "critical", **ASKING}),
    ("recovery,tickets", {"alertname": "LookoutTargetDown", "severity": "warning", **ASKING}),
    ("recovery,nobody", {"alertname": "LookoutTargetDown", "severity": "info", **ASKING}),
    # Nothing is to be recovered in a drill.
    ("pager", {"alertname": "LookoutTargetDown", "severity": "critical", "drill": "true", **ASKING}),
]


def routes_of_rules():
    """Each alert with each severity that it can have, drills included."""
    for file in sorted(RULES.glob("*.yml")):
        for rule in (rule for group in load_yaml(file)["groups"] for rule in group["rules"] if "alert" in rule):
            if rule["alert"] == "LookoutWatchdog":
                continue
            labels = {"alertname": rule["alert"], **rule.get("labels", {})}
            for severity in [labels["severity"]] if "severity" in labels else ["critical", "warning", "info"]:
                yield BY_SEVERITY[severity], labels | {"severity": severity}


def check_routes(check, amtool):
    routes = ROUTES + list(routes_of_rules())
    for receivers, labels in routes:
        words = [f"{name}={value}" for name, value in labels.items()]
        check.run(amtool, "config", "routes", "test", f"--config.file={CONFIGURATION}", f"--verify.receivers={receivers}", *words,
                  where=CONFIGURATION)
    reached = {receiver for receivers, _ in routes for receiver in receivers.split(",")}
    for receiver in load_yaml(CONFIGURATION)["receivers"]:
        check.expect(receiver["name"] in reached, CONFIGURATION, f"no test of a route to the receiver {receiver['name']}")


def check_names(check):
    alerts = {rule["alert"] for file in RULES.glob("*.yml") for group in load_yaml(file)["groups"] for rule in group["rules"]
              if "alert" in rule} | set(re.findall(r'"(Lookout\w+)"', WRITTEN_BY_LOOKOUT.read_text(encoding="utf-8")))
    patterns = set(re.findall(r'alertname !?=~? "([^"]+)"', CONFIGURATION.read_text(encoding="utf-8")))
    for pattern in sorted(patterns):
        for alternative in pattern.split("|") if "(" not in pattern else [pattern]:
            check.expect(any(re.fullmatch(alternative, alert) for alert in alerts), CONFIGURATION,
                         f"{alternative} is the name of no alert of the rules")


def main():
    check = Check("Alertmanager configuration")
    amtool = tool("amtool", "prometheus-alertmanager")
    check.run(amtool, "check-config", CONFIGURATION, where=CONFIGURATION)
    check_routes(check, amtool)
    check_names(check)
    check.finish()


if __name__ == "__main__":
    main()
