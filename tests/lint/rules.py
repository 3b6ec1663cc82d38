#!/usr/bin/env python3
"""The alerting rules and the example scrape configuration: promtool's own checks, the names they use, their style."""
import re

import catalogue
import promql
from checking import ROOT, Check, load_yaml, tool

PROMETHEUS = ROOT / "deploy/prometheus"
SEVERITIES = {"critical", "warning", "info", "none"}
# What these expressions yield carries the severity that the target's configuration gives it.
SEVERITY_BY_TARGET = {"lookout_target_up", "lookout_incident_active"}


def check_annotations(check, where, annotations):
    summary = annotations.get("summary", "")
    description = annotations.get("description", "")
    check.expect(summary[:1].isupper() and summary.endswith("."), where, f"summary is no sentence: {summary!r}")
    check.expect("{{" not in summary, where, "summary must be the same for every alert: templates belong into the description")
    check.expect(description.rstrip().endswith("."), where, f"description is no sentence: {description!r}")
    check.expect(description.count("{{") == description.count("}}"), where, "description has unbalanced braces")
    queried = re.findall(r'printf "([^"]+)"', description)
    for query in queried:
        catalogue.check_names(check, where, promql.parse(query.replace("%q", '""')))


def check_rule(check, file, group, rule):
    name = rule.get("alert", rule.get("record", "?"))
    where = f"{file.name} {name}"
    expression = promql.parse(str(rule["expr"]))
    catalogue.check_names(check, where, expression)
    if "record" in rule:
        check.expect(re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z_0-9]+", name), where, "a recorded name is level:metric:operations")
        return
    check.expect(re.fullmatch(r"Lookout([A-Z][a-z0-9]+)+", name), where, "an alert's name is CamelCase and begins with Lookout")
    severity = rule.get("labels", {}).get("severity")
    if severity is None:
        inherited = any(selector.metric in SEVERITY_BY_TARGET for selector in expression.selectors)
        aggregated = re.search(r"\b(by|without)\s*\(", str(rule["expr"]))  # `on` keeps the labels of the left side
        check.expect(inherited and not aggregated, where, "no severity: neither a label of the rule nor of what it yields")
    else:
        check.expect(severity in SEVERITIES, where, f"severity {severity!r} is none of {sorted(SEVERITIES)}")
    check_annotations(check, where, rule.get("annotations", {}))


def main():
    check = Check("alerting rules")
    promtool = tool("promtool", "prometheus")
    files = sorted((PROMETHEUS / "rules").glob("*.yml"))
    check.expect(files, PROMETHEUS / "rules", "no rule files")
    for file in files:
        check.run(promtool, "check", "rules", "--lint=all", "--lint-fatal", file, where=file)
        for group in load_yaml(file)["groups"]:
            check.expect(group["name"].endswith(".rules"), file, f"group {group['name']} does not end in .rules")
            # Group-wide labels are refused by Prometheus 2.
            check.expect("labels" not in group, file, f"group {group['name']} has labels, which only Prometheus 3 reads")
            for rule in group["rules"]:
                check_rule(check, file, group, rule)
    configuration = PROMETHEUS / "prometheus.yml"
    check.run(promtool, "check", "config", "--lint=all", "--lint-fatal", configuration, where=configuration)
    jobs = {job["job_name"] for job in load_yaml(configuration)["scrape_configs"]}
    for file in files:
        for job in re.findall(r'job="([^"]+)"', file.read_text(encoding="utf-8")):
            check.expect(job in jobs, file, f'expects a job "{job}", which {configuration.name} does not have')
    check.finish()


if __name__ == "__main__":
    main()
