"""Objectives: the share of conclusive probes that succeeded, what is left of the budget for those that did not, how fast it burns."""
from source.parts import GREEN, OF_ROW, OF_SERIES, ORANGE, RED, choice_variable, coloured, dashboard, graph, query_variable, row, stat, status_page_variable, table

OBJECTIVES = {"0.99": "99 %", "0.995": "99.5 %", "0.999": "99.9 %", "0.9995": "99.95 %", "0.9999": "99.99 %"}
BOUNDS = {bound: f"{bound} s" for bound in ("0.05", "0.1", "0.25", "0.5", "1", "2.5", "5")}
VARIABLES = [
    query_variable("job", "lookout_build_info"),
    query_variable("instance", 'lookout_build_info{job=~"$job"}'),
    query_variable("target", "lookout_target_state{OF_INSTANCE}"),
    choice_variable("objective", "Objective", OBJECTIVES, "0.999"),
    choice_variable("quick", "Quick is", BOUNDS, "0.5"),
    status_page_variable(),
]


def errors(span, by=""):
    """Share of the conclusive probes that were down: of all, or `by (target)`."""
    down, all_of_them = (f'sum {by}(increase(lookout_probes_total{{OF_TARGETS, verdict=~"{verdicts}"}}[{span}]))' for verdicts in ("down", "up|down"))
    return f"({down} / ({all_of_them} > 0))"


def quick(span, by=""):
    some = f'sum {by}(increase(lookout_probe_latency_seconds_bucket{{OF_TARGETS, le=~"$quick([.]0)?"}}[{span}]))'
    return f"({some} / (sum {by}(increase(lookout_probe_latency_seconds_count{{OF_TARGETS}}[{span}])) > 0))"


def burn(span, by=""):
    return f"{errors(span, by)} / (1 - $objective)"


BY_TARGET = "by (target) "
LEFT = [(None, RED), (0, ORANGE), (0.25, GREEN)]
# A 30 days' budget is gone in two days at 14.4, in five at 6 and just in time at 1: the usual pages and tickets.
BURN = [(None, GREEN), (1, ORANGE), (6, RED)]
PANELS = [
    row("The selected time"),
    stat("Availability", "Conclusive probes that succeeded, of all checkpoints. Inconclusive ones do not count, neither do thresholds.",
         f"1 - {errors('$__range')}", unit="percentunit", decimals=3),
    stat("Error budget left", "What is left of the share of probes that may fail in the selected time. Below zero the objective is missed.",
         f"1 - {burn('$__range')}", unit="percentunit", steps=LEFT, background=True, decimals=1),
    stat("Probes that may still fail", "In as many probes as there were in the selected time.",
         "floor((1 - $objective) * sum(increase(lookout_probes_total{OF_TARGETS, verdict=~\"up|down\"}[$__range])) "
         "- sum(increase(lookout_probes_total{OF_TARGETS, verdict=\"down\"}[$__range])))", steps=[(None, RED), (0, GREEN)], decimals=0),
    stat("Burning now", "How many times faster than it lasts the budget is used, over 5 minutes.", burn("5m"), unit="short", steps=BURN, decimals=1),
    stat("Burning for an hour", "The same over an hour. From 14.4 on a month's budget is gone within two days.", burn("1h"), unit="short", steps=BURN, decimals=1),
    stat("Quick probes", "Probes that took no longer than what the variable says is quick, failed ones included.", quick("$__range"), unit="percentunit", decimals=2),
    row("Over time"),
    graph("Error budget left", "Of the selected time before each moment. Choose 30 days to see a month's budget. Below -100 % the graph ends: the budget has been used twice.", {"left": f"1 - {burn('$__range')}"}, unit="percentunit",
          steps=[(None, RED), (0, GREEN)], min=-1, max=1, calcs=()),
    graph("Burn rate", "How many times faster than it lasts the budget is used, over windows as alerts use them: 14.4 over an hour is a page, 1 over three days a ticket.",
          {"5 min": burn("5m"), "1 h": burn("1h"), "6 h": burn("6h"), "3 d": burn("3d")}, unit="short", steps=[(None, "transparent"), (1, ORANGE), (14.4, RED)]),
    graph("Failed probes", "Share of the conclusive probes that failed, by target.", {"{{target}}": errors("$__rate_interval", BY_TARGET)}, unit="percentunit", max=1,
          links=OF_SERIES),
    graph("Quick probes", "Share of the probes that took no longer than what the variable says is quick.", {"{{target}}": quick("$__rate_interval", BY_TARGET)},
          unit="percentunit", max=1, links=OF_SERIES, calcs=("mean", "min")),
    row("By target"),
    table("Objectives by target", "Who has used the budget. All targets are held to the objective that the variable says.", [
        ("Availability", f"1 - {errors('$__range', BY_TARGET)}", {"unit": "percentunit", "decimals": 3}),
        ("Budget left", f"1 - {burn('$__range', BY_TARGET)}", coloured(steps=LEFT, unit="percentunit", decimals=1)),
        ("Burning for an hour", burn("1h", BY_TARGET), coloured(steps=BURN, decimals=1, custom__cellOptions={"type": "color-text"})),
        ("Failed probes", 'round(sum by (target) (increase(lookout_probes_total{OF_TARGETS, verdict="down"}[$__range])))', {"decimals": 0}),
        ("Inconclusive, not counted", 'round(sum by (target) (increase(lookout_probes_total{OF_TARGETS, verdict="inconclusive"}[$__range])))', {"decimals": 0}),
        ("Quick", quick("$__range", BY_TARGET), {"unit": "percentunit", "decimals": 2}),
    ], {"target": "Target"}, links_on="Target", links=OF_ROW, sort="Budget left", height=10),
]
DASHBOARD = dashboard("lookout-slo", "Lookout / Objectives", "Availability by probes, the error budget that is left, and how fast it burns. The selected time is the time of the objective.",
                      "lookout", VARIABLES, PANELS, time="now-30d", refresh="1m")
