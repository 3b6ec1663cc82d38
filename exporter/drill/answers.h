// What Prometheus's and Alertmanager's answers say of a drill's alert: the one with the labels target and
// drill="true". Pure. What cannot be read becomes `trouble`.
#pragma once

#include <string>
#include <string_view>

#include "exporter/drill/seen.h"

namespace lookout {

// /api/v1/alerts
void read_prometheus_alerts(std::string_view body, std::string_view target, PrometheusSeen& seen);
// /api/v1/query of series_query(): which series of Lookout it has, and how old their samples are.
void read_prometheus_series(std::string_view body, WallTime now, PrometheusSeen& seen);
std::string series_query(std::string_view target);
// /api/v1/alertmanagers
void read_prometheus_alertmanagers(std::string_view body, PrometheusSeen& seen);
// /api/v1/status/config; `job`: of those series.
void read_prometheus_config(std::string_view body, std::string_view job, Pace& pace);
// /api/v1/rules: of the rules about drills. False: there is none.
bool read_prometheus_rules(std::string_view body, Pace& pace);

// /api/v2/alerts with alertmanager_filter()
void read_alertmanager_alerts(std::string_view body, std::string_view target, AlertmanagerSeen& seen);
std::string alertmanager_filter(std::string_view target);
// /metrics
void read_alertmanager_metrics(std::string_view body, AlertmanagerSeen& seen);
// /api/v2/status
void read_alertmanager_status(std::string_view body, Pace& pace);

}  // namespace lookout
