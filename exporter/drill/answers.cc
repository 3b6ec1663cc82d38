#include "exporter/drill/answers.h"

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "exporter/config/retention.h"
#include "exporter/report/time_text.h"
#include "probes/core/text.h"
#include "probes/core/yaml.h"

namespace lookout {
namespace {

namespace json = boost::json;

constexpr std::string_view kStranger = "its answer is not the one of that API";
constexpr int kDeepestRoute = 50;

json::value parsed(std::string_view body) {
  json::error_code error;
  json::value value = json::parse(body, error);
  return error ? json::value() : value;
}

const json::value& at(const json::value& value, std::string_view key) {
  static const json::value kNone;
  const json::object* object = value.if_object();
  const json::value* found = object != nullptr ? object->if_contains(key) : nullptr;
  return found != nullptr ? *found : kNone;
}

const json::array& items(const json::value& value) {
  static const json::array kNone;
  const json::array* array = value.if_array();
  return array != nullptr ? *array : kNone;
}

std::string text(const json::value& value) {
  const json::string* string = value.if_string();
  return string != nullptr ? one_line(std::string_view(*string), 200) : std::string();
}

double number(const json::value& value) { return value.is_number() ? value.to_number<double>() : 0; }

bool is_of_drill(const json::value& labels, std::string_view target) {
  const json::string* own = at(labels, "target").if_string();
  return own != nullptr && std::string_view(*own) == target && text(at(labels, "drill")) == "true";
}

std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

// Prometheus prints durations as 1m, 30s, 1h30m, 5d.
Duration duration(const YamlNode& node, Duration otherwise) {
  const auto read = parse_long_duration(node.scalar());
  return read ? read->value : otherwise;
}

Duration seconds_of(const json::value& value) {
  const double seconds = number(value);
  return seconds > 0 && seconds < 1e6
             ? std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds))
             : Duration::zero();
}

// The longest of all routes: which one the alert takes is not known.
void read_route(const YamlNode& route, Pace& pace, int depth) {
  if (depth > kDeepestRoute) return;
  pace.group_wait = std::max(pace.group_wait, duration(route.at("group_wait"), Duration::zero()));
  pace.group_interval = std::max(pace.group_interval, duration(route.at("group_interval"), Duration::zero()));
  for (const YamlNode& child : route.at("routes").items()) read_route(child, pace, depth + 1);
}

std::string join(const json::value& list) {
  std::string all;
  for (const json::value& each : items(list)) all += (all.empty() ? "" : ", ") + text(each);
  return all;
}

struct Sample {
  std::string_view name, labels;
  double value = 0;
};

std::optional<Sample> read_sample(std::string_view line) {
  const std::size_t brace = line.find('{'), end = line.rfind("} ");
  if (line.starts_with('#') || brace == std::string_view::npos || end == std::string_view::npos ||
      end < brace)
    return std::nullopt;
  Sample sample{line.substr(0, brace), line.substr(brace + 1, end - brace - 1)};
  const std::string_view value = line.substr(end + 2);
  const auto [read, error] = std::from_chars(value.data(), value.data() + value.size(), sample.value);
  return error == std::errc() ? std::optional(sample) : std::nullopt;
}

std::string label(std::string_view labels, std::string_view name) {
  const std::string key = fmt::format("{}=\"", name);
  const std::size_t at = labels.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = labels.substr(at + key.size());
  return std::string(rest.substr(0, rest.find('"')));
}

}  // namespace

void read_prometheus_alerts(std::string_view body, std::string_view target, PrometheusSeen& seen) {
  const json::value value = parsed(body);
  const json::value& alerts = at(at(value, "data"), "alerts");
  if (!alerts.is_array()) {
    seen.trouble = kStranger;
    return;
  }
  for (const json::value& alert : items(alerts)) {
    const json::value& labels = at(alert, "labels");
    if (!is_of_drill(labels, target)) continue;
    const bool fires = text(at(alert, "state")) == "firing";
    if (!fires && seen.alert != PrometheusSeen::Alert::none) continue;
    seen.alert = fires ? PrometheusSeen::Alert::firing : PrometheusSeen::Alert::pending;
    seen.alertname = text(at(labels, "alertname"));
    if (fires) return;
  }
}

std::string series_query(std::string_view target) {
  return fmt::format("timestamp(lookout_incident_active{{target={}}})", quoted(target));
}

void read_prometheus_series(std::string_view body, WallTime now, PrometheusSeen& seen) {
  const json::value value = parsed(body);
  std::optional<double> pretended, real;
  for (const json::value& sample : items(at(at(value, "data"), "result"))) {
    const json::array& pair = items(at(sample, "value"));
    const std::string word = pair.size() == 2 ? text(pair[1]) : std::string();
    double when = 0;
    seen.job = text(at(at(sample, "metric"), "job"));
    std::from_chars(word.data(), word.data() + word.size(), when);
    std::optional<double>& newest = text(at(at(sample, "metric"), "drill")) == "true" ? pretended : real;
    newest = std::max(newest.value_or(0), when);
  }
  if (!pretended && !real) {
    seen.missing =
        "Prometheus answers, but has no sample of lookout_incident_active with this target: does it scrape "
        "this Lookout?";
    return;
  }
  if (pretended) {
    seen.missing =
        "Prometheus has the series with drill=\"true\", but no alert with its labels target and drill: is "
        "there a rule for lookout_incident_active{drill=\"true\"} == 1?";
    return;
  }
  const std::chrono::duration<double> since_epoch = now.time_since_epoch();
  const Duration age = std::max<Duration>(
      std::chrono::duration_cast<Duration>(since_epoch - std::chrono::duration<double>(*real)),
      Duration::zero());
  seen.missing =
      fmt::format("Prometheus scrapes this Lookout, but has not seen the drill; the newest sample is {} old",
                  for_people(age));
}

void read_prometheus_alertmanagers(std::string_view body, PrometheusSeen& seen) {
  const json::value value = parsed(body);
  const json::value& active = at(at(value, "data"), "activeAlertmanagers");
  if (!active.is_array()) return;
  seen.alertmanagers.emplace();
  for (const json::value& each : items(active))
    seen.alertmanagers->push_back(mask_url_password(text(at(each, "url"))));
}

void read_prometheus_config(std::string_view body, std::string_view job, Pace& pace) {
  const json::value value = parsed(body);
  const json::string* yaml = at(at(value, "data"), "yaml").if_string();
  if (yaml == nullptr) return;
  Problems ignored{std::string()};
  const std::optional<YamlNode> config = parse_yaml(std::string_view(*yaml), ignored);
  if (!config) return;
  const YamlNode global = config->at("global");
  pace.scrape = duration(global.at("scrape_interval"), pace.scrape);
  pace.evaluation = duration(global.at("evaluation_interval"), pace.evaluation);
  for (const YamlNode& each : config->at("scrape_configs").items()) {
    if (each.at("job_name").scalar() == job) pace.scrape = duration(each.at("scrape_interval"), pace.scrape);
  }
}

bool read_prometheus_rules(std::string_view body, Pace& pace) {
  const json::value value = parsed(body);
  bool found = false;
  for (const json::value& group : items(at(at(value, "data"), "groups"))) {
    for (const json::value& rule : items(at(group, "rules"))) {
      const json::string* query = at(rule, "query").if_string();
      const bool about_drills = (query != nullptr && query->find("drill=\"true\"") != json::string::npos) ||
                                text(at(at(rule, "labels"), "drill")) == "true";
      if (!about_drills || text(at(rule, "type")) != "alerting") continue;
      found = true;
      pace.evaluation = std::max(pace.evaluation, seconds_of(at(group, "interval")));
      pace.pending = std::max(pace.pending, seconds_of(at(rule, "duration")));
      pace.keep_firing = std::max(pace.keep_firing, seconds_of(at(rule, "keepFiringFor")));
    }
  }
  return found;
}

std::string alertmanager_filter(std::string_view target) {
  return fmt::format("filter={}&filter={}", percent_encoded(fmt::format("target={}", quoted(target))),
                     percent_encoded("drill=\"true\""));
}

void read_alertmanager_alerts(std::string_view body, std::string_view target, AlertmanagerSeen& seen) {
  const json::value value = parsed(body);
  if (!value.is_array()) {
    seen.trouble = kStranger;
    return;
  }
  for (const json::value& alert : items(value)) {
    if (!is_of_drill(at(alert, "labels"), target)) continue;
    const json::value& status = at(alert, "status");
    const std::string state = text(at(status, "state"));
    const AlertmanagerSeen::Alert found = state == "active"       ? AlertmanagerSeen::Alert::active
                                          : state == "suppressed" ? AlertmanagerSeen::Alert::suppressed
                                                                  : AlertmanagerSeen::Alert::unprocessed;
    if (found <= seen.alert) continue;
    seen.alert = found;
    seen.receivers.clear();
    for (const json::value& receiver : items(at(alert, "receivers")))
      seen.receivers.push_back(text(at(receiver, "name")));
    const std::string silences = join(at(status, "silencedBy")), inhibitors = join(at(status, "inhibitedBy"));
    seen.suppressed_by = !silences.empty()     ? "silenced by " + silences
                         : !inhibitors.empty() ? "inhibited by " + inhibitors
                                               : "muted";
  }
}

void read_alertmanager_metrics(std::string_view body, AlertmanagerSeen& seen) {
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    const std::optional<Sample> sample = read_sample(body.substr(0, end));
    body.remove_prefix(std::min(end + 1, body.size()));
    if (!sample) continue;
    // The requests, not the notifications: those count what is still being tried as sent.
    const bool sent = sample->name == "alertmanager_notification_requests_total";
    const bool failed = sample->name == "alertmanager_notification_requests_failed_total";
    if (!sent && !failed) continue;
    Notifications& counts = seen.notifications[label(sample->labels, "integration")];
    (sent ? counts.sent : counts.failed) += sample->value;
  }
}

void read_alertmanager_status(std::string_view body, Pace& pace) {
  const json::value value = parsed(body);
  const json::string* yaml = at(at(value, "config"), "original").if_string();
  if (yaml == nullptr) return;
  Problems ignored{std::string()};
  const std::optional<YamlNode> config = parse_yaml(std::string_view(*yaml), ignored);
  if (!config) return;
  const YamlNode route = config->at("route");
  // Routes inherit; what the first does not say is Alertmanager's default.
  const Pace defaults;
  pace.group_wait = duration(route.at("group_wait"), defaults.group_wait);
  pace.group_interval = duration(route.at("group_interval"), defaults.group_interval);
  read_route(route, pace, 0);
}

}  // namespace lookout
