#!/usr/bin/env python3
"""The alerting rules and the example scrape configuration: promtool's own checks, the names they use, their style."""
import re

import catalogue
import promql
from checking import ROOT, Check, load_yaml, tool

PROMETHEUS = ROOT / "deploy/prometheus"
SEVERITIES = {"critical", "warning", "info", "none"}
PUBLISHED = "https://example.org/lookout/"  # the root of this repository, as the rules have it
RUNBOOKS = PROMETHEUS / "runbooks.md"
WRITTEN_BY_LOOKOUT = ROOT / "exporter/command_rules.cc"


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


def sections(page):
    """The anchors of its headings, as they are made from those of one word."""
    return {heading.lower() for heading in re.findall(r"(?m)^## (\w+)$", page.read_text(encoding="utf-8"))}


def check_runbook(check, where, alert, url):
    page, _, anchor = url.removeprefix(PUBLISHED).partition("#")
    if not check.expect(url.startswith(PUBLISHED) and (ROOT / page).is_file(), where, f"runbook_url {url!r} leads to no page of this repository"):
        return
    check.expect(anchor in sections(ROOT / page), where, f"runbook_url: {page} has no section {anchor!r}")
    check.expect(anchor == alert.lower(), where, f"runbook_url leads to {anchor!r}, another alert's section")


def check_runbooks(check, alerts):
    """Its links, its sections, and the metrics of the expressions that people are to ask."""
    text = RUNBOOKS.read_text(encoding="utf-8")
    for expression in re.findall(r"`([^`]*\b(?:lookout|probe|process|up)[\w:]*\{[^`]*)`", text):
        catalogue.check_names(check, RUNBOOKS, promql.parse(expression))
    for anchor in re.findall(r"\]\(#([^)]+)\)", text):
        check.expect(anchor in sections(RUNBOOKS), RUNBOOKS, f"links to a section {anchor!r} that it does not have")
    for section in sections(RUNBOOKS) | alerts:
        check.expect(section in alerts, RUNBOOKS, f"has a section {section!r}, and no alert is called that")
        check.expect(section in sections(RUNBOOKS), RUNBOOKS, f"has no section for the alert {section!r}")


def check_rule(check, file, group, rule):
    name = rule.get("alert", rule.get("record", "?"))
    where = f"{file.name} {name}"
    expression = promql.parse(str(rule["expr"]))
    catalogue.check_names(check, where, expression)
    if "record" in rule:
        check.expect(re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z_0-9]+", name), where, "a recorded name is level:metric:operations")
        return
    check.expect(re.fullmatch(r"Lookout([A-Z][a-z0-9]+)+", name), where, "an alert's name is CamelCase and begins with Lookout")
    # One without a severity yields that of its target; lint.rule_tests demands a test with each.
    severity = rule.get("labels", {}).get("severity", "critical")
    check.expect(severity in SEVERITIES, where, f"severity {severity!r} is none of {sorted(SEVERITIES)}")
    check_annotations(check, where, rule.get("annotations", {}))
    check_runbook(check, where, name, rule.get("annotations", {}).get("runbook_url", ""))


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
    written = [rule["alert"] for file in files for group in load_yaml(file)["groups"] for rule in group["rules"] if "alert" in rule]
    written += re.findall(r'"(Lookout\w+)"', WRITTEN_BY_LOOKOUT.read_text(encoding="utf-8"))
    check_runbooks(check, {alert.lower() for alert in written})
    configuration = PROMETHEUS / "prometheus.yml"
    check.run(promtool, "check", "config", "--lint=all", "--lint-fatal", configuration, where=configuration)
    jobs = {job["job_name"] for job in load_yaml(configuration)["scrape_configs"]}
    for file in files:
        for job in re.findall(r'job="([^"]+)"', file.read_text(encoding="utf-8")):
            check.expect(job in jobs, file, f'expects a job "{job}", which {configuration.name} does not have')
    check.finish()


if __name__ == "__main__":
    main()
