"""Incidents and what recovery made of them; when drills last proved that the way to people works."""
from source.parts import (BAD_FROM_1, GREEN, GREY, OF_ROW, OF_SERIES, ORANGE, RED, WATCH_FROM_1, annotation, coloured, colours, dashboard, graph,
                          query_variable, row, stat, status_page_variable, table, timeline)

VARIABLES = [
    query_variable("job", "lookout_build_info"),
    query_variable("instance", 'lookout_build_info{job=~"$job"}'),
    query_variable("target", "lookout_target_state{OF_INSTANCE}"),
    status_page_variable(),
]
MEAN = "sum(increase(lookout_incident_%s_seconds_sum{OF_INSTANCE}[$__range])) / (sum(increase(lookout_incident_%s_seconds_count{OF_INSTANCE}[$__range])) > 0)"
QUANTILE = "histogram_quantile(0.9, sum by (severity, le) (increase(lookout_incident_%s_seconds_bucket{OF_INSTANCE}[$__range]))) >= 0"
MODES = {"off": GREY, "observe": "blue", "approve": ORANGE, "auto": GREEN}
BY_SEVERITY = {"target": "Target", "severity": "Severity"}
AGE = coloured(steps=[(None, GREEN), (8 * 86400, ORANGE), (31 * 86400, RED)], unit="dtdurations", decimals=0)

PANELS = [
    row("Incidents"),
    stat("Open", "Incidents that have begun and not ended.", "sum(max by (target) (lookout_incident_active{OF_TARGETS, drill='false'}))", steps=BAD_FROM_1, background=True),
    stat("Opened", "Incidents that began in the selected time. Extrapolated to its edges, as every increase in Prometheus is, and rounded.",
         "round(sum(increase(lookout_incidents_total{OF_TARGETS}[$__range])))", steps=WATCH_FROM_1),
    stat("Longest open", "Age of the oldest incident that is open; a dash when none is.", "time() - min(lookout_incident_onset_timestamp_seconds{OF_TARGETS})",
         unit="dtdurations", steps=[(None, RED)], decimals=0),
    stat("Mean time to detect", "From the first failing probe to the incident, of those detected in the selected time. Of all targets: durations are kept by severity.",
         MEAN % ("detection", "detection"), unit="s", decimals=1),
    stat("Mean time to recover", "From the first failing probe to the end, of those that ended in the selected time. Of all targets: durations are kept by severity.",
         MEAN % ("duration", "duration"), unit="s", decimals=1),
    stat("Need a person", "Targets with an open incident about which recovery has nothing left to do.", "sum(max by (target) (lookout_recovery_exhausted{OF_TARGETS}))",
         steps=BAD_FROM_1, background=True),
    timeline("Incidents over time", "When each target had an open incident. A click leads to the target.",
             {"{{target}}": "max by (target) (lookout_incident_active{OF_TARGETS, drill='false'})"}, {"0": ("–", "transparent"), "1": ("Open", RED)}, height=7, links=OF_SERIES),
    table("Open now", "What is down now: since when, how far probes come and why they fail.", [
        ("", "max by (target, severity, stage, cause) (lookout_incident_active{OF_TARGETS, drill='false'}) == 1", {}),
        ("Since", "1000 * min by (target) (lookout_incident_onset_timestamp_seconds{OF_TARGETS})", {"unit": "dateTimeFromNow"}),
        ("Quiet", "max by (target) (lookout_target_suppressed{OF_TARGETS} and on (job, instance, target) (lookout_incident_active{OF_TARGETS, drill='false'} == 1))",
         coloured({"0": ("No", "transparent"), "1": ("Yes", "blue")})),
    ], {**BY_SEVERITY, "stage": "Stage", "cause": "Cause"}, links_on="Target", links=OF_ROW, width=12),
    table("Incidents by target", "Incidents that began in the selected time, and failed probes.", [
        ("Incidents", "round(sum by (target, severity) (increase(lookout_incidents_total{OF_TARGETS}[$__range]))) > 0", {"decimals": 0}),
        ("Failed probes", "round(sum by (target) (increase(lookout_probe_failures_total{OF_TARGETS}[$__range]))) > 0", {"decimals": 0}),
    ], BY_SEVERITY, links_on="Target", links=OF_ROW, width=12, sort="Incidents", descending=True),
    graph("Incidents opened", "By severity, in each interval of the graph.",
          {"{{severity}}": "sum by (severity) (increase(lookout_incidents_total{OF_TARGETS}[$__rate_interval]))"}, unit="short", bars=True, stacked=True,
          overrides=colours({"critical": RED, "warning": ORANGE, "info": "blue"}), calcs=(), width=8, least_step="15m"),
    graph("Nine of ten were detected within", "Time from the first failing probe to the incident, for 90 % of those of the time before, by severity.",
          {"{{severity}}": QUANTILE % "detection"}, overrides=colours({"critical": RED, "warning": ORANGE, "info": "blue"}), width=8),
    graph("Nine of ten had recovered within", "Time from the first failing probe to recovery, for 90 % of those of the time before, by severity.",
          {"{{severity}}": QUANTILE % "duration"}, overrides=colours({"critical": RED, "warning": ORANGE, "info": "blue"}), width=8),
    row("Recovery"),
    stat("Mode", "What recovery may do now.", "max by (mode) (lookout_recovery_mode{OF_INSTANCE}) == 1", unit="none", legend="{{mode}}", text="name", width=8,
         overrides=colours(MODES)),
    stat("Actions", "Actions in the selected time, those that the mode observe only noted included.",
         "round(sum(increase(lookout_recovery_actions_total{OF_TARGETS}[$__range])))", width=8),
    stat("Ineffective or failed", "Actions in the selected time that did not help, or did not even work, or of which nobody knows.",
         'round(sum(increase(lookout_recovery_actions_total{OF_TARGETS, outcome=~"ineffective|failed|ambiguous"}[$__range])))', steps=WATCH_FROM_1, width=8),
    graph("What was done", "Actions since Lookout started, by what became of them. In the mode observe nothing is touched.",
          {"{{target}} {{action}}: {{outcome}}": "sum by (target, action, outcome) (lookout_recovery_actions_total{OF_TARGETS}) > 0"}, unit="short", decimals=0, calcs=(),
          links=OF_SERIES, width=8),
    graph("Why nothing was done", "How often nothing was done, by the gate that said so.",
          {"{{gate}}": "sum by (gate) (rate(lookout_recovery_refusals_total{OF_TARGETS}[$__rate_interval])) > 0"}, unit="cps", stacked=True, width=8),
    table("Actions by target", "What was done since Lookout started, and what became of it.", [
        ("Times", "sum by (target, action, outcome) (lookout_recovery_actions_total{OF_TARGETS}) > 0", {"decimals": 0}),
    ], {"target": "Target", "action": "Action", "outcome": "Outcome"}, links_on="Target", links=OF_ROW, width=8, height=8, sort="Times", descending=True),
    row("Drills"),
    table("Last drill that succeeded", "Since a rehearsed failure of the target was last seen all the way to the receiver. Without drills there is nothing here.", [
        ("Since", "time() - max by (target) (lookout_drill_last_success_timestamp_seconds{OF_TARGETS})", AGE),
    ], {"target": "Target"}, links_on="Target", links=OF_ROW, width=12, height=7, sort="Since", descending=True),
    stat("Oldest proof", "The target whose last successful drill is longest ago.", "time() - min(lookout_drill_last_success_timestamp_seconds{OF_TARGETS})",
         unit="dtdurations", decimals=0, steps=[(None, GREEN), (8 * 86400, ORANGE), (31 * 86400, RED)], width=6, height=7),
    stat("Drills under way", "Incidents that are open and rehearsed.", 'sum(lookout_incident_active{OF_TARGETS, drill="true"}) or vector(0)', width=6, height=7),
]
ANNOTATIONS = [annotation("Need a person", RED, "lookout_recovery_exhausted{OF_TARGETS} == 1", "{{target}}: recovery has nothing left to do", tags="target", enabled=False)]
DASHBOARD = dashboard("lookout-incidents", "Lookout / Incidents and recovery", "Incidents, how soon they were detected and over, what recovery did, and when drills last succeeded.",
                      "lookout", VARIABLES, PANELS, ANNOTATIONS, time="now-24h", refresh="30s")
