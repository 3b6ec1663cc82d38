#include "exporter/drill/answers.h"

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "exporter/actions/json_at.h"
#include "exporter/config/retention.h"
#include "exporter/report/time_text.h"
#include "probes/core/fact.h"
#include "probes/core/text.h"
#include "probes/core/yaml.h"

namespace lookout {
namespace {

namespace json = boost::json;

constexpr std::string_view kStranger = "its answer is not the one of that API";
constexpr int kDeepestRoute = 50;
constexpr Duration kLongestPace = std::chrono::hours(24);
constexpr double kLatestTime = 9e9;  // Unix time, of the year 2255

std::string line(std::string_view text) { return one_line(text, 200); }

bool is_of_drill(const json::value& alert, std::string_view target) {
  return text_at(alert, "/labels/target") == target && text_at(alert, "/labels/drill") == "true";
}

// Prometheus prints durations as 1m, 30s, 1h30m, 5d; somebody else may print a thousand years.
Duration duration(const YamlNode& node, Duration otherwise) {
  const auto read = parse_long_duration(node.scalar());
  return read ? std::clamp<Duration>(read->value, Duration::zero(), kLongestPace) : otherwise;
}

Duration seconds_at(const json::value& value, std::string_view pointer) {
  const double seconds = real_at(value, pointer);
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

std::string join(const json::array& list) {
  std::string all;
  for (const json::value& each : list) all += (all.empty() ? "" : ", ") + line(text_at(each, ""));
  return all;
}

// A configuration, as text within an answer.
std::optional<YamlNode> yaml_at(std::string_view body, std::string_view pointer) {
  Problems ignored{std::string()};
  const json::value value = parsed_json(body);
  const std::string_view yaml = text_at(value, pointer);
  return yaml.empty() ? std::nullopt : parse_yaml(yaml, ignored);
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
  const json::value value = parsed_json(body);
  const json::array* alerts = list_at(value, "/data/alerts");
  if (alerts == nullptr) {
    seen.trouble = kStranger;
    return;
  }
  for (const json::value& alert : *alerts) {
    if (!is_of_drill(alert, target)) continue;
    const bool fires = text_at(alert, "/state") == "firing";
    if (!fires && seen.alert != PrometheusSeen::Alert::none) continue;
    seen.alert = fires ? PrometheusSeen::Alert::firing : PrometheusSeen::Alert::pending;
    seen.alertname = line(text_at(alert, "/labels/alertname"));
    if (fires) return;
  }
}

std::string series_query(std::string_view target) {
  return fmt::format("timestamp(lookout_incident_active{{{}}})", render_labels({{"target", target}}));
}

void read_prometheus_series(std::string_view body, WallTime now, PrometheusSeen& seen) {
  const json::value value = parsed_json(body);
  std::optional<double> pretended, real;
  for (const json::value& sample : items_at(value, "/data/result")) {
    const std::string_view word = text_at(sample, "/value/1");
    double when = 0;
    seen.job = line(text_at(sample, "/metric/job"));
    std::from_chars(word.data(), word.data() + word.size(), when);
    if (!(when >= 0 && when < kLatestTime)) continue;
    std::optional<double>& newest = text_at(sample, "/metric/drill") == "true" ? pretended : real;
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
  const json::value value = parsed_json(body);
  const json::array* active = list_at(value, "/data/activeAlertmanagers");
  if (active == nullptr) return;
  seen.alertmanagers.emplace();
  for (const json::value& each : *active)
    seen.alertmanagers->push_back(mask_url_password(line(text_at(each, "/url"))));
}

void read_prometheus_config(std::string_view body, std::string_view job, Pace& pace) {
  const std::optional<YamlNode> config = yaml_at(body, "/data/yaml");
  if (!config) return;
  const YamlNode global = config->at("global");
  pace.scrape = duration(global.at("scrape_interval"), pace.scrape);
  pace.evaluation = duration(global.at("evaluation_interval"), pace.evaluation);
  for (const YamlNode& each : config->at("scrape_configs").items()) {
    if (each.at("job_name").scalar() == job) pace.scrape = duration(each.at("scrape_interval"), pace.scrape);
  }
}

bool read_prometheus_rules(std::string_view body, Pace& pace) {
  const json::value value = parsed_json(body);
  bool found = false;
  for (const json::value& group : items_at(value, "/data/groups")) {
    for (const json::value& rule : items_at(group, "/rules")) {
      const bool about_drills = text_at(rule, "/query").find("drill=\"true\"") != std::string_view::npos ||
                                text_at(rule, "/labels/drill") == "true";
      if (!about_drills || text_at(rule, "/type") != "alerting") continue;
      found = true;
      pace.evaluation = std::max(pace.evaluation, seconds_at(group, "/interval"));
      pace.pending = std::max(pace.pending, seconds_at(rule, "/duration"));
      pace.keep_firing = std::max(pace.keep_firing, seconds_at(rule, "/keepFiringFor"));
    }
  }
  return found;
}

std::string alertmanager_filter(std::string_view target) {
  return fmt::format("filter={}&filter={}", percent_encoded(render_labels({{"target", target}})),
                     percent_encoded("drill=\"true\""));
}

void read_alertmanager_alerts(std::string_view body, std::string_view target, AlertmanagerSeen& seen) {
  const json::value value = parsed_json(body);
  const json::array* alerts = list_at(value, "");
  if (alerts == nullptr) {
    seen.trouble = kStranger;
    return;
  }
  for (const json::value& alert : *alerts) {
    if (!is_of_drill(alert, target)) continue;
    const std::string_view state = text_at(alert, "/status/state");
    const AlertmanagerSeen::Alert found = state == "active"       ? AlertmanagerSeen::Alert::active
                                          : state == "suppressed" ? AlertmanagerSeen::Alert::suppressed
                                                                  : AlertmanagerSeen::Alert::unprocessed;
    if (found <= seen.alert) continue;
    seen.alert = found;
    seen.receivers.clear();
    for (const json::value& receiver : items_at(alert, "/receivers"))
      seen.receivers.push_back(line(text_at(receiver, "/name")));
    const std::string silences = join(items_at(alert, "/status/silencedBy")),
                      inhibitors = join(items_at(alert, "/status/inhibitedBy"));
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
  const std::optional<YamlNode> config = yaml_at(body, "/config/original");
  if (!config) return;
  const YamlNode route = config->at("route");
  // Routes inherit; what the first does not say is Alertmanager's default.
  const Pace defaults;
  pace.group_wait = duration(route.at("group_wait"), defaults.group_wait);
  pace.group_interval = duration(route.at("group_interval"), defaults.group_interval);
  read_route(route, pace, 0);
}

}  // namespace lookout
