"""All targets at once: what is down, since when, and what stands out. Where several instances watch a target, it counts once, and the
worst that any of them sees of it counts."""
from source.parts import (BAD_FROM_1, BLUE, DAYS_LEFT, GREEN, GREY, OF_ROW, OF_SERIES, ORANGE, RED, SHARE_OF_TIME, STATES, WATCH_FROM_1, colours,
                          coloured, dashboard, graph, query_variable, row, stat, state, status_page_variable, table, timeline)

VARIABLES = [
    query_variable("job", "lookout_build_info"),
    query_variable("instance", 'lookout_build_info{job=~"$job"}'),
    query_variable("target", "lookout_target_state{OF_INSTANCE}"),
    status_page_variable(),
]
IN_STATE = 'sum(max by (target) (lookout_target_state{OF_TARGETS, state="%s"}))'
STATE = f"min by (target) ({state('OF_TARGETS')})"
UPTIME = "avg_over_time(lookout_target_up{OF_TARGETS}[$__range])"
SLOW = "histogram_quantile(0.95, sum by (target, le) (%s(lookout_probe_latency_seconds_bucket{OF_TARGETS}[%s])))"

GLANCE = [
    stat("Down", "Targets that Lookout judges down now, after their failure thresholds.", IN_STATE % "down", steps=BAD_FROM_1, background=True, width=3),
    stat("Degraded", "Targets that answer well, and slower than they should, or to too few of their checkpoints.", IN_STATE % "degraded", steps=WATCH_FROM_1, width=3),
    stat("Up", "Targets that Lookout judges up now.", IN_STATE % "up", steps=[(None, GREEN)], width=3),
    stat("Unknown", "Targets without a conclusive probe yet.", IN_STATE % "unknown", steps=WATCH_FROM_1, width=3),
    stat("Open incidents", "Incidents that have begun and not ended.", "sum(max by (target) (lookout_incident_active{OF_TARGETS, drill='false'}))", steps=BAD_FROM_1, width=3),
    stat("Kept quiet", "Targets in maintenance or paused, and targets that are down and suppressed by what they depend on.",
         "sum(max by (target) (clamp_max(lookout_target_maintenance{OF_TARGETS} + lookout_target_suppressed{OF_TARGETS}, 1)))", steps=[(None, "text"), (1, BLUE)], width=3),
    stat("Uptime", "Share of the selected time that the targets were up or degraded, on average over them. Time in which a target was unknown counts for nothing.",
         f"avg({UPTIME})", unit="percentunit", steps=SHARE_OF_TIME, decimals=3, width=3),
    stat("Next certificate", "Until the first certificate of any target expires.", "min(probe_ssl_earliest_cert_expiry{OF_TARGETS}) - time()",
         unit="dtdurations", steps=DAYS_LEFT, decimals=1, width=3),
]
PANELS = [
    row("At a glance"), *GLANCE,
    timeline("State of each target", "What Lookout judged over time, after thresholds. Gaps are times in which Lookout was not scraped.",
             {"{{target}}": STATE}, STATES, links=OF_SERIES),
    table("Targets", "Each target's state now, and its uptime, incidents and slow probes in the selected time. A click on a name leads to its dashboard or to its status page.", [
        ("", "max by (target, severity) (lookout_target_info{OF_TARGETS})", {}),
        ("State", STATE, coloured(STATES)),
        ("Uptime", f"avg by (target) ({UPTIME})", coloured(steps=SHARE_OF_TIME, unit="percentunit", decimals=3, custom__cellOptions={"type": "color-text"})),
        ("Incidents", "round(sum by (target) (increase(lookout_incidents_total{OF_TARGETS}[$__range])))", {"decimals": 0}),
        ("Latency, 95 %", SLOW % ("increase", "$__range"), {"unit": "s"}),
        ("Certificate", "min by (target) (probe_ssl_earliest_cert_expiry{OF_TARGETS}) - time()",
         coloured(steps=DAYS_LEFT, unit="dtdurations", decimals=1, custom__cellOptions={"type": "color-text"})),
    ], {"target": "Target", "severity": "Severity"}, links_on="Target", links=OF_ROW, width=15, height=10, sort="State"),
    table("Why targets were down", "The stage and cause of every incident that was open at some time in the selected time, one line for each kind of failure of a target.", [
        ("", "max by (target, stage, cause) (max_over_time(lookout_incident_active{OF_TARGETS, drill='false'}[$__range])) == 1", {}),
    ], {"target": "Target", "stage": "Stage", "cause": "Cause"}, links_on="Target", links=OF_ROW, width=9, height=10),
    row("What stands out"),
    graph("Slowest targets", "The ten targets whose probes take longest: 95 % of their probes were quicker than this.",
          {"{{target}}": f"topk(10, {SLOW % ('rate', '$__rate_interval')})"}, links=OF_SERIES),
    graph("Failed probes by stage and cause", "How many probes a second failed, by how far they came and why. Those by internal causes are Lookout's own and move no state.",
          {"{{stage}}/{{cause}}": "sum by (stage, cause) (rate(lookout_probe_failures_total{OF_TARGETS}[$__rate_interval]))"}, unit="cps", stacked=True),
    graph("Targets by state", "How many targets were in which state.", {"{{state}}": "sum by (state) (max by (target, state) (lookout_target_state{OF_TARGETS}))"}, unit="short",
          stacked=True, overrides=colours({"up": GREEN, "degraded": ORANGE, "down": RED, "unknown": GREY}), decimals=0, calcs=()),
    graph("Age of the newest probe", "Since the newest conclusive probe of the ten targets that wait longest. What grows without end is not probed, or only inconclusively.",
          {"{{target}}": "topk(10, max by (target) (lookout_target_sample_age_seconds{OF_TARGETS}))"}, links=OF_SERIES),
]
DASHBOARD = dashboard("lookout", "Lookout / Fleet", "All targets watched by Lookout at once: what is down, since when, and what stands out.", "lookout", VARIABLES, PANELS)
