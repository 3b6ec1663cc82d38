#!/usr/bin/env python3
"""The Grafana dashboards: the rules that dashboard linters apply, valid PromQL, and only metrics and labels that exist."""
import json
import re
import sys
import tempfile
from pathlib import Path

import catalogue
import promql
from checking import ROOT, Check, load_json, load_yaml, tool

DASHBOARDS = ROOT / "dashboards"
sys.path.insert(0, str(DASHBOARDS))
sys.dont_write_bytecode = True
import expressions  # noqa: E402

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
KINDS = {"stat", "timeseries", "table", "state-timeline", "heatmap"}
UNITS = {"short", "none", "s", "percentunit", "cps", "bytes", "dtdurations"}
GRID_WIDTH = 24


def check_top(check, file, dashboard):
    check.expect(dashboard.get("uid") == file.stem, file, f"uid is {dashboard.get('uid')!r}, expected the file's name")
    check.expect(dashboard.get("id", 0) is None, file, "id must be null: Grafana gives it")
    check.expect(dashboard.get("schemaVersion") == 39, file, "schemaVersion is not 39")
    check.expect(dashboard.get("editable") is False, file, "a provisioned dashboard is not editable")
    for key in ("__inputs", "__requires"):
        check.expect(key not in dashboard, file, f"{key} is never filled in when a dashboard is provisioned from a file")
    check.expect("${DS_" not in json.dumps(dashboard), file, "names a data source that only an import by hand fills in")


def check_variables(check, file, dashboard):
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    datasource = variables.get("datasource", {})
    check.expect((datasource.get("type"), datasource.get("query"), datasource.get("label")) == ("datasource", "prometheus", "Data source"),
                 file, "needs the variable datasource, of type datasource for prometheus, labelled Data source")
    for name in ("job", "instance", "target"):
        variable = variables.get(name, {})
        where = f"{file.name} variable {name}"
        check.expect(variable.get("type") == "query" and variable.get("datasource") == DATASOURCE, where, "is no query of ${datasource}")
        check.expect(variable.get("label") == name.capitalize(), where, f"is not labelled {name.capitalize()}")
        check.expect(variable.get("multi") and variable.get("includeAll") and variable.get("allValue") == ".+", where,
                     "must allow several values and all, with .+ for all")
        check.expect(variable.get("refresh") == 2, where, "must be refreshed when the time range changes")
        query = re.fullmatch(r"label_values\((.+), (\w+)\)", variable.get("query", {}).get("query", ""))
        if check.expect(query, where, "is no label_values(selector, label)"):
            expression = promql.parse(query[1])
            expression.grouping.append(query[2])
            catalogue.check_names(check, where, expression)
    used = json.dumps(dashboard["panels"])
    for name in variables:
        check.expect(re.search(rf"\$\{{?{name}\b", used), file, f"variable {name} is used by no panel")


def check_selectors(check, where, text):
    """Of the expression as it stands in the file, before Grafana fills its variables in."""
    expression = promql.parse(re.sub(r"\$__(\w+)", r"1\1", text))
    check.expect(expression.selectors, where, "selects nothing")
    catalogue.check_names(check, where, expression)
    for selector in expression.selectors:
        matchers = {name: (operator, value.strip("\"'")) for name, operator, value in selector.matchers}
        expected = ["job", "instance"]
        if catalogue.family(selector.metric) and "target" in catalogue.labels(selector.metric):
            expected.append("target")
        for name in expected:
            check.expect(matchers.get(name) == ("=~", f"${name}"), where, f'{selector.metric} lacks {name}=~"${name}"')
        if selector.metric.endswith(("_total", "_bucket")):
            check.expect(selector.function in ("rate", "irate", "increase"), where, f"{selector.metric} only ever grows: take its rate or increase")
        if selector.function in ("rate", "irate"):
            check.expect(selector.range == "1rate_interval", where, "a rate is taken over $__rate_interval")


def check_panel(check, file, panel):
    where = f"{file.name} {panel.get('title') or panel['id']!r}"
    check.expect(panel.get("title") and panel.get("description"), where, "needs a title and a description")
    check.expect(panel["type"] in KINDS, where, f"kind {panel['type']} is none of {sorted(KINDS)}")
    check.expect(panel.get("datasource") == DATASOURCE, where, "does not ask ${datasource}")
    defaults = panel["fieldConfig"]["defaults"]
    check.expect(defaults.get("unit") in UNITS or defaults.get("mappings"), where, f"unit {defaults.get('unit')!r} is unknown, and no value is mapped to a word")
    targets = panel.get("targets", [])
    check.expect(targets, where, "has no queries")
    check.expect(len({target["refId"] for target in targets}) == len(targets), where, "two queries share a refId")
    for target in targets:
        check.expect(target.get("datasource") == DATASOURCE, where, f"query {target['refId']} does not ask ${{datasource}}")
        check_selectors(check, f"{where} {target['refId']}", target["expr"])


def check_layout(check, file, dashboard):
    everything = dashboard["panels"] + [panel for row in dashboard["panels"] for panel in row.get("panels", [])]
    check.expect(len({panel["id"] for panel in everything}) == len(everything), file, "two panels share an id")
    taken = {}
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        check.expect(place["x"] + place["w"] <= GRID_WIDTH, file, f"{panel['title']!r} is wider than the page")
        for cell in ((x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])):
            if cell in taken:
                check.fail(file, f"{panel['title']!r} lies over {taken[cell]!r}")
                break
            taken[cell] = panel["title"]


def check_syntax(check, promtool, file, dashboard):
    """promtool parses expressions only inside rules, so each becomes one of a throw-away file."""
    found = list(expressions.expressions(dashboard))
    rules = [{"record": f"panel:expression:{number}", "expr": one["expr"]} for number, one in enumerate(found)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yml"
        path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
        check.run(promtool, "check", "rules", path, where=file)
    check.expect(len(found) == sum(len(panel.get("targets", [])) for panel in expressions.panels(dashboard)), file,
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
    files = sorted(DASHBOARDS.glob("*.json"))
    check.expect(files, DASHBOARDS, "no dashboards")
    for file in files:
        dashboard = load_json(file)
        check_top(check, file, dashboard)
        check_variables(check, file, dashboard)
        check_layout(check, file, dashboard)
        for panel in expressions.panels(dashboard):
            check_panel(check, file, panel)
        check_syntax(check, promtool, file, dashboard)
    check_provisioning(check)
    check.finish()


if __name__ == "__main__":
    main()
