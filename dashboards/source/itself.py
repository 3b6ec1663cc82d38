"""Lookout itself: whether it keeps time, keeps its journal and has what it needs."""
from source.parts import BAD_FROM_1, GREEN, GREY, ORANGE, RED, WATCH_FROM_1, annotation, colours, dashboard, graph, query_variable, row, stat, status_page_variable

VARIABLES = [query_variable("job", "lookout_build_info"), query_variable("instance", 'lookout_build_info{job=~"$job"}'), status_page_variable()]
LAG = "histogram_quantile(%s, sum by (instance, le) (rate(lookout_scheduler_lag_seconds_bucket{OF_INSTANCE}[$__rate_interval])))"
YES_BAD = {"0": ("No", GREEN), "1": ("Yes", RED)}

PANELS = [
    row("Health"),
    stat("Scraped", "Whether Prometheus reaches all of the selected instances.", "min(up{OF_INSTANCE})", unit="none", words={"0": ("No", RED), "1": ("Yes", GREEN)}, width=3),
    stat("Configuration", "Whether the newest attempt to load it succeeded everywhere.", "min(lookout_config_last_reload_successful{OF_INSTANCE})", unit="none",
         words={"0": ("Refused", RED), "1": ("Loaded", GREEN)}, width=3),
    stat("Loaded", "Since a configuration was last loaded.", "time() - min(lookout_config_last_reload_success_timestamp_seconds{OF_INSTANCE})", unit="dtdurations", decimals=0, width=3),
    stat("Runs for", "Since the youngest of the selected instances started.", "time() - max(process_start_time_seconds{OF_INSTANCE})", unit="dtdurations", decimals=0, width=3),
    stat("Distrusts itself", "Whether an instance takes what it sees for its own fault, and so judges nothing.", "max(lookout_isolated{OF_INSTANCE})", unit="none",
         words=YES_BAD, width=3),
    stat("Journal errors", "Attempts to read or write the journal that failed in the selected time. What waits to be written is kept and tried again.",
         "round(sum(increase(lookout_journal_errors_total{OF_INSTANCE}[$__range])))", steps=BAD_FROM_1, width=3),
    stat("Missed probes", "Probes that were not started when they fell due in the selected time.", "round(sum(increase(lookout_probes_missed_total{OF_INSTANCE}[$__range])))",
         steps=WATCH_FROM_1, width=3),
    stat("Version", "The versions that run.", "count by (version) (lookout_build_info{OF_INSTANCE})", unit="none", legend="{{version}}", text="name", width=3),
    row("Probing"),
    graph("Probes by verdict", "Probes that ended, a second. Inconclusive ones failed for reasons on Lookout's own side and moved no state.",
          {"{{verdict}}": "sum by (verdict) (rate(lookout_probes_total{OF_INSTANCE}[$__rate_interval]))"}, unit="cps", stacked=True, width=8,
          overrides=colours({"up": GREEN, "down": RED, "inconclusive": GREY})),
    graph("Start lag", "How long after its due time a probe started. Steady lag means that the machine is too small for the targets.",
          {"{{instance}} 50 %": LAG % "0.5", "{{instance}} 99 %": LAG % "0.99"}, width=8),
    graph("Probes in flight and missed", "Probes under way, and probes not started in time, a second.",
          {"{{instance}} in flight": "sum by (instance) (lookout_probes_in_flight{OF_INSTANCE})",
           "{{instance}} missed": "sum by (instance) (rate(lookout_probes_missed_total{OF_INSTANCE}[$__rate_interval]))"}, unit="short", width=8),
    graph("Own faults", "Probes that ended without a verdict, a second, by target: no descriptors, no route from here, a secret that cannot be read, a loop that stalled.",
          {"{{target}}": 'sum by (target) (rate(lookout_probe_failures_total{OF_INSTANCE, cause="internal"}[$__rate_interval])) > 0'}, unit="cps"),
    graph("Journal errors", "Attempts to read or write the journal that failed, a second.",
          {"{{instance}}": "sum by (instance) (rate(lookout_journal_errors_total{OF_INSTANCE}[$__rate_interval]))"}, unit="cps",
          overrides=colours({})),
    row("Its server"),
    graph("Requests", "Requests that its HTTP server answered, a second, by status.",
          {"{{code}}": "sum by (code) (rate(lookout_http_requests_total{OF_INSTANCE}[$__rate_interval]))"}, unit="reqps", stacked=True, width=8),
    graph("Connections", "Connections that are open, and those that were turned away, a second.",
          {"{{instance}} open": "sum by (instance) (lookout_http_connections{OF_INSTANCE})",
           "{{instance}} refused": "sum by (instance) (rate(lookout_http_connections_refused_total{OF_INSTANCE}[$__rate_interval]))"}, unit="short", width=8),
    graph("Scrape", "How long Prometheus took to read /metrics.", {"{{instance}}": "max by (instance) (scrape_duration_seconds{OF_INSTANCE})"}, width=8),
    row("The process"),
    graph("Processor", "Time used, 100 % being one core.", {"{{instance}}": "sum by (instance) (rate(process_cpu_seconds_total{OF_INSTANCE}[$__rate_interval]))"},
          unit="percentunit", width=8),
    graph("Memory", "Resident memory.", {"{{instance}}": "sum by (instance) (process_resident_memory_bytes{OF_INSTANCE})"}, unit="bytes", width=8),
    graph("Descriptors", "Open file descriptors, as a share of those that it may open. Without any left, probes are inconclusive.",
          {"{{instance}}": "max by (instance) (process_open_fds{OF_INSTANCE} / process_max_fds{OF_INSTANCE})"}, unit="percentunit", width=8,
          steps=[(None, "transparent"), (0.8, RED)]),
    graph("Network", "Bytes a second in and out, of its network namespace: of the whole host where it has none of its own.",
          {"{{instance}} in": "sum by (instance) (rate(process_network_receive_bytes_total{OF_INSTANCE}[$__rate_interval]))",
           "{{instance}} out": "sum by (instance) (rate(process_network_transmit_bytes_total{OF_INSTANCE}[$__rate_interval]))"}, unit="Bps"),
    graph("Threads", "The main loop, the probing loops, the journal and actions.", {"{{instance}}": "max by (instance) (process_threads{OF_INSTANCE})"}, unit="short", decimals=0),
]
ANNOTATIONS = [
    annotation("Restarts", ORANGE, "changes(process_start_time_seconds{OF_INSTANCE}[$__rate_interval]) > 0", "{{instance}} restarted", tags="instance"),
    annotation("Reloads", "blue", "changes(lookout_config_last_reload_success_timestamp_seconds{OF_INSTANCE}[$__rate_interval]) > 0", "{{instance}} loaded a configuration",
               tags="instance"),
]
DASHBOARD = dashboard("lookout-itself", "Lookout / Itself", "Whether Lookout keeps time, keeps its journal, and has what it needs.", "lookout", VARIABLES, PANELS, ANNOTATIONS)
