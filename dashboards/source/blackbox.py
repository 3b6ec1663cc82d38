"""For what is probed through /probe, by Lookout or blackbox_exporter alike: nothing here asks for more than both have."""
from source.parts import (BAD_FROM_1, DAYS_LEFT, GREEN, RED, SHARE_OF_TIME, SUCCESS, coloured, dashboard, graph, override, query_variable, row, stat, table,
                          timeline)

PROBED = "/d/blackbox-instance?var-instance={name}&${{datasource:queryparam}}&${{job:queryparam}}&${{__url_time_range}}"
OF_ROW = [{"title": "Dashboard of the instance", "url": PROBED.format(name="${__data.fields.Instance:percentencode}"), "targetBlank": False}]
OF_SERIES = [{"title": "Dashboard of the instance", "url": PROBED.format(name="${__field.labels.instance:percentencode}"), "targetBlank": False}]
JOB = query_variable("job", "probe_success")
INSTANCE = 'probe_success{job=~"$job"}'
BY = "by (job, instance, target) "
TEXT = {"custom__cellOptions": {"type": "color-text"}}

OVERVIEW = [
    row("At a glance"),
    stat("Probed", "Instances that are probed.", "count(probe_success{OF_INSTANCE})"),
    stat("Failing", "Instances whose newest probe failed.", "sum(1 - probe_success{OF_INSTANCE})", steps=BAD_FROM_1, background=True),
    stat("Success", "Probes that succeeded in the selected time, on average over the instances.", "avg(avg_over_time(probe_success{OF_INSTANCE}[$__range]))",
         unit="percentunit", steps=SHARE_OF_TIME, decimals=3),
    stat("Mean duration", "Of the newest probes.", "avg(probe_duration_seconds{OF_INSTANCE})", unit="s"),
    stat("With TLS", "Share of the HTTP probes that ended on https.", "avg(probe_http_ssl{OF_INSTANCE})", unit="percentunit", decimals=0),
    stat("Next certificate", "Until the first certificate expires.", "min(probe_ssl_earliest_cert_expiry{OF_INSTANCE}) - time()", unit="dtdurations", steps=DAYS_LEFT, decimals=1),
    timeline("Probes", "Whether the newest probe of each instance succeeded. Gaps: Prometheus did not reach the exporter.",
             {"{{instance}} {{target}} ({{job}})": f"min {BY}(probe_success{{OF_INSTANCE}})"}, SUCCESS, links=OF_SERIES),
    table("Instances", "The newest probe of each. A click on an instance leads to its dashboard.", [
        ("Status", f"min {BY}(probe_success{{OF_INSTANCE}})", coloured(SUCCESS)),
        ("Success", f"avg {BY}(avg_over_time(probe_success{{OF_INSTANCE}}[$__range]))", coloured(steps=SHARE_OF_TIME, unit="percentunit", decimals=2, **TEXT)),
        ("Duration", f"max {BY}(probe_duration_seconds{{OF_INSTANCE}})", {"unit": "s"}),
        ("Name lookup", f"max {BY}(probe_dns_lookup_time_seconds{{OF_INSTANCE}})", {"unit": "s"}),
        ("HTTP status", f"max {BY}(probe_http_status_code{{OF_INSTANCE}})", {"unit": "none"}),
        ("", "max by (job, instance, target, version) (probe_tls_version_info{OF_INSTANCE})", {}),
        ("Certificate", f"min {BY}(probe_ssl_earliest_cert_expiry{{OF_INSTANCE}}) - time()", coloured(steps=DAYS_LEFT, unit="dtdurations", decimals=1, **TEXT)),
    ], {"instance": "Instance", "target": "Target", "job": "Job", "version": "TLS version"}, links_on="Instance", links=OF_ROW, sort="Status", height=9),
    row("Over time"),
    graph("Success", "Share of the probes that succeeded, by job.", {"{{job}}": "avg by (job) (avg_over_time(probe_success{OF_INSTANCE}[$__rate_interval]))"},
          unit="percentunit", max=1, calcs=("mean", "min")),
    graph("Slowest instances", "The ten whose newest probes took longest.", {"{{instance}} {{target}} ({{job}})": f"topk(10, max {BY}(probe_duration_seconds{{OF_INSTANCE}}))"}, links=OF_SERIES),
    graph("HTTP probes by phase", "How long each phase took, on average over the instances.", {"{{phase}}": "avg by (phase) (probe_http_duration_seconds{OF_INSTANCE})"}, stacked=True),
    graph("Certificates", "Until they expire, the ten that are nearest.",
          {"{{instance}} {{target}} ({{job}})": f"bottomk(10, min {BY}(probe_ssl_earliest_cert_expiry{{OF_INSTANCE}}) - time()) / 86400"}, unit="d",
          steps=[(None, RED), (7, "orange"), (30, GREEN)], calcs=("lastNotNull",),
          links=OF_SERIES),
]
PHASES = " or ".join(f"probe_{kind}_duration_seconds{{OF_PROBE}}" for kind in ("http", "dns", "icmp", "grpc"))
ONE = [
    row("$instance"),
    stat("Status", "Whether the newest probe succeeded.", "min(probe_success{OF_PROBE})", unit="none", words=SUCCESS, background=True, width=3),
    stat("Success", "Probes that succeeded in the selected time.", "avg(avg_over_time(probe_success{OF_PROBE}[$__range]))", unit="percentunit", steps=SHARE_OF_TIME,
         decimals=3, width=3),
    stat("HTTP status", "The last answer's, after redirects.", "max(probe_http_status_code{OF_PROBE})", unit="none", width=3,
         steps=[(None, RED), (200, GREEN), (300, "orange"), (400, RED)]),
    stat("HTTP version", "What was spoken.", "max(probe_http_version{OF_PROBE})", unit="none", decimals=1, width=3),
    stat("Redirects", "How many were followed.", "max(probe_http_redirects{OF_PROBE})", unit="none", width=3),
    stat("TLS version", "What was negotiated.", "max by (version) (probe_tls_version_info{OF_PROBE})", unit="none", legend="{{version}}", text="name", width=3),
    stat("Certificate", "Until the first certificate of the chain expires.", "min(probe_ssl_earliest_cert_expiry{OF_PROBE}) - time()", unit="dtdurations", steps=DAYS_LEFT,
         decimals=1, width=3),
    stat("Mean duration", "In the selected time.", "avg(avg_over_time(probe_duration_seconds{OF_PROBE}[$__range]))", unit="s", width=3),
    timeline("Probes", "Whether the newest probe succeeded.", {"{{job}}": "min by (job) (probe_success{OF_PROBE})"}, SUCCESS, height=5),
    graph("Phases", "How long each phase took; the line is the whole probe. Probes of tcp have no phases.",
          {"{{phase}}": f"avg by (phase) ({PHASES})", "whole probe": "avg(probe_duration_seconds{OF_PROBE})"}, stacked=True,
          overrides=[override("byName", "whole probe", custom__stacking={"group": "B", "mode": "none"}, custom__fillOpacity=0, custom__lineWidth=2,
                              color={"mode": "fixed", "fixedColor": "text"})]),
    graph("Name lookup", "How long it took to find the address.", {"{{instance}}": "max by (instance) (probe_dns_lookup_time_seconds{OF_PROBE})"}),
    graph("Size of the answer", "What the body came to, without compression where the module asks for one.",
          {"length": "max(probe_http_uncompressed_body_length{OF_PROBE})"}, unit="bytes"),
    table("Why it failed", "How far the newest probe came, and why it failed. Only Lookout tells; empty while probes succeed.", [
        ("", "max by (job, stage, cause) (probe_failure_info{OF_PROBE})", {}),
    ], {"job": "Job", "stage": "Stage", "cause": "Cause"}, width=12, height=8),
]
DASHBOARDS = [
    dashboard("blackbox-overview", "Probes / Overview", "Everything that is probed through /probe, by Lookout or by blackbox_exporter.", "blackbox",
              [JOB, query_variable("instance", INSTANCE)], OVERVIEW),
    dashboard("blackbox-instance", "Probes / Instance", "One instance that is probed through /probe, by Lookout or by blackbox_exporter.", "blackbox",
              [JOB, query_variable("instance", INSTANCE, one=True)], ONE),
]
