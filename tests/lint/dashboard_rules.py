"""What dashboards are held to: the rules of Grafana's dashboard-linter, under its names, and our own below them.

Where a variable takes one value only, target-instance-rule asks for = in place of =~, which Grafana would not escape it for.

A rule takes a dashboard and yields what is wrong as (panel or variable or "", words). Loki's two rules are left out: there are
no logs here, and panel-datasource-rule admits Prometheus only."""
import json
import re
import sys

import catalogue
import promql
from checking import ROOT

sys.path.insert(0, str(ROOT / "dashboards"))
sys.dont_write_bytecode = True
import expressions  # noqa: E402

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
KINDS = {"stat", "timeseries", "table", "state-timeline", "heatmap"}
# Of Grafana's 272, those in use: a new one is looked up in @grafana/data's getValueFormats() first.
UNITS = {"short", "none", "s", "percentunit", "cps", "reqps", "bytes", "Bps", "d", "dtdurations", "dateTimeFromNow"}
GRID_WIDTH = 24
RULES = {}


def rule(name):
    def enter(function):
        RULES[name] = function
        return function
    return enter


def variables(dashboard):
    return {variable["name"]: variable for variable in dashboard["templating"]["list"]}


def panels(dashboard):
    for panel in expressions.panels(dashboard):
        yield panel.get("title") or f"panel {panel.get('id')}", panel


def queries(dashboard):
    """Where it stands, and the expression: of panels, then of annotations."""
    for title, panel in panels(dashboard):
        for target in panel.get("targets", []):
            yield title, target["expr"]
    for annotation in dashboard["annotations"]["list"]:
        if "expr" in annotation:
            yield annotation["name"], annotation["expr"]


def parsed(dashboard, expression):
    """As it stands in the file, but for numbers that a variable chooses and Grafana's own intervals."""
    for name, variable in variables(dashboard).items():
        if variable["type"] == "custom":
            expression = re.sub(rf"\${name}\b", variable["current"]["value"], expression)
    return promql.parse(re.sub(r"\$__(\w+)", r"1\1", expression))


def selectors(dashboard):
    for where, expression in queries(dashboard):
        for selector in parsed(dashboard, expression).selectors:
            yield where, selector


@rule("template-datasource-rule")
def datasource_variable(dashboard):
    found = [variable for variable in variables(dashboard).values() if variable["type"] == "datasource"]
    if [(one["name"], one["label"], one["query"]) for one in found] != [("datasource", "Data source", "prometheus")]:
        yield "", "needs one variable of a data source, named datasource and labelled Data source, for prometheus"


def selecting_variable(name):
    def check(dashboard):
        variable = variables(dashboard).get(name)
        if variable is None or variable["type"] != "query" or variable.get("datasource") != DATASOURCE:
            yield name, "is no query of ${datasource}"
            return
        if variable.get("label") != name.capitalize():
            yield name, f"is not labelled {name.capitalize()}"
        if not (variable.get("multi") and variable.get("includeAll") and variable.get("allValue") == ".+"):
            yield name, "must allow several values and all, with .+ for all"
    return check


RULES["template-job-rule"] = selecting_variable("job")
RULES["template-instance-rule"] = selecting_variable("instance")


@rule("template-label-promql-rule")
def variable_queries(dashboard):
    for name, variable in variables(dashboard).items():
        if variable["type"] != "query":
            continue
        query = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"])
        if not query or not promql.parse(query[1]).selectors:
            yield name, "is no label_values(selector, label)"
            continue
        expression = promql.parse(query[1])
        expression.grouping.append(query[2])
        yield from ((name, words) for words in unknown_names(expression))
        if variable.get("definition") != variable["query"]["query"]:
            yield name, "definition and query differ"


@rule("template-on-time-change-reload-rule")
def variables_follow_time(dashboard):
    for name, variable in variables(dashboard).items():
        if variable["type"] == "query" and variable.get("refresh") != 2:
            yield name, "must be refreshed when the time range changes"


@rule("panel-datasource-rule")
def panel_datasource(dashboard):
    for title, panel in panels(dashboard):
        for asking in (panel, *panel.get("targets", [])):
            if asking.get("datasource") != DATASOURCE:
                yield title, f"{asking.get('refId', 'the panel')} does not ask ${{datasource}}"


@rule("panel-title-description-rule")
def titles(dashboard):
    for title, panel in panels(dashboard):
        if not panel.get("title") or not panel.get("description"):
            yield title, "needs a title and a description"


@rule("panel-units-rule")
def units(dashboard):
    for title, panel in panels(dashboard):
        overrides = [each for override in panel["fieldConfig"]["overrides"] for each in override["properties"] if each["id"] == "unit"]
        for unit in (panel["fieldConfig"]["defaults"].get("unit"), *(each["value"] for each in overrides)):
            if unit not in UNITS:
                yield title, f"unit {unit!r} is unknown"


@rule("panel-no-targets-rule")
def has_queries(dashboard):
    for title, panel in panels(dashboard):
        if not panel.get("targets"):
            yield title, "has no queries"


@rule("target-promql-rule")
def selects(dashboard):
    """As far as it is seen here; promtool judges the syntax of all that is shipped."""
    for where, expression in queries(dashboard):
        if not parsed(dashboard, expression).selectors:
            yield where, f"selects nothing: {expression}"


@rule("target-rate-interval-rule")
def rate_interval(dashboard):
    for where, selector in selectors(dashboard):
        if selector.function in ("rate", "irate") and selector.range != "1rate_interval":
            yield where, "a rate is taken over $__rate_interval"


def chosen_by(name, metrics_have_it=lambda metric: True):
    """By =~ and the variable; by = where it takes one value only, whose name may have the signs of a pattern in it."""
    def check(dashboard):
        variable = variables(dashboard).get(name, {})
        operator = "=~" if variable.get("multi") else "="
        for where, selector in selectors(dashboard):
            if metrics_have_it(selector.metric) and (name, operator, f'"${name}"') not in selector.matchers:
                yield where, f'{selector.metric} lacks {name}{operator}"${name}"'
    return check


RULES["target-job-rule"] = chosen_by("job")
RULES["target-instance-rule"] = chosen_by("instance")


@rule("target-counter-agg-rule")
def counters(dashboard):
    for where, selector in selectors(dashboard):
        if selector.metric.endswith(("_total", "_bucket")) and selector.function not in ("rate", "irate", "increase"):
            yield where, f"{selector.metric} only ever grows: take its rate or increase"


@rule("uneditable-dashboard")
def uneditable(dashboard):
    if dashboard.get("editable") is not False:
        yield "", "what is provisioned is not editable"


@rule("target-target-rule")
def target_is_chosen(dashboard):
    if "target" in variables(dashboard):
        known = lambda metric: catalogue.family(metric) and "target" in catalogue.labels(metric)  # noqa: E731
        yield from chosen_by("target", known)(dashboard)


@rule("provisioned-rule")
def provisioned(dashboard):
    if dashboard.get("id", 0) is not None:
        yield "", "id must be null: Grafana gives it"
    if not isinstance(dashboard.get("schemaVersion"), int) or dashboard["schemaVersion"] < 39:
        yield "", "schemaVersion is below 39"
    if {"__inputs", "__requires"} & dashboard.keys() or "${DS_" in json.dumps(dashboard):
        yield "", "names an input, which is never filled in when a dashboard is provisioned from a file"


@rule("layout-rule")
def layout(dashboard):
    everything = dashboard["panels"] + [panel for row in dashboard["panels"] for panel in row.get("panels", [])]
    if len({panel["id"] for panel in everything}) != len(everything):
        yield "", "two panels share an id"
    taken = {}
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        if place["x"] < 0 or place["x"] + place["w"] > GRID_WIDTH:
            yield panel["title"], "reaches over the edge of the page"
        for cell in ((x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])):
            if cell in taken:
                yield panel["title"], f"lies over {taken[cell]!r}"
                break
            taken[cell] = panel["title"]


@rule("kind-rule")
def kinds(dashboard):
    for title, panel in panels(dashboard):
        if panel["type"] not in KINDS:
            yield title, f"kind {panel['type']} is none of {sorted(KINDS)}"


@rule("query-names-rule")
def query_names(dashboard):
    for title, panel in panels(dashboard):
        names = [target["refId"] for target in panel.get("targets", [])]
        if len(set(names)) != len(names):
            yield title, "two queries share a refId"


def unknown_names(expression):
    class Words:
        def __init__(self):
            self.said = []

        def expect(self, condition, _, what):
            if not condition:
                self.said.append(what)
            return condition

    words = Words()
    catalogue.check_names(words, "", expression)
    return words.said


@rule("metrics-rule")
def metrics(dashboard):
    for where, expression in queries(dashboard):
        yield from ((where, words) for words in unknown_names(parsed(dashboard, expression)))


@rule("legend-rule")
def legends(dashboard):
    for title, panel in panels(dashboard):
        for target in panel.get("targets", []):
            found = parsed(dashboard, target["expr"])
            known = set().union(*(catalogue.labels(each.metric) for each in found.selectors if catalogue.family(each.metric)))
            for label in re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")):
                if label not in known:
                    yield title, f"the legend names {label}, which no metric of the query has"


@rule("variables-rule")
def variables_exist_and_are_used(dashboard):
    known = variables(dashboard)
    without = {key: value for key, value in dashboard.items() if key != "templating"}
    text = json.dumps(without)
    used = {match[1] or match[2] for match in re.finditer(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)", text)}
    for name in sorted(used - known.keys()):
        if not name.startswith("__"):
            yield name, "is used and does not exist"
    for name in sorted(known.keys() - used):
        yield name, "is used by nothing"


@rule("links-rule")
def links(dashboard):
    """Between dashboards: by their tag, and from what stands for a target or an instance to its own."""
    if not any(link["type"] == "dashboards" and set(link["tags"]) & set(dashboard["tags"]) for link in dashboard["links"]):
        yield "", "has no links to the other dashboards of its kind"
    exist = {file.stem for file in (ROOT / "dashboards").glob("*.json")}
    for uid in re.findall(r"/d/([\w-]+)", json.dumps(dashboard["panels"])):
        if uid not in exist:
            yield "", f"links to {uid}, which does not exist"
