#include "exporter/drill/look.h"

#include <fmt/format.h>

#include "exporter/actions/http_call.h"
#include "exporter/drill/answers.h"
#include "probes/core/race.h"
#include "probes/core/text.h"
#include "probes/net/http_authorization.h"
#include "probes/net/http_transfers.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

constexpr Duration kPatience = std::chrono::seconds(3);
constexpr std::uint64_t kLongestAnswer = 4 * 1024 * 1024;

struct Answered {
  std::string trouble;  // empty: status 200
  std::string body;
};

Task<Attempt<HttpResponse>> get_over(ProbeRun& run, const HttpUrl& url, const std::string& protocol) {
  NetworkOptions options;
  options.preferred_ip_protocol = protocol;
  const TlsConfig tls;
  const ProxyConfig proxy;
  HttpCall call{url, url.host, {}};
  call.request.body_limit = kLongestAnswer;
  if (auto authorization = userinfo_authorization(url))
    call.request.headers.push_back({"Authorization", *std::move(authorization)});
  bool sent = false;
  co_return co_await call_http(run, {options, tls, proxy, {"http/1.1"}}, std::move(call), sent);
}

// A name may have an IPv6 address that is of no use from here.
Task<Attempt<HttpResponse>> get_once(ProbeRun& run, const HttpUrl& url) {
  Attempt<HttpResponse> response = co_await get_over(run, url, {});
  if (response || response.error().stage != Stage::connect) co_return response;
  co_return co_await get_over(run, url, "ip4");
}

Task<Answered> get(std::string url, ProbeServices& services) {
  const std::optional<HttpUrl> parsed = parse_url(url);
  if (!parsed) co_return Answered{"its URL is none", {}};
  const SteadyTime start = std::chrono::steady_clock::now();
  ProbeRun run(services, start, start + kPatience);
  const auto asked = [](ProbeRun& of, HttpUrl at) -> Task<std::optional<Attempt<HttpResponse>>> {
    co_return co_await get_once(of, at);
  };
  Raced<std::optional<Attempt<HttpResponse>>> raced = co_await race(asked(run, *parsed), run.deadline);
  if (raced.first != First::work) co_return Answered{"no answer in time", {}};
  if (raced.exception) co_return Answered{reason(raced.exception), {}};
  const Attempt<HttpResponse>& response = *raced.result;
  if (!response) {
    const Failure& failure = response.error();
    co_return Answered{fmt::format("{} ({})", sentence(failure.cause), key(failure)), {}};
  }
  if (response->status != 200) co_return Answered{fmt::format("HTTP status {}", response->status), {}};
  co_return Answered{{}, response->body};
}

Task<> look_at_prometheus(const LookWhere& where, ProbeServices& services, AlertSeen& all) {
  PrometheusSeen& seen = all.prometheus.emplace();
  const std::string api = where.prometheus_url + "/api/v1/";
  const Answered alerts = co_await get(api + "alerts", services);
  seen.trouble = alerts.trouble;
  if (seen.trouble.empty()) read_prometheus_alerts(alerts.body, where.target, seen);
  if (!seen.trouble.empty()) co_return;
  if (seen.alert == PrometheusSeen::Alert::none) {
    const Answered series =
        co_await get(api + "query?query=" + percent_encoded(series_query(where.target)), services);
    if (series.trouble.empty()) read_prometheus_series(series.body, std::chrono::system_clock::now(), seen);
  }
  if (!where.alertmanager_url.empty()) {
    const Answered to = co_await get(api + "alertmanagers", services);
    if (to.trouble.empty()) read_prometheus_alertmanagers(to.body, seen);
  }
  if (!where.asks_pace) co_return;
  if (!all.pace) all.pace.emplace();
  const Answered config = co_await get(api + "status/config", services);
  if (config.trouble.empty()) read_prometheus_config(config.body, seen.job, *all.pace);
  const Answered rules = co_await get(api + "rules?type=alert", services);
  if (rules.trouble.empty()) read_prometheus_rules(rules.body, *all.pace);
}

Task<> look_at_alertmanager(const LookWhere& where, ProbeServices& services, AlertSeen& all) {
  AlertmanagerSeen& seen = all.alertmanager.emplace();
  const Answered alerts = co_await get(
      fmt::format("{}/api/v2/alerts?{}", where.alertmanager_url, alertmanager_filter(where.target)),
      services);
  seen.trouble = alerts.trouble;
  if (seen.trouble.empty()) read_alertmanager_alerts(alerts.body, where.target, seen);
  if (!seen.trouble.empty()) co_return;
  const Answered metrics = co_await get(where.alertmanager_url + "/metrics", services);
  seen.trouble = metrics.trouble;
  if (!seen.trouble.empty()) co_return;
  read_alertmanager_metrics(metrics.body, seen);
  if (!where.asks_pace) co_return;
  if (!all.pace) all.pace.emplace();
  const Answered status = co_await get(where.alertmanager_url + "/api/v2/status", services);
  if (status.trouble.empty()) read_alertmanager_status(status.body, *all.pace);
}

}  // namespace

Task<AlertSeen> look(LookWhere where, ProbeServices& services) {
  AlertSeen seen;
  if (!where.prometheus_url.empty()) co_await look_at_prometheus(where, services, seen);
  if (!where.alertmanager_url.empty()) co_await look_at_alertmanager(where, services, seen);
  co_return seen;
}

}  // namespace lookout
