"""One target: what it is now, what its checkpoints see, where the time goes, why it failed and what was done."""
from source.parts import (BAD_FROM_1, BLUE, DAYS_LEFT, GREEN, GREY, ORANGE, RED, SHARE_OF_TIME, STATES, SUCCESS, WATCH_FROM_1, YES_NO, annotation, colours,
                          dashboard, graph, heatmap, override, query_variable, row, stat, state, status_page_variable, timeline)

VARIABLES = [
    query_variable("job", "lookout_build_info"),
    query_variable("instance", 'lookout_build_info{job=~"$job"}'),
    query_variable("target", "lookout_target_state{OF_INSTANCE}", one=True),
    status_page_variable(),
]
TO_PAGE = [{"title": "Status page of the target", "url": "${status_page}/targets/${target:percentencode}", "targetBlank": True}]
STATE = f"min by (target) ({state('OF_TARGET')})"
PHASES = " or ".join(f"probe_{kind}_duration_seconds{{OF_TARGET}}" for kind in ("http", "dns", "icmp", "grpc"))
QUANTILE = "histogram_quantile(%s, sum by (le) (rate(lookout_probe_latency_seconds_bucket{OF_TARGET}[$__rate_interval])))"

PANELS = [
    row("$target"),
    stat("State", "What Lookout judges it to be, after thresholds and quorum.", STATE, unit="none", words=STATES, background=True, width=3, links=TO_PAGE),
    stat("Incident open for", "Since the onset of the incident that is open; a dash when none is.", "time() - min(lookout_incident_onset_timestamp_seconds{OF_TARGET})",
         unit="dtdurations", steps=[(None, RED)], width=3, decimals=0),
    stat("Incidents", "Incidents that began in the selected time. Extrapolated to its edges, as every increase in Prometheus is, and rounded.",
         "round(sum(increase(lookout_incidents_total{OF_TARGET}[$__range])))", steps=WATCH_FROM_1, width=3),
    stat("Uptime", "Share of the selected time that it was up or degraded.", "avg(avg_over_time(lookout_target_up{OF_TARGET}[$__range]))", unit="percentunit",
         steps=SHARE_OF_TIME, decimals=3, width=3),
    stat("Latency, 95 %", "95 % of the probes in the selected time were quicker than this, by all checkpoints.",
         "histogram_quantile(0.95, sum by (le) (increase(lookout_probe_latency_seconds_bucket{OF_TARGET}[$__range])))", unit="s", width=3),
    stat("Newest probe", "Age of the newest conclusive probe.", "max(lookout_target_sample_age_seconds{OF_TARGET})", unit="s", decimals=0, width=3),
    stat("Certificate", "Until the first certificate that it shows expires; a dash where there is none.", "min(probe_ssl_earliest_cert_expiry{OF_TARGET}) - time()",
         unit="dtdurations", steps=DAYS_LEFT, decimals=1, width=3),
    stat("Kept quiet", "Whether people are not told of it now: maintenance or a pause, or something that it depends on is down.",
         "max(clamp_max(lookout_target_maintenance{OF_TARGET} + lookout_target_suppressed{OF_TARGET}, 1))", unit="none", words={"0": ("No", GREEN), "1": ("Yes", BLUE)}, width=3),
    timeline("State", "What Lookout judged over time. Gaps: Lookout was not scraped.", {"{{target}}": STATE}, STATES, width=12, height=6, links=TO_PAGE),
    timeline("Votes of the checkpoints", "The newest verdict of each checkpoint. The target counts as failed when as many as its quorum say so.",
             {"{{checkpoint}}": "max by (checkpoint) (lookout_checkpoint_up{OF_TARGET})"}, {"0": ("Down", RED), "1": ("Up", GREEN)}, width=12, height=6),
    row("Where the time goes"),
    graph("Stages of the newest probe", "How long each stage took, on average over the checkpoints; the line is the whole probe. Kinds without stages have only the line.",
          {"{{phase}}": f"avg by (phase) ({PHASES})", "whole probe": "avg(probe_duration_seconds{OF_TARGET})"}, stacked=True,
          overrides=[override("byName", "whole probe", custom__stacking={"group": "B", "mode": "none"}, custom__fillOpacity=0, custom__lineWidth=2,
                              color={"mode": "fixed", "fixedColor": "text"})]),
    heatmap("Distribution of probe durations", "How many probes a second took how long: all probes, not only those that a scrape meets.",
            "sum by (le) (rate(lookout_probe_latency_seconds_bucket{OF_TARGET}[$__rate_interval]))"),
    graph("Quantiles of probe durations", "Half of the probes, 95 % and 99 % of them were quicker than this.",
          {"50 %": QUANTILE % "0.5", "95 %": QUANTILE % "0.95", "99 %": QUANTILE % "0.99"}, overrides=colours({"50 %": GREEN, "95 %": ORANGE, "99 %": RED})),
    graph("Duration by checkpoint", "How long the newest probe of each checkpoint took.", {"{{checkpoint}}": "max by (checkpoint) (probe_duration_seconds{OF_TARGET})"}),
    row("Why it failed, and what was done"),
    stat("Flapping", "Whether it goes up and down too often to be believed.", "max(lookout_target_flapping{OF_TARGET})", unit="none", words=YES_NO, width=8, height=3),
    stat("Recovery used up", "Whether an incident is open about which nothing is left to be done: a person is needed.", "max(lookout_recovery_exhausted{OF_TARGET})",
         unit="none", words={"0": ("No", GREEN), "1": ("Yes", RED)}, width=8, height=3),
    stat("Failed probes", "Failed probes in the selected time, by all checkpoints.", "round(sum(increase(lookout_probe_failures_total{OF_TARGET}[$__range])))",
         steps=BAD_FROM_1, width=8, height=3),
    timeline("Success by checkpoint", "Whether the newest probe of each checkpoint succeeded, whatever the thresholds made of it.",
             {"{{checkpoint}}": "max by (checkpoint) (probe_success{OF_TARGET})"}, SUCCESS, width=12),
    graph("Failed probes by stage and cause", "How many probes a second failed, by checkpoint, how far they came and why.",
          {"{{checkpoint}} {{stage}}/{{cause}}": "sum by (checkpoint, stage, cause) (rate(lookout_probe_failures_total{OF_TARGET}[$__rate_interval]))"},
          unit="cps", stacked=True),
    graph("Probes by verdict", "Probes that ended, a second. Inconclusive ones failed for reasons on Lookout's own side and moved no state.",
          {"{{verdict}}": "sum by (verdict) (rate(lookout_probes_total{OF_TARGET}[$__rate_interval]))"}, unit="cps", stacked=True, width=8,
          overrides=colours({"up": GREEN, "down": RED, "inconclusive": GREY})),
    graph("Recovery: what was done", "Actions of recovery in the selected time, growing, by what became of them. In the mode observe nothing is touched.",
          {"{{action}}: {{outcome}}": "sum by (action, outcome) (lookout_recovery_actions_total{OF_TARGET})"}, unit="short", width=8, decimals=0, calcs=()),
    graph("Recovery: why not", "How often nothing was done, by the gate that said so.",
          {"{{gate}}": "sum by (gate) (lookout_recovery_refusals_total{OF_TARGET})"}, unit="short", width=8, decimals=0, calcs=()),
]
ANNOTATIONS = [
    annotation("Incidents", RED, "lookout_incident_active{OF_TARGET, drill='false'} == 1", "Incident: {{stage}}/{{cause}}", tags="severity,stage,cause"),
    annotation("Quiet", BLUE, "lookout_target_maintenance{OF_TARGET} == 1", "Maintenance or pause"),
]
DASHBOARD = dashboard("lookout-target", "Lookout / Target", "One target: its state, its checkpoints, where the time goes, why it failed and what recovery did.", "lookout",
                      VARIABLES, PANELS, ANNOTATIONS)
