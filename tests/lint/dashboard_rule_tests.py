#!/usr/bin/env python3
"""Every rule for dashboards finds what is broken for it, and nothing in what is sound."""
import copy
import json

from checking import ROOT, Check, load_json
from dashboard_rules import RULES, variables

SOUND = ROOT / "dashboards/lookout.json"


def panel_of(dashboard, kind):
    return next(panel for panel in dashboard["panels"] if panel["type"] == kind)


def set_variable(which, /, **values):
    return lambda dashboard: variables(dashboard)[which].update(values)


def set_panel(kind, /, **values):
    return lambda dashboard: panel_of(dashboard, kind).update(values)


def set_query(expression):
    return lambda dashboard: panel_of(dashboard, "stat")["targets"][0].update(expr=expression)


def set_top(**values):
    return lambda dashboard: dashboard.update(values)


def forget_datasource(dashboard):
    del panel_of(dashboard, "timeseries")["targets"][0]["datasource"]


def set_unit(dashboard):
    panel_of(dashboard, "stat")["fieldConfig"]["defaults"]["unit"] = "parsecs"


def set_column_unit(dashboard):
    overrides = panel_of(dashboard, "table")["fieldConfig"]["overrides"]
    next(each for override in overrides for each in override["properties"] if each["id"] == "unit")["value"] = "parsecs"


def share_an_id(dashboard):
    dashboard["panels"][1]["id"] = dashboard["panels"][2]["id"]


def widen(dashboard):
    dashboard["panels"][-1]["gridPos"]["w"] += 1


def cover(dashboard):
    dashboard["panels"][2]["gridPos"] = dict(dashboard["panels"][1]["gridPos"])


def share_a_ref(dashboard):
    for target in panel_of(dashboard, "table")["targets"]:
        target["refId"] = "A"


def annotate(dashboard):
    dashboard["annotations"]["list"].append({"name": "Nothing", "expr": "lookout_nothing{job=~\"$job\"}"})


def name_a_label(dashboard):
    panel_of(dashboard, "timeseries")["targets"][0]["legendFormat"] = "{{colour}}"


def link_nowhere(dashboard):
    panel_of(dashboard, "table")["links"] = [{"title": "Nowhere", "url": "/d/lookout-nowhere"}]


ALL = '{job=~"$job", instance=~"$instance", target=~"$target"}'
BROKEN = {
    "template-datasource-rule": [set_variable("datasource", name="source"), set_variable("datasource", label="Source"), set_variable("datasource", query="loki")],
    "template-job-rule": [set_variable("job", name="work"), set_variable("job", multi=False), set_variable("job", allValue=".*"), set_variable("job", label="job")],
    "template-instance-rule": [set_variable("instance", includeAll=False), set_variable("instance", type="custom"), set_variable("instance", datasource={"uid": "mine"})],
    "template-label-promql-rule": [set_variable("target", query={"query": "label_values(target)"}), set_variable("target", query={"query": "label_values(lookout_nothing, target)"}),
                                   set_variable("target", query={"query": "label_values(lookout_target_state, colour)"}), set_variable("target", definition="other")],
    "template-on-time-change-reload-rule": [set_variable("target", refresh=1)],
    "panel-datasource-rule": [set_panel("stat", datasource={"type": "loki", "uid": "x"}), forget_datasource],
    "panel-title-description-rule": [set_panel("stat", title=""), set_panel("table", description="")],
    "panel-units-rule": [set_unit, set_column_unit],
    "panel-no-targets-rule": [set_panel("timeseries", targets=[])],
    "target-promql-rule": [set_query("vector(1)"), set_query("")],
    "target-rate-interval-rule": [set_query(f"sum(rate(lookout_probes_total{ALL}[5m]))")],
    "target-job-rule": [set_query('sum(lookout_target_up{instance=~"$instance", target=~"$target"})'), set_query(f'sum(lookout_target_up{ALL.replace("=~", "=")})')],
    "target-instance-rule": [set_query('sum(lookout_target_up{job=~"$job", target=~"$target"})')],
    "target-counter-agg-rule": [set_query(f"sum(lookout_probes_total{ALL})"), set_query(f"max(lookout_probe_latency_seconds_bucket{ALL})")],
    "uneditable-dashboard": [set_top(editable=True)],
    "target-target-rule": [set_query('sum(lookout_target_up{job=~"$job", instance=~"$instance"})')],
    "provisioned-rule": [set_top(id=7), set_top(schemaVersion=36), set_top(__inputs=[]), set_panel("stat", datasource={"uid": "${DS_PROMETHEUS}"})],
    "layout-rule": [share_an_id, widen, cover],
    "kind-rule": [set_panel("stat", type="singlestat")],
    "query-names-rule": [share_a_ref],
    "metrics-rule": [set_query(f"sum(lookout_target_upp{ALL})"), set_query(f"sum by (colour) (lookout_target_up{ALL})"), set_query('sum(lookout_target_up{phase="x"})'), annotate],
    "legend-rule": [name_a_label],
    "variables-rule": [set_query('sum(lookout_target_up{job=~"$work"})'), set_variable("status_page", name="page")],
    "links-rule": [link_nowhere, set_top(links=[])],
}


def main():
    check = Check("rules for dashboards")
    sound = load_json(SOUND)
    check.expect(BROKEN.keys() == RULES.keys(), "dashboard_rules.py", f"rules without a broken dashboard, or the reverse: {BROKEN.keys() ^ RULES.keys()}")
    for name, rule in RULES.items():
        check.expect(not list(rule(sound)), SOUND, f"{name} finds something in it")
        for number, damage in enumerate(BROKEN.get(name, [])):
            broken = copy.deepcopy(sound)
            damage(broken)
            check.expect(json.dumps(broken) != json.dumps(sound), name, f"damage {number} does nothing")
            check.expect(list(rule(broken)), name, f"does not find damage {number}")
    check.finish()


if __name__ == "__main__":
    main()
