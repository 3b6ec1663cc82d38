#!/usr/bin/env python3
"""The Alertmanager configuration: amtool accepts it, alerts reach the receivers meant for them, and its inhibition rules,
evaluated here as Alertmanager documents them because amtool can not, mute what they should."""
import re

from checking import ROOT, Check, load_yaml, tool

CONFIGURATION = ROOT / "deploy/alertmanager/alertmanager.yml"
RULES = ROOT / "deploy/prometheus/rules"

ROUTES = [
    ("pager", {"alertname": "LookoutTargetDown", "severity": "critical", "target": "shop"}),
    ("tickets", {"alertname": "LookoutTargetDown", "severity": "warning", "target": "shop"}),
    ("nobody", {"alertname": "LookoutTargetDown", "severity": "info", "target": "shop"}),
    ("pager", {"alertname": "LookoutCertificateExpired", "severity": "critical", "instance": "https://example.org"}),
    ("pager", {"alertname": "LookoutDown", "severity": "critical", "instance": "a:9115"}),
    ("watchdog", {"alertname": "LookoutWatchdog", "severity": "none"}),
    ("tickets", {"alertname": "SomethingElse"}),
]

# Alerts that are sent together, and the ones of them that are inhibited.
INHIBITIONS = [
    ("a critical alert mutes lesser ones of its target", {
        "down": {"alertname": "LookoutTargetDown", "severity": "critical", "job": "lookout", "instance": "a:9115", "target": "shop"},
        "certificate": {"alertname": "LookoutCertificateExpiring", "severity": "warning", "job": "lookout", "instance": "a:9115", "target": "shop"},
        "other": {"alertname": "LookoutCertificateExpiring", "severity": "warning", "job": "lookout", "instance": "a:9115", "target": "blog"},
        "elsewhere": {"alertname": "DiskFull", "severity": "warning", "instance": "a:9115", "target": "shop"},
    }, {"certificate"}),
    ("among probes through /probe, the instance tells targets apart", {
        "failed": {"alertname": "LookoutProbeFailed", "severity": "critical", "job": "lookout-probe", "instance": "https://shop.example.org"},
        "certificate": {"alertname": "LookoutCertificateExpiring", "severity": "warning", "job": "lookout-probe", "instance": "https://shop.example.org"},
        "other": {"alertname": "LookoutCertificateExpiring", "severity": "warning", "job": "lookout-probe", "instance": "https://blog.example.org"},
    }, {"certificate"}),
    ("a Lookout that is away mutes its own targets, another's stay", {
        "away": {"alertname": "LookoutDown", "severity": "critical", "job": "lookout", "instance": "a:9115"},
        "down": {"alertname": "LookoutTargetDown", "severity": "critical", "job": "lookout", "instance": "a:9115", "target": "shop"},
        "reload": {"alertname": "LookoutConfigurationReloadFailed", "severity": "warning", "job": "lookout", "instance": "a:9115"},
        "other": {"alertname": "LookoutTargetDown", "severity": "critical", "job": "lookout", "instance": "b:9115", "target": "shop"},
        "watchdog": {"alertname": "LookoutWatchdog", "severity": "none"},
    }, {"down", "reload"}),
    ("a lesser alert mutes nothing", {
        "down": {"alertname": "LookoutTargetDown", "severity": "warning", "job": "lookout", "instance": "a:9115", "target": "shop"},
        "certificate": {"alertname": "LookoutCertificateExpired", "severity": "critical", "job": "lookout", "instance": "a:9115", "target": "blog"},
    }, set()),
]


def check_routes(check, amtool):
    for receiver, labels in ROUTES:
        words = [f"{name}={value}" for name, value in labels.items()]
        check.run(amtool, "config", "routes", "test", f"--config.file={CONFIGURATION}", f"--verify.receivers={receiver}", *words,
                  where=CONFIGURATION)
    alerts = {rule["alert"] for file in RULES.glob("*.yml") for group in load_yaml(file)["groups"] for rule in group["rules"]
              if "alert" in rule}
    named = set(re.findall(r'alertname !?= "(\w+)"', CONFIGURATION.read_text(encoding="utf-8")))
    for alert in sorted(named):
        check.expect(alert in alerts, CONFIGURATION, f"names the alert {alert}, which no rule raises")


def matches(matchers, labels):
    """All of `name = "value"` and its kin hold; a label that is absent is empty."""
    for matcher in matchers:
        name, operator, value = re.fullmatch(r'\s*(\w+)\s*(=~|!~|!=|=)\s*"(.*)"\s*', matcher).groups()
        actual = labels.get(name, "")
        equal = re.fullmatch(value, actual) is not None if "~" in operator else actual == value
        if equal == operator.startswith("!"):
            return False
    return True


def inhibited(rules, alerts):
    """Names of the alerts that some other alert inhibits; one that matches both sides of a rule is not inhibited by such a one."""
    names = set()
    for rule in rules:
        for name, labels in alerts.items():
            if not matches(rule["target_matchers"], labels):
                continue
            is_source = matches(rule["source_matchers"], labels)
            for source in alerts.values():
                both = is_source and matches(rule["target_matchers"], source)
                same = all(source.get(label, "") == labels.get(label, "") for label in rule["equal"])
                if source is not labels and matches(rule["source_matchers"], source) and same and not both:
                    names.add(name)
    return names


def main():
    check = Check("Alertmanager configuration")
    amtool = tool("amtool", "prometheus-alertmanager")
    check.run(amtool, "check-config", CONFIGURATION, where=CONFIGURATION)
    check_routes(check, amtool)
    rules = load_yaml(CONFIGURATION)["inhibit_rules"]
    for what, alerts, expected in INHIBITIONS:
        muted = inhibited(rules, alerts)
        check.expect(muted == expected, CONFIGURATION, f"{what}: inhibited {sorted(muted)}, expected {sorted(expected)}")
    check.finish()


if __name__ == "__main__":
    main()
