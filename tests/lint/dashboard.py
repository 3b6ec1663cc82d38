#!/usr/bin/env python3
"""The Grafana dashboards: every rule but for the exclusions of dashboards/.lint, valid PromQL, what their definitions say."""
import json
import tempfile
from pathlib import Path

from checking import ROOT, Check, load_json, load_yaml, tool
from dashboard_rules import RULES, expressions

import generate  # of dashboards/, which dashboard_rules has put on the path

DASHBOARDS = ROOT / "dashboards"
ANY = {"target": "any", "instance": "any"}  # of variables that have no All


def load_exclusions(check):
    """(rule, title of the dashboard, title of the panel or None for all of it), in dashboard-linter's own format."""
    found = load_yaml(DASHBOARDS / ".lint")["exclusions"]
    for name, exclusion in found.items():
        check.expect(name in RULES, DASHBOARDS / ".lint", f"no rule {name}")
        check.expect(exclusion.get("reason"), DASHBOARDS / ".lint", f"{name} is excluded without a reason")
    return {(name, entry["dashboard"], entry.get("panel")) for name, exclusion in found.items() for entry in exclusion["entries"]}


def check_rules(check, file, dashboard, exclusions):
    """Returns the exclusions that were needed."""
    needed = set()
    for name, rule in RULES.items():
        check.looked_at += 1
        for where, words in rule(dashboard):
            excluded = exclusions & {(name, dashboard["title"], where), (name, dashboard["title"], None)}
            needed |= excluded
            if not excluded:
                check.fail(file, f"{name}: {where!r} {words}")
    return needed


def check_syntax(check, promtool, file, dashboard):
    """promtool parses expressions only inside rules, so each becomes one of a throw-away file."""
    found = list(expressions.expressions(dashboard, chosen=ANY))
    rules = [{"record": f"panel:expression:{number}", "expr": one["expr"]} for number, one in enumerate(found)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yml"
        path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
        check.run(promtool, "check", "rules", path, where=file)
    annotations = sum("expr" in each for each in dashboard["annotations"]["list"])
    check.expect(len(found) == annotations + sum(len(panel.get("targets", [])) for panel in expressions.panels(dashboard)), file,
                 "expressions.py does not print every query")


def check_provisioning(check):
    folder = DASHBOARDS / "provisioning"
    sources = [source for file in sorted((folder / "datasources").glob("*.yml")) for source in load_yaml(file)["datasources"]]
    check.expect(any(source["type"] == "prometheus" and source.get("isDefault") for source in sources), folder, "no default Prometheus")
    for source in sources:
        check.expect({"name", "type", "uid", "access", "url"} <= source.keys(), folder, f"data source {source.get('name')} is incomplete")
    providers = [provider for file in sorted((folder / "dashboards").glob("*.yml")) for provider in load_yaml(file)["providers"]]
    check.expect(any(provider["type"] == "file" and provider["options"]["path"] for provider in providers), folder, "no provider of dashboards")


def main():
    check = Check("Grafana dashboards")
    promtool = tool("promtool", "prometheus")
    exclusions, needed = load_exclusions(check), set()
    texts = generate.texts()
    files = sorted(DASHBOARDS.glob("*.json"))
    check.expect({file.name for file in files} == texts.keys(), DASHBOARDS, "files and definitions are not the same dashboards")
    for file in files:
        check.expect(file.read_text(encoding="utf-8") == texts.get(file.name), file, "is not what its definition says: run dashboards/generate.py")
        dashboard = load_json(file)
        needed |= check_rules(check, file, dashboard, exclusions)
        check_syntax(check, promtool, file, dashboard)
    for unneeded in sorted(exclusions - needed, key=str):
        check.fail(DASHBOARDS / ".lint", f"excludes what keeps the rule: {unneeded}")
    check_provisioning(check)
    check.finish()


if __name__ == "__main__":
    main()
